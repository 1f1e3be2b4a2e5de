// Package ns names the kinds of Linux namespaces, has sets of them, and holds
// processes whose namespaces are meant.
//
// A process identifier may be another process's by the time it is used: [Hold]
// keeps it from being given away as long as the process lives.
//
// Do not use this package to enter a namespace: setns(2) acts on one thread
// of a Go process, and is refused for user and time namespaces. Package launch
// does it right.
package ns

import "golang.org/x/sys/unix"

// Kind is one kind of namespace, see namespaces(7).
type Kind uint8

// The kinds, in the order in which util-linux binds and enters them.
const (
	User Kind = iota
	Cgroup
	IPC
	UTS
	Net
	PID
	Mount
	Time
	// KindCount is the number of kinds.
	KindCount
)

// Kinds lists all kinds in their order.
func Kinds() []Kind { return []Kind{User, Cgroup, IPC, UTS, Net, PID, Mount, Time} }

// details has one line for each kind.
var details = [KindCount]struct {
	name, child string
	flag        int
}{
	User:   {"user", "user", unix.CLONE_NEWUSER},
	Cgroup: {"cgroup", "cgroup", unix.CLONE_NEWCGROUP},
	IPC:    {"ipc", "ipc", unix.CLONE_NEWIPC},
	UTS:    {"uts", "uts", unix.CLONE_NEWUTS},
	Net:    {"net", "net", unix.CLONE_NEWNET},
	PID:    {"pid", "pid_for_children", unix.CLONE_NEWPID},
	Mount:  {"mnt", "mnt", unix.CLONE_NEWNS},
	Time:   {"time", "time_for_children", unix.CLONE_NEWTIME},
}

// String is the name under /proc/PID/ns: "mnt" for mount namespaces.
func (k Kind) String() string { return details[k].name }

// ForChildren is the name under /proc/PID/ns of the namespace that children
// will be in: it differs for PID and time namespaces after unshare(2).
func (k Kind) ForChildren() string { return details[k].child }

// Flag is the CLONE_NEW* flag of clone(2).
func (k Kind) Flag() int { return details[k].flag }

// Parse finds a kind by its name under /proc/PID/ns.
func Parse(name string) (Kind, bool) {
	for k := range KindCount {
		if details[k].name == name {
			return k, true
		}
	}
	return 0, false
}

// Set is a set of kinds.
type Set uint8

// SetOf makes a set.
func SetOf(all ...Kind) Set {
	var s Set
	for _, k := range all {
		s |= 1 << k
	}
	return s
}

// Has reports whether k is in the set.
func (s Set) Has(k Kind) bool { return s&(1<<k) != 0 }

// With is the set with k added.
func (s Set) With(k Kind) Set { return s | 1<<k }

// Without is the set with k taken out.
func (s Set) Without(k Kind) Set { return s &^ (1 << k) }

// Flags are the CLONE_NEW* flags of the set's kinds together.
func (s Set) Flags() int {
	flags := 0
	for k := range KindCount {
		if s.Has(k) {
			flags |= k.Flag()
		}
	}
	return flags
}
