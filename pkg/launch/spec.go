package launch

import (
	"github.com/nskit/nskit/pkg/idmap"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
)

// Spec says what is to happen: plain data, made from options or by hand. The
// zero value runs Command in the caller's own namespaces.
type Spec struct {
	// Name starts every message, and is what a waiting parent is called.
	Name string
	// Unshare are the namespaces to make.
	Unshare ns.Set
	// Persist are files that new namespaces are bound to, so that they live on
	// until umount(2). The files must exist; the last one of a kind counts. A mount
	// namespace can only be bound where mounts are private.
	Persist []Persist
	// Users and Groups are the ID maps of a new user namespace.
	Users, Groups IDs
	// Setgroups says whether setgroups(2) is allowed in it; see
	// user_namespaces(7) for why it must be denied before an unprivileged map.
	Setgroups Setgroups
	// Owner becomes the owner of the user namespace; none for the caller.
	Owner Maybe[Owner]
	// KeepCaps makes the capabilities in a new user namespace survive execve(2).
	KeepCaps bool
	// Monotonic and Boottime are the clocks' offsets in a new time namespace, in
	// seconds.
	Monotonic, Boottime Maybe[int64]
	// Hostname is set in the new UTS namespace; none leaves it.
	Hostname Maybe[string]
	// Loopback brings the loopback interface up.
	Loopback bool
	// Fork runs Command in a child, for which the calling process waits.
	Fork bool
	// Init keeps the first process of a new PID namespace, which reaps orphans and
	// passes signals on to Command. It needs Fork and that namespace.
	Init bool
	// KillChild is sent to the child when the parent ends; 0 for none. Like
	// Forward it needs Fork.
	KillChild Signal
	// Forward are the signals that the waiting parent passes on.
	Forward []Signal
	// Propagation of all mounts in a new mount namespace; private by default.
	Propagation mnt.Propagation
	// Root is the directory to chroot(2) to, Dir the working directory; none
	// leaves them. With Root alone the working directory becomes "/".
	Root, Dir Maybe[string]
	// Proc is where a new proc file system is mounted; none for nowhere.
	Proc Maybe[string]
	// Binfmt is where binfmt_misc is mounted; none for nowhere.
	Binfmt Maybe[string]
	// Interpreter is a line for binfmt_misc's register file.
	Interpreter Maybe[string]
	// GID and UID are set before Command is executed; none leaves them.
	GID, UID Maybe[uint32]
	// Env is the environment of Command; nil for the caller's own.
	Env []string
	// Command is what is run.
	Command Command
	// Pivot describes the new root that Pivot makes; nil for Unshare.
	Pivot *PivotSpec
	// ReadyFD is a descriptor of the caller's on which one line of JSON says, right
	// before Command runs, that all is made: {"pid":N,"pidfd_inode":N,
	// "namespaces":{"mnt":N,...}}. The PID is the one in the caller's /proc, and the
	// inode that of a pidfd, left out before Linux 6.9. Above 2 it is closed then.
	ReadyFD Maybe[int]
	// PIDFile is a file that the PID is written to when all is made. It appears
	// whole, by a rename, and is removed where Command cannot be executed.
	PIDFile Maybe[string]
	// Netns names the new network namespace as ip-netns(8) does: it is bound to a
	// file below /run/netns, which is made as ip(8) makes it; "" for none.
	// Without a new user namespace all of it is rolled back if Command cannot be executed.
	Netns string
	// Cgroup is the directory of a control group to start in; none stays.
	Cgroup Maybe[string]
	// Sysctls are written in the new namespaces, in their order.
	Sysctls []Sysctl
	// Privileges are what Command does without.
	Privileges
	// NoHints leaves out the lines that name what would help.
	NoHints bool
	// Report is a descriptor, open in the process that the Program will run in, for
	// package nsexec, 0 for none: the Program tells there how far it has come, closes it
	// when Command begins, and does not wait for a child, which is made its parent's.
	Report int
}

// Sysctl is a setting of the kernel: Path is below /proc/sys.
type Sysctl struct{ Path, Value string }

// Privileges are what a command does without.
type Privileges struct {
	// NoNewPrivs says that no execve(2) gives any, see PR_SET_NO_NEW_PRIVS.
	NoNewPrivs bool
	// Drop are capabilities, by the bits of their numbers, that are dropped for good.
	Drop uint64
}

// Persist is a file that a namespace is bound to.
type Persist struct {
	Kind ns.Kind
	Path string
}

// IDs is the user or group part of the maps.
type IDs struct {
	// Single maps one ID to the caller's own.
	Single Maybe[uint32]
	// Blocks are further ranges, written by a privileged helper.
	Blocks []idmap.Block
}

// Setgroups is what is written to /proc/PID/setgroups.
type Setgroups string

// The values of Setgroups; the empty one writes nothing by itself.
const (
	SetgroupsAllow Setgroups = "allow"
	SetgroupsDeny  Setgroups = "deny"
)

// Owner is who makes the user namespace.
type Owner struct{ UID, GID uint32 }

// Command is a program and its arguments.
type Command struct {
	// File is searched in Path as execvp(3) does unless it holds a slash.
	File string
	// Args is the argument vector from argv[0] on.
	Args []string
	// Title is what stands before Args on the command line that a waiting parent
	// shows.
	Title []string
	// Path is the value of PATH; none if the variable is not set.
	Path Maybe[string]
	// Direct executes File as it is, as execl(3) does: not searched, not tried
	// as a shell script, and Args are shown on the parent's command line only where
	// there is no Title.
	Direct bool
	// Login runs, in place of File, the login shell of the user, which is looked
	// up in /etc/passwd once root and user are what Command begins with. File is
	// for a user without a line there, or with no shell in it.
	Login bool
}

// Caller is what a decision needs to know of the calling process. It is read
// by the caller of this package, so that decisions can be tested without one.
// [Self] reads it of the calling process. A zero one says that root calls.
type Caller struct {
	// PID is that of the process the program will run in. It is 0 where that is
	// not known yet, because trampoline.Start makes the process: the Program then
	// finds it out.
	PID int
	// UID and GID are the effective IDs.
	UID, GID uint32
	// LastCap is the largest capability of the kernel, from
	// /proc/sys/kernel/cap_last_cap; 0 stands for not known.
	LastCap int
	// Path is the value of PATH for the programs that help; none if not set.
	Path Maybe[string]
}

// What a Program writes to Spec.Report or Entry.Report, besides what fails: eight bytes,
// in the upper four what it is, no address of a step, and in the lower a PID.
const (
	// ReportReady says that everything stands and the command is executed next.
	ReportReady = 1
	// ReportPID says which process it is, if it is not the one that was started.
	ReportPID = 2
)
