package launch

import (
	"github.com/nskit/nskit/pkg/ns"
)

// Entry says which namespaces that exist already a program is to run in, and
// how: plain data, made from options or by hand.
type Entry struct {
	// Name starts every message, and is what a waiting parent is called.
	Name string
	// Target is the process whose namespaces, directories and identity are
	// meant; nil if everything is named by itself.
	Target *Target
	// All enters every namespace of the target that differs from the caller's
	// own and is not in Join.
	All bool
	// Wait waits until the target is there and in namespaces of its own: each kind
	// that Join takes from it, or any of them with All; where IDs are set in its user
	// namespace, until their map is written. The value is the limit in
	// nanoseconds, 0 for none.
	Wait Maybe[int64]
	// Join are the namespaces to enter, each kind at most once; see Add. Their files
	// are opened in this order.
	Join []Join
	// UserParent enters, in place of the user namespace, its parent.
	UserParent bool
	// Root and Dir are opened before anything is entered: Dir is a way back to
	// the caller's file system. DirInside is looked up at the end.
	// DirFirst opens Dir before Root where both have paths.
	Root, Dir Maybe[Dir]
	DirFirst  bool
	DirInside Maybe[string]
	// Group is the control group to join, by the path of its cgroup.procs.
	Group Maybe[string]
	// Netns makes the network namespace in Join look as ip-netns(8) does; nil for not.
	Netns *Netns
	// Privileges are what Command does without.
	Privileges
	// Context executes Command in the target's SELinux context.
	Context bool
	// UID and GID are set before Command is executed. Where a user namespace is
	// entered they are 0 unless Preserve is set.
	UID, GID Maybe[Identity]
	Preserve bool
	// KeepCaps makes the capabilities in a user namespace survive execve(2).
	KeepCaps bool
	// NoFork executes Command without a fork even if a PID namespace is entered:
	// then only its children are inside.
	NoFork bool
	// KillChild is sent to the child when the parent ends; 0 for none. It makes
	// a child even if no PID namespace is entered, as Forward does.
	KillChild Signal
	// Forward are the signals that the waiting parent passes on.
	Forward []Signal
	// Env is the environment of Command; nil for the caller's own.
	Env []string
	// Command is what is run.
	Command Command
	// Inside is what is brought along, and mounted in the target; nil for nothing.
	Inside *Inside
	// NoHints leaves out the lines that say what would help.
	NoHints bool
	// Report is as in Spec.
	Report int

	room [ns.KindCount]Join
}

// Add adds a namespace to Join without allocating memory: do not copy an Entry
// that was filled in so.
func (e *Entry) Add(j Join) {
	if e.Join == nil {
		e.Join = e.room[:0]
	}
	e.Join = append(e.Join, j)
}

// Target is a process.
type Target struct {
	PID int
	// FD is a pidfd of it that is open already in the process that the Program
	// will run in (see ns.Hold; for trampoline.Start an index of attr.Files), nil
	// for none; Keep leaves it open for Command. A pidfd opened before the target was looked at is what
	// makes sure that its PID has not been given to another process since.
	FD   *int
	Keep bool
	// Inode is its number in pidfs, since Linux 6.9; 0 for any.
	Inode uint64
	// Read says that something of the target was read before, its environment
	// for one: entering is refused if the process has ended since.
	Read bool
	// Seen is what was seen of the target when it was looked up by a name; nil
	// if it was not. Entering is refused where that has changed since.
	Seen *Seen
}

// Seen is what is compared once more right before a target is entered: its mount
// namespace, and its root directory by device and inode, see stat(2).
type Seen struct {
	Mount        uint64
	Device, Root uint64
}

// Join is a namespace to enter.
type Join struct {
	Kind ns.Kind
	From Source
	// Path is the file for FromFile, ID the namespace for FromID, Socket the
	// target's descriptor for FromSocket.
	Path   string
	ID     uint64
	Socket int
}

// Source says where a namespace comes from.
type Source uint8

// The sources.
const (
	// FromTarget is the namespace that the target is in.
	FromTarget Source = iota
	// FromChildren is the one that the target's children will be in, which
	// differs for PID and time namespaces after unshare(2).
	FromChildren
	// FromFile is a file that leads to a namespace.
	FromFile
	// FromID is a namespace by its 64-bit identifier, since Linux 6.19.
	FromID
	// FromSocket is the network namespace of a socket of the target, since
	// Linux 5.6.
	FromSocket
)

// Dir is a directory: a path, or the target's own if there is none.
type Dir struct {
	Path Maybe[string]
	// After is how many of Join are opened before a path is.
	After int
}

// Identity is a user or group ID, or the target's.
type Identity struct {
	Follow bool
	ID     uint32
}

// Netns is what a command in a named network namespace sees, in a mount namespace of
// its own: a /sys of that namespace, and the files of Dir in place of those of the
// same names in /etc.
type Netns struct {
	Name, Dir string
	Files     []string
}
