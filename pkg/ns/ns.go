// Package ns names the kinds of Linux namespaces and opens namespaces: by
// process and by path, and hands out pidfds.
//
// A [Handle] holds a namespace open, whatever becomes of the process it was
// opened through, and knows its identity, its parent and its owner. Compare
// namespaces by [ID], never by path: a path can lead to another namespace the
// next time it is opened. nskit itself looks at namespaces from Programs or by the
// thousand, which take no Handle: it is here for programs that hold a few.
//
// [Do] calls a Go function in a namespace of the kinds that one thread of a process may
// enter: network, UTS, IPC, mount and cgroup. A program of its own, or a user, PID or
// time namespace, takes a process: package nsexec starts it.
package ns

// Kind is one kind of namespace, see namespaces(7). A value that is none of the
// constants has the name "unknown" and no flag.
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

// The inodes of the first user and PID namespaces, which the kernel makes itself,
// include/uapi/linux/nsfs.h.
const (
	FirstUser = 0xEFFF_FFFD
	FirstPID  = 0xEFFF_FFFC
)

// Kinds lists all kinds in their order.
func Kinds() []Kind {
	all := make([]Kind, KindCount)
	for k := range KindCount {
		all[k] = k
	}
	return all
}

// detail is what there is to know of a kind.
type detail struct {
	name, child string
	flag        int
}

// details has one line for each kind, and one for what is none. The flags are CLONE_NEW*
// of include/uapi/linux/sched.h, so that the kinds have names on every system.
var details = [KindCount + 1]detail{
	User:      {"user", "user", 0x10000000},
	Cgroup:    {"cgroup", "cgroup", 0x02000000},
	IPC:       {"ipc", "ipc", 0x08000000},
	UTS:       {"uts", "uts", 0x04000000},
	Net:       {"net", "net", 0x40000000},
	PID:       {"pid", "pid_for_children", 0x20000000},
	Mount:     {"mnt", "mnt", 0x00020000},
	Time:      {"time", "time_for_children", 0x00000080},
	KindCount: {"unknown", "unknown", 0},
}

func (k Kind) detail() *detail { return &details[min(k, KindCount)] }

// String is the name under /proc/PID/ns: "mnt" for mount namespaces.
func (k Kind) String() string { return k.detail().name }

// ForChildren is the name under /proc/PID/ns of the namespace that children
// will be in: it differs for PID and time namespaces after unshare(2).
func (k Kind) ForChildren() string { return k.detail().child }

// Flag is the CLONE_NEW* flag of clone(2), include/uapi/linux/sched.h.
func (k Kind) Flag() int { return k.detail().flag }

// Parse finds a kind by its name under /proc/PID/ns.
func Parse(name string) (Kind, bool) {
	for k := range KindCount {
		if details[k].name == name {
			return k, true
		}
	}
	return 0, false
}

// Set is a set of kinds; the zero value is empty. What is no kind is no part of List and
// Flags, but the Set is not as if it had not been asked for: package launch refuses it.
type Set uint32

// A Set has room for every kind: this does not compile otherwise.
const _ = uint(31 - KindCount)

// SetOf makes a set.
func SetOf(all ...Kind) Set {
	var s Set
	for _, k := range all {
		s |= k.bit()
	}
	return s
}

// bit stands for a kind in a Set; all that there are not have one together, by which who is
// handed such a Set sees that it means nothing.
func (k Kind) bit() Set { return 1 << min(k, KindCount) }

// Has reports whether k is in the set.
func (s Set) Has(k Kind) bool { return s&k.bit() != 0 }

// With is the set with k added.
func (s Set) With(k Kind) Set { return s | k.bit() }

// Without is the set with k taken out.
func (s Set) Without(k Kind) Set { return s &^ k.bit() }

// List has the kinds of the set in their order.
func (s Set) List() []Kind {
	var list []Kind
	for k := range KindCount {
		if s.Has(k) {
			list = append(list, k)
		}
	}
	return list
}

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
