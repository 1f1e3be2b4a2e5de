// Package census takes stock of the namespaces of a system: which there are,
// which processes are in them, what else keeps them alive, and how they relate.
//
// [Take] reads /proc once and returns a [Snapshot], a plain value: nothing in it
// changes later, nothing is cached, and two snapshots can be compared with [Diff].
// It reads only what its [Options] ask for; [Want] says what that costs.
//
// Nothing here waits for a file system. What is opened is known to be a namespace
// before: somebody can have mounted a file system over it that never answers.
//
// A system does not hold still while it is read. A process that ends is left
// out, or known by as much as was read; /proc/PID that is not the caller's to
// read (proc(5), hidepid=) is left out as well. None of this is an error. A PID
// that is given to another process between Take and [Snapshot.Details] is noticed.
//
// # By container
//
// A Snapshot knows no containers: package containers says which one a process is
// in. [Details.Cgroup] of a member of a namespace leads by containers.FromCgroup to
// runtime and identifier; containers.NewIndex also knows names, and processes that
// no control group tells of. The other way round, the PID of containers.Find leads
// to the namespaces of a container: [Snapshot.Process].
//
// # When not to use it
//
// To ask about one process, read the links in /proc/PID/ns. To enter or pin a
// namespace keep a handle ([Snapshot.Open], package ns): an inode number is reused
// once its namespace is gone, and only [Namespace.ID] is not.
//
// It is for Linux; elsewhere Take fails with [errors.ErrUnsupported].
package census

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/nskit/nskit/pkg/ns"
)

// Options say what [Take] reads. The zero value is the processes of /proc and all
// their namespaces: eight readlinkat(2) a process.
type Options struct {
	// Proc is the directory to read, "" for /proc.
	Proc string
	// Kinds are the kinds of namespace to look for; none stands for all.
	Kinds ns.Set
	Want  Want
	// Workers is how many threads read at once; 0 for as many as there are CPUs.
	Workers int
}

// Want says what [Take] reads besides the processes and their namespaces.
type Want uint16

const (
	// Descriptors finds namespaces that open descriptors hold, whatever path they were
	// opened by and whether it still exists: one statx(2) for each descriptor of
	// each process, or where the kernel knows network file systems readlinkat(2), and
	// for those with a path three calls more.
	Descriptors Want = 1 << iota
	// Sockets finds network namespaces that open sockets and /dev/net/tun hold: it needs
	// Descriptors, pidfd_getfd(2) (Linux 5.6) and CAP_SYS_PTRACE and CAP_NET_ADMIN
	// over what it finds. Six calls for each socket that was not seen before.
	Sockets
	// Mounts finds namespaces that are bound in the caller's mount namespace, by its
	// mount table.
	Mounts
	// AllMounts finds the ones that are bound in any mount namespace in reach: one
	// that a process is in, or that a descriptor leads to (Linux 6.11).
	AllMounts
	// ForChildren finds the namespaces that processes keep for their children: two
	// readlinkat(2) a process.
	ForChildren
	// Listed finds the namespaces that the kernel lists, whatever keeps them alive:
	// listns(2) (Linux 6.19) and four calls for each. An unprivileged user is told of
	// those that are his. It does nothing where Proc is not the caller's.
	Listed
	// Threads finds the namespaces that single threads are in, and what they hold
	// besides: a call for each process, and five for each thread of those that have
	// several.
	Threads
	// Relations fills in Parent, Owner, OwnerUID and ID, adds the namespaces that
	// live by those below them or by what they own, and the holders that this
	// implies. It opens each namespace: five calls for each and more. What cannot be
	// opened stays as it is; a kernel without ioctl_nsfs(2), before Linux 4.11, is
	// [errors.ErrUnsupported].
	Relations
	// NetIDs fills in NetID: it opens each network namespace.
	NetIDs
)

// Snapshot is what [Take] saw.
type Snapshot struct {
	// Proc is the directory that was read.
	Proc string
	// Self is the caller's own PID in it, 0 when it does not show the caller.
	Self int
	// Processes are in the order of their PIDs; without threads.
	Processes []Process
	// Namespaces are in the order of their inodes.
	Namespaces []Namespace
	// Unreadable is how many processes there were whose namespaces the caller may not see.
	Unreadable int

	taken taken
}

// Process is a process and its namespaces.
type Process struct {
	// PID is the process's number as the mount of /proc that was read has it.
	PID int
	// Namespaces are inodes, 0 where the namespace is not known: its kind was
	// not asked for, or the process is a zombie or somebody else's. Processes
	// that are in the same ones share them.
	Namespaces *[ns.KindCount]Inode
	// Threads is how many threads it has, 0 where that was not asked for or is
	// not known.
	Threads int
}

// Inode is the number of a namespace, unique as long as the namespace exists.
// The kernel has 32 bits for it: include/linux/ns_common.h.
type Inode = uint32

// Namespace is one namespace.
type Namespace struct {
	// Inode is the number in the links of /proc/PID/ns.
	Inode Inode
	Kind  ns.Kind
	// Processes is the number of processes in it, PID the lowest; both are 0
	// for a namespace that something else keeps alive, a thread for instance.
	Processes, PID int
	// Mounts are the paths at which the caller's own mount table has it, in the
	// order of the table.
	Mounts []string
	// Covered are those of Mounts over which something else is mounted: no path
	// leads to the namespace there.
	Covered []string
	// Holders are what keeps it alive besides processes and Mounts, as far as
	// it was asked for.
	Holders []Holder
	// Parent is the inode of the user or PID namespace above a user or PID
	// namespace; 0 for the highest the caller may know.
	Parent Inode
	// Owner is the inode of the user namespace that owns it.
	Owner Inode
	// OwnerUID is the user who made the user namespace, or that which owns it, in the
	// numbers of the caller's own; nil for unknown.
	OwnerUID *int
	// ID is the 64-bit identifier, which is never reused (Linux 6.18; for mount
	// namespaces 6.11); 0 for unknown. [Relations] and [Listed] ask for it.
	ID uint64
	// NetID is the identifier of a network namespace in the caller's own, nil for none.
	NetID *int
}

// Holder is something other than a process that keeps a namespace alive.
type Holder struct {
	How How
	// PID is the process of a thread, descriptor, socket, or of the children.
	PID int
	// TID is the thread of a ByThread; of the others 0, or the thread
	// that has what the rest of the process has not.
	TID int
	// FD is the open descriptor of a ByDescriptor or BySocket.
	FD int
	// Path is where the namespace is bound, as seen from the root of the mount
	// namespace that has the inode Namespace.
	Path string
	// Namespace is the mount namespace of a ByMount, the namespace below of a ByChild
	// and the one owned of a ByOwned.
	Namespace Inode
}

// How is a way of keeping a namespace alive.
type How uint8

const (
	// ByThread is a thread that is in the namespace while its process, the
	// main thread, is in another one. All of /proc/PID is there under its TID, too.
	ByThread How = iota
	// ByDescriptor is an open descriptor of the namespace itself.
	ByDescriptor
	// BySocket is an open socket, or /dev/net/tun, of a network namespace that its
	// process is not in.
	BySocket
	// ByChildren is a process that left the namespace to its future children:
	// /proc/PID/ns/pid_for_children and time_for_children.
	ByChildren
	// ByMount is a bind mount in a mount namespace other than the caller's.
	ByMount
	// ByChild is a user or PID namespace below it.
	ByChild
	// ByOwned is a namespace that a user namespace owns.
	ByOwned
)

// Details are what [Snapshot.Details] tells of a process. What is not the caller's
// to know is the zero value, or -1 for UID and PPID.
type Details struct {
	// Command is the command line with blanks between the arguments, at most
	// 8,191 bytes of it; the name of a process without one. It is whatever the
	// process wants it to be: make it printable before you print it.
	Command string
	UID     int
	PPID    int
	// Age is the time since the process was started.
	Age time.Duration
	// Cgroup is the raw text of /proc/PID/cgroup.
	Cgroup string
}

// Take reads /proc. It fails when the directory cannot be read, when a kernel cannot
// answer what [Relations] asks, with EINVAL for what is no kind of namespace, and with the
// cause of ctx when that ends first; never
// because of a single process.
func Take(ctx context.Context, options Options) (*Snapshot, error) { return take(ctx, options) }

// Find returns the namespace with the given inode, nil for none; a nil Snapshot
// has none.
func (s *Snapshot) Find(inode Inode) *Namespace {
	if s == nil {
		return nil
	}
	i, found := slices.BinarySearchFunc(s.Namespaces, inode, func(n Namespace, inode Inode) int { return cmp.Compare(n.Inode, inode) })
	if !found {
		return nil
	}
	return &s.Namespaces[i]
}

// Process returns the process with the given PID, nil for none.
func (s *Snapshot) Process(pid int) *Process {
	if s == nil {
		return nil
	}
	i, found := slices.BinarySearchFunc(s.Processes, pid, func(p Process, pid int) int { return cmp.Compare(p.PID, pid) })
	if !found {
		return nil
	}
	return &s.Processes[i]
}

// Members returns the PIDs of the processes in a namespace, ascending; none for
// nil, which is what Find returns for a namespace that is not there.
func (s *Snapshot) Members(space *Namespace) []int {
	if s == nil || space == nil || space.Kind >= ns.KindCount {
		return nil
	}
	pids := make([]int, 0, space.Processes)
	for i := range s.Processes {
		if s.Processes[i].Namespaces[space.Kind] == space.Inode {
			pids = append(pids, s.Processes[i].PID)
		}
	}
	return pids
}

// Open opens a namespace through whatever holds it: one of its processes or
// threads, a bind mount, somebody's descriptor or socket, or its identifier. It
// fails with ENOENT when nothing leads there any more, or nothing that the caller
// may use, and with EMFILE or ENFILE for a lack of descriptors. It never waits for a
// file system: one that was mounted over the namespace is not opened.
func (s *Snapshot) Open(space *Namespace) (*ns.Handle, error) { return s.open(space) }

// Details reads details of a process: some 15 calls. It returns false when the
// process has ended, also when it does so meanwhile, or another one has its PID by
// now.
func (s *Snapshot) Details(pid int) (Details, bool) { return s.details(pid) }

// Difference is what distinguishes two snapshots.
type Difference struct {
	// Appeared are the namespaces of the later one that the earlier one did not
	// have, Vanished the other way round.
	Appeared, Vanished []Namespace
}

// Diff compares two snapshots. A namespace is the same when inode and kind are, and
// the identifiers where both are known.
func Diff(earlier, later []Namespace) Difference {
	return Difference{Appeared: missing(later, earlier), Vanished: missing(earlier, later)}
}

// missing returns what is in all and not in known.
func missing(all, known []Namespace) []Namespace {
	index := make(map[Inode]*Namespace, len(known))
	for i := range known {
		index[known[i].Inode] = &known[i]
	}
	var rest []Namespace
	for i := range all {
		if there := index[all[i].Inode]; there == nil || !same(there, &all[i]) {
			rest = append(rest, all[i])
		}
	}
	return rest
}

func same(a, b *Namespace) bool {
	return a.Kind == b.Kind && (a.ID == 0 || b.ID == 0 || a.ID == b.ID)
}
