package census

import (
	"cmp"
	"context"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nskit/nskit/internal/order"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// Want says what [Take] reads besides the processes and their namespaces.
type Want uint16

const (
	// Descriptors finds namespaces that open descriptors hold, whatever path they were
	// opened by and whether it still exists.
	Descriptors Want = 1 << iota
	// Sockets finds network namespaces that open sockets and /dev/net/tun hold: it needs
	// Descriptors, pidfd_getfd(2) (Linux 5.6) and CAP_SYS_PTRACE and CAP_NET_ADMIN
	// over what it finds.
	Sockets
	// Mounts finds namespaces that are bound in the caller's mount namespace.
	Mounts
	// AllMounts finds the ones that are bound in any mount namespace in reach:
	// one that a process is in, or that a descriptor leads to (Linux 6.11).
	AllMounts
	// ForChildren finds the namespaces that processes keep for their children.
	ForChildren
	// Listed finds the namespaces that the kernel lists, whatever keeps them
	// alive: listns(2) (Linux 6.19) and four calls for each. An unprivileged user is
	// told of those that are his. It does nothing where Proc is not the caller's.
	Listed
	// Threads finds the namespaces that single threads are in, and what they hold
	// besides, as far as it is asked for. It costs a call for each process, and
	// five for each thread of those that have several.
	Threads
	// OnlyMounts is AllMounts for the namespaces that were not found otherwise,
	// in place of AllMounts: hundreds of mount namespaces can each hold a copy of the same mounts.
	OnlyMounts
	// Uses notes which mounts and devices each process uses, so that [Snapshot.Users] need not
	// look at all of them again: three statx(2) a process, and a kcmp(2) for each thread. It needs
	// Descriptors, and Threads for those that have directories or descriptors for themselves.
	Uses
)

// Options say what [Take] reads. The zero value is the processes of /proc and
// all their namespaces.
type Options struct {
	// Proc is the directory to read, "" for /proc.
	Proc string
	// Kinds are the kinds of namespace to look for; none stands for all.
	Kinds ns.Set
	Want  Want
	// Workers is how many threads read at once; 0 for as many as there are CPUs.
	Workers int
	// NoNewCalls does without statmount(2) and listmount(2) (Linux 6.8) where
	// /proc has the same to say, and without listns(2) (Linux 6.19); what only
	// they can see is missing then.
	NoNewCalls bool
	// Context, if it is not nil, ends the reading: Take fails with its cause.
	Context context.Context
	// Known, if it is not nil, spares what need not be read again. It counts for nothing without Threads, and
	// where Proc is not the caller's.
	Known Memory
}

// ended is why the context has ended, nil if it has not.
func (o *Options) ended() error {
	if o.Context == nil {
		return nil
	}
	return context.Cause(o.Context)
}

// Take reads /proc. It fails when the directory cannot be read, and with EMFILE or ENFILE for
// a lack of descriptors, never because of a single process.
func Take(options Options) (*Snapshot, error) {
	return take(options, &system{nsList{listns, identify}, isLocal})
}

// system is what is asked of the running kernel.
type system struct {
	nsList
	// isLocal tells of the /proc that is read whether no file system can keep the caller waiting.
	isLocal func(proc string) bool
}

func take(options Options, running *system) (*Snapshot, error) {
	if options.Proc == "" {
		options.Proc = "/proc"
	}
	if options.Kinds == 0 {
		options.Kinds = ns.SetOf(ns.Kinds()...)
	}
	wanted := options.Kinds
	if options.Want&(AllMounts|OnlyMounts) != 0 {
		options.Kinds = wanted.With(ns.Mount) // they lead to the mount tables
	}
	proc, err := unix.Open(options.Proc, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: options.Proc, Err: err}
	}
	defer unix.Close(proc)
	self := ownPID(proc)
	live := self == os.Getpid()
	var ids []uint64
	if options.Want&Listed != 0 && live && !options.NoNewCalls {
		// Before the processes: what is made meanwhile comes with its process.
		ids = running.identifiers(options.Kinds)
	}
	processes, err := readPIDs(proc)
	if err != nil {
		return nil, &os.PathError{Op: "read", Path: options.Proc, Err: err}
	}
	if len(processes) == 0 {
		return nil, &os.PathError{Op: "find a process in", Path: options.Proc, Err: unix.ENOENT}
	}
	s := &scan{Options: options, proc: proc, self: self, nsfs: nsfsDevice(), local: running.isLocal(options.Proc), processes: processes}
	s.counted = s.local && options.Want&Descriptors != 0 && countsDescriptors(proc)
	if !live || options.Want&Threads == 0 {
		s.Known = nil
	}
	if s.Known != nil {
		s.Known.remember(s)
	}
	s.run()
	if err := options.ended(); err != nil {
		return nil, err
	}
	if err := s.lack.error(options.Proc); err != nil {
		return nil, err
	}
	if s.Known != nil {
		s.Known.keep(s.known)
	}
	snapshot := s.snapshot()
	snapshot.addListed(ids, options.Kinds, &running.nsList)
	if options.Want&(Mounts|AllMounts|OnlyMounts) != 0 {
		snapshot.addMounts(options, live)
	}
	snapshot.Namespaces = slices.DeleteFunc(snapshot.Namespaces, func(n Namespace) bool { return !wanted.Has(n.Kind) })
	return snapshot, nil
}

// readPIDs lists the processes of a directory, ascending, by their PIDs alone.
func readPIDs(proc int) ([]Process, error) {
	// The links of /proc are its processes and a few more. A list that grows
	// leaves its former selves behind; what is too much is never touched.
	var st unix.Stat_t
	_ = unix.Fstat(proc, &st) // it is only a guess
	processes := make([]Process, 0, min(int(st.Nlink), maxPID))
	err := readDir(proc, make([]byte, 8<<10), func(name []byte) {
		if pid, ok := parsePID(name); ok {
			processes = append(processes, Process{PID: pid})
		}
	})
	order.Sort(processes, func(a, b *Process) int { return cmp.Compare(a.PID, b.PID) })
	return processes, err
}

// maxPID is the most processes that there can be: PID_MAX_LIMIT, proc_sys_kernel(5).
const maxPID = 1 << 22

// scan is one reading of all processes.
type scan struct {
	Options
	proc      int
	self      int       // the caller's own PID, 0 when this /proc does not show it
	nsfs      device    // the file system of the namespaces
	local     bool      // no file system can keep the caller waiting
	counted   bool      // the kernel tells how many descriptors there are
	processes []Process // those that turn out not to be known get the PID 0
	next      atomic.Int64
	workers   []*worker
	lack      lack
	// known has a place for each process, now is the time for them.
	known []knownProcess
	now   time.Duration
}

// batch is how many processes a worker takes at a time: few enough that two
// workers finish together, many enough that they rarely meet.
const batch = 32

func (s *scan) run() {
	count := s.Workers
	if count <= 0 {
		count = runtime.GOMAXPROCS(0)
	}
	count = max(1, min(count, len(s.processes)/batch))
	first := s.newWorker()
	first.own()
	var group sync.WaitGroup
	for range count - 1 {
		w := s.newWorker()
		group.Go(w.work)
	}
	first.work()
	group.Wait()
}

// snapshot puts together what the workers found.
func (s *scan) snapshot() *Snapshot {
	// Room for a namespace of its own for every fourth process: a list that
	// grows leaves its former selves behind.
	c := collector{index: map[Inode]int32{}, namespaces: make([]Namespace, 0, len(s.processes)/4)}
	for i := range s.processes {
		if p := &s.processes[i]; p.PID != 0 {
			c.process(p)
		}
	}
	unreadable := 0
	for _, w := range s.workers {
		unreadable += w.unreadable
		for _, f := range w.found {
			c.namespace(f.kind, f.inode).Holders = append(c.namespace(f.kind, f.inode).Holders, f.Holder)
		}
	}
	processes := slices.DeleteFunc(s.processes, func(p Process) bool { return p.PID == 0 })
	c.sort()
	made := &Snapshot{Proc: s.Proc, Self: s.self, Processes: processes, Namespaces: c.namespaces, Unreadable: unreadable}
	if s.Want&Uses != 0 {
		made.workers, made.noted = s.workers, s.local
	}
	return made
}

// collector makes the list of namespaces.
type collector struct {
	namespaces []Namespace
	index      map[Inode]int32
	// recent are the indexes of the namespaces of the process before: most
	// processes share theirs, and the map need not be asked.
	recent [ns.KindCount]struct {
		inode Inode
		index int
	}
}

func (c *collector) process(p *Process) {
	for k, inode := range p.Namespaces {
		if inode == 0 {
			continue
		}
		recent := &c.recent[k]
		if recent.inode != inode {
			recent.inode, recent.index = inode, c.find(ns.Kind(k), inode)
		}
		space := &c.namespaces[recent.index]
		space.Processes++
		if space.PID == 0 {
			space.PID = p.PID
		}
	}
}

func (c *collector) find(kind ns.Kind, inode Inode) int {
	i, ok := c.index[inode]
	if !ok {
		i = int32(len(c.namespaces))
		c.index[inode] = i
		c.namespaces = append(c.namespaces, Namespace{Inode: inode, Kind: kind})
	}
	return int(i)
}

func (c *collector) namespace(kind ns.Kind, inode Inode) *Namespace {
	return &c.namespaces[c.find(kind, inode)]
}

// sort brings namespaces and holders into an order that does not depend on
// which worker was first.
func (c *collector) sort() {
	sortNamespaces(c.namespaces)
	for i := range c.namespaces {
		order.Sort(c.namespaces[i].Holders, compareHolders)
	}
}

func sortNamespaces(all []Namespace) {
	order.Sort(all, func(a, b *Namespace) int { return cmp.Compare(a.Inode, b.Inode) })
}

// ownPID is the caller's PID as the numbers of the given directory go, 0 when
// it does not show the caller.
func ownPID(proc int) int {
	link := make([]byte, 16)
	n, err := unix.Readlinkat(proc, "self", link)
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(string(link[:n]))
	return pid
}
