package census

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/internal/order"
	"github.com/nskit/nskit/pkg/ns"
)

// Memory is a [Known] to whoever may do without one: nskit's own binary has none of its code.
type Memory interface {
	// Relate is [Snapshot.Relate] for a snapshot that was taken with it.
	Relate(s *Snapshot, ask Ask) error
	remember(s *scan)
	again(w *worker, i int)
	keep(all []knownProcess)
}

// Known is what one [Take] leaves for the next one, for whoever asks again and again: a process that
// has not run since is not looked at again, for only what it does itself changes its namespaces and what it
// holds. There is one exception: another process that was made by clone(2) with CLONE_FILES changes the
// descriptors of both. So each process is looked at every 32nd time whatever it did.
//
// The zero value knows nothing. It is for one Take at a time, always with the same Options.
type Known struct {
	// processes are those that can be known, in the order of their PIDs.
	processes []knownProcess
	// begin is the time of the first Take; times are counted from there.
	begin time.Time
	round int
	// settle is how long a process must have done nothing, 0 for settled.
	settle time.Duration
	// relations are those of the Take before, whose number is related; kept is how many there were.
	relations     map[Inode]Relations
	related, kept int
	// looked is how many processes the last Take has looked at.
	looked int
}

// settled is more than the time after which the kernel has counted what a process has had of a CPU: that of
// one that is on a CPU all the time is counted by the clock's interrupt, once a second at the least.
const settled = 2 * time.Second

// again is how many times a process that does nothing is known for.
const again = 32

// activity is what a process has had of the CPUs, /proc/PID/schedstat: nanoseconds on one, nanoseconds
// of waiting for one, and how often it got one. The last grows when a process gets one, the first while it has it.
type activity struct{ run, wait, times uint64 }

// knownProcess is a process with one thread that was looked at.
type knownProcess struct {
	pid int
	// did is what it had done before it was looked at, and since when that has not changed.
	did        activity
	since      time.Duration
	namespaces *[ns.KindCount]Inode
	found      []found
	// idle says that it was not looked at again.
	idle bool
}

// remember prepares for what will be known of the processes.
func (k *Known) remember(s *scan) {
	if k.begin.IsZero() {
		k.begin = time.Now()
	}
	k.round++
	s.now, s.known = time.Since(k.begin), make([]knownProcess, len(s.processes))
}

// of is what is known of a process that has done no more since than it had, nil for nothing.
func (k *Known) of(pid int, did activity) *knownProcess {
	if p := k.find(pid); p != nil && p.did == did {
		return p
	}
	return nil
}

func (k *Known) find(pid int) *knownProcess {
	return order.Find(k.processes, func(p *knownProcess) int { return cmp.Compare(pid, p.pid) })
}

// mayBeKnown tells whether what is known of a process is enough.
func (k *Known) mayBeKnown(before *knownProcess, now time.Duration) bool {
	return before != nil && now-before.since >= cmp.Or(k.settle, settled) && (before.pid+k.round)%again != 0
}

// keep takes over what workers have found out, one entry for each process in the order of the PIDs.
func (k *Known) keep(all []knownProcess) {
	k.looked = 0
	k.kept++
	for i := range all {
		if !all[i].idle {
			k.looked++
		}
	}
	k.processes = slices.DeleteFunc(all, func(p knownProcess) bool { return p.pid == 0 })
}

// idle tells of a process whether it has not run since the Take before.
func (k *Known) idle(pid int) bool {
	p := k.find(pid)
	return p != nil && p.idle
}

// Relate is [Snapshot.Relate] for a snapshot that was taken with k, always with the same ask, and neither
// NetIDs nor Hostnames: the relations of a namespace never change, and one whose process has not run is
// the same.
func (k *Known) Relate(s *Snapshot, ask Ask) error {
	known := map[Inode]bool{}
	for i := range s.Namespaces {
		space := &s.Namespaces[i]
		before, ok := k.relations[space.Inode]
		if ok && before.Owner != 0 && k.related == k.kept-1 && k.idle(space.PID) && s.has(before.Parent) && s.has(before.Owner) {
			known[space.Inode] = true
			space.Relations = before
		}
	}
	if err := s.Relate(ask, func(space *Namespace) bool { return !known[space.Inode] }); err != nil {
		return err
	}
	k.relations, k.related = make(map[Inode]Relations, len(s.Namespaces)), k.kept
	for i := range s.Namespaces {
		k.relations[s.Namespaces[i].Inode] = s.Namespaces[i].Relations
	}
	return nil
}

// has tells whether a namespace is there, or is none.
func (s *Snapshot) has(inode Inode) bool { return inode == 0 || s.Find(inode) != nil }

// again reads one process if it may have changed, and notes what it has read. What it has done is asked for
// first: what it does while it is read counts as done since.
func (k *Known) again(w *worker, i int) {
	p, note := &w.processes[i], &w.known[i]
	pid, begin := p.PID, len(w.found)
	w.path.start(pid)
	did, ok := w.activity()
	if !ok {
		w.process(p)
		return
	}
	before := k.of(pid, did)
	if k.mayBeKnown(before, w.now) {
		*note = *before
		note.idle = true
		p.Namespaces, p.Threads = before.namespaces, 1
		w.found = append(w.found, before.found...)
		return
	}
	unreadable := w.unreadable
	if w.process(p); p.PID == 0 || p.Threads != 1 || w.unreadable > unreadable {
		return
	}
	*note = knownProcess{pid: pid, did: did, since: w.now, namespaces: p.Namespaces, found: slices.Clone(w.found[begin:])}
	if before != nil {
		note.since = before.since
	}
}

// activity reads what a process has done; false where the kernel does not tell.
func (w *worker) activity() (did activity, ok bool) {
	fd, errno := openat(w.proc, w.path.with("/schedstat", ""), unix.O_RDONLY|unix.O_CLOEXEC)
	if errno != 0 {
		w.lack.note(errno)
		return did, false
	}
	defer closeRaw(fd)
	n, _ := read(fd, w.info[:])
	return parseActivity(w.info[:n])
}

// parseActivity reads such a file. A kernel that does not count has three zeros.
func parseActivity(text []byte) (did activity, ok bool) {
	rest := bytes.TrimSuffix(text, []byte{'\n'})
	for i, field := range []*uint64{&did.run, &did.wait, &did.times} {
		var word []byte
		var more bool
		word, rest, more = bytes.Cut(rest, []byte{' '})
		if *field, ok = parseDigits(word); !ok || more != (i < 2) {
			return activity{}, false
		}
	}
	return did, did.run > 0 && did.times > 0
}
