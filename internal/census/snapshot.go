package census

import (
	"cmp"

	"github.com/nskit/nskit/internal/order"
	"github.com/nskit/nskit/pkg/ns"
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
	// NetIDs is whom [Snapshot.Relate] asks for NetIDs; without it there are none.
	NetIDs NetIDer
	// workers have noted what tasks use, if that is known, and the threads that use something for themselves.
	workers []*worker
	noted   bool
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
	// Relations are filled in by [Snapshot.Relate].
	Relations
}

// Find returns the namespace with the given inode, nil for none; a nil Snapshot
// has none.
func (s *Snapshot) Find(inode Inode) *Namespace {
	if s == nil {
		return nil
	}
	return order.Find(s.Namespaces, func(n *Namespace) int { return cmp.Compare(inode, n.Inode) })
}

// Process returns the process with the given PID, nil for none.
func (s *Snapshot) Process(pid int) *Process {
	if s == nil {
		return nil
	}
	return order.Find(s.Processes, func(p *Process) int { return cmp.Compare(pid, p.PID) })
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

// Difference is what distinguishes two snapshots.
type Difference struct {
	// Appeared are the namespaces of the later one that the earlier one did not
	// have, Vanished the other way round.
	Appeared, Vanished []Namespace
}

// Diff compares two snapshots, each in the order of its inodes. A namespace is
// the same when inode and kind are, and the identifiers where both are known.
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
