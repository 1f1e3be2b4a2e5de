package faults

import (
	"path"
	"slices"
	"syscall"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// exception is a failure that is not reported in the usual way, and why.
type exception struct {
	verdict verdict
	// image is the program that makes the calls, "" for any.
	image string
	calls []string
	// rows are patterns of golden Programs, none for all; errnos likewise.
	rows   []string
	errnos []syscall.Errno
	why    string
}

const (
	// binary is nskit itself, which carries out a Program that does not fork;
	// image is what carries out the others.
	binary = "nskit"
	image  = "memfd:nskit"
)

var (
	interrupted = []syscall.Errno{unix.EINTR}
	refused     = []syscall.Errno{unix.ENOSYS, unix.EPERM, unix.EACCES}
	persist     = []string{"persist", "persist-*"}
	unpacks     = []string{"pivot-archive"}
)

// exceptions are all that happen: whatever is neither here nor in races is reported.
var exceptions = []exception{
	// Before the Program.
	{same, binary, []string{"rt_sigprocmask", "rt_sigaction", "rt_sigpending", "prlimit64"}, nil, nil, "the caller's state is asked for, and is the default here; or the Go runtime's start asks again"},
	{same, binary, []string{"memfd_create", "write", "fcntl F_ADD_SEALS", "execveat", "close"}, nil, nil, "the image goes another way: the Go runtime, a file, execve"},
	{same, binary, []string{"openat", "fchmod", "statfs", "read", "unlinkat", "fcntl F_SETFL", "fstat", "newfstatat", "readlinkat"}, nil, nil, "the runtime's probes of the machine, the directories for an image in a file, files that need not be there"},
	{same, binary, []string{"tkill"}, nil, nil, "a thread that was tried counts as gone"},
	{same, binary, []string{"mmap"}, nil, nil, "memory that few Programs need: the Go runtime has some"},
	{renamed, binary, []string{"fcntl F_SETFD"}, []string{"enter-*"}, nil, "the image's descriptor is open, so this cannot fail; if it does the Program finds it closed"},
	{same, binary, []string{"pidfd_open", "pidfd_send_signal", "waitid"}, []string{"enter-environ"}, nil, "package os tries pidfds, and goes on without"},
	{same, binary, []string{"fcntl F_SETFD"}, []string{"enter-*"}, nil, "package os; or the image is not asked for its descriptor"},
	{renamed, binary, []string{"openat", "read"}, []string{"map-auto*"}, nil, "a passwd(5) that cannot be read has no users, as for getpwuid(3)"},
	{renamed, binary, nil, []string{"enter-environ"}, nil, "the first error is told, why the environment could not be read from outside"},
	{renamed, image, nil, []string{"enter-environ"}, nil, "likewise"},
	{renamed, binary, []string{"openat", "read"}, []string{"enter-pidfd-of-caller"}, nil, "what /proc does not say is no pidfd is taken for none"},

	// The caller's state, put back by the image.
	{same, image, []string{"rt_sigaction", "rt_sigprocmask", "prctl", "sched_setaffinity", "prlimit64"}, nil, nil, "these set what was read before, which the kernel does not refuse; and what ps shows"},
	{differs, image, []string{"prlimit64", "rt_sigprocmask"}, nil, nil, "likewise: the limit on open files and the mask were the caller's"},

	// The options of a tree without mount_setattr.
	{differs, "", []string{"statfs", "mount"}, []string{"pivot-read-only", "pivot-mounts"}, []syscall.Errno{unix.ENOENT, unix.EINVAL}, "a mount of the table that is hidden or gone by now stays as it is"},
	{renamed, "", []string{"fchdir"}, []string{"pivot-read-only", "pivot-mounts"}, nil, "the way back from the tree is closed: pivot_root says that the root is busy"},

	// Waiting.
	{same, "", []string{"wait4", "read", "rt_sigtimedwait"}, nil, interrupted, "waits again"},
	{late, "", []string{"wait4", "rt_sigtimedwait"}, nil, nil, "the command runs already"},

	// Failures that pass.
	{same, "", []string{"openat", "openat2", "read", "write", "pread64", "dup3", "ppoll", "statfs", "sendfile"}, nil, interrupted, "made again"},
	{same, "", []string{"openat2", "setuid"}, nil, []syscall.Errno{unix.EAGAIN}, "made again"},

	// Calls that need not succeed.
	{same, "", []string{"close"}, nil, nil, "the descriptor is closed nevertheless"},
	{same, "", []string{"writev", "write"}, nil, nil, "a hint"},
	{same, "", []string{"pidfd_open", "ppoll"}, nil, nil, "a process that ends meanwhile is noticed later"},
	{same, "", []string{"getcwd"}, []string{"enter-root", "enter-carry", "enter-attach-and-run"}, nil, "then / it is, as for a directory outside the new root"},
	{differs, "", []string{"openat", "read", "pread64"}, []string{"account-shell"}, nil, "then it is /bin/sh"},
	{same, "", []string{"setgroups"}, nil, nil, "tried before and after entering; once is enough"},
	{same, "", []string{"setns"}, []string{"enter-*"}, nil, "by files, or in another order"},
	{same, "", []string{"execve"}, []string{"search*", "map-auto*"}, nil, "the next directory in PATH"},
	{renamed, "", []string{"execve"}, []string{"search"}, nil, "the file that may not be executed counts more than those missing"},

	// What is brought along.
	{same, "", []string{"setgid", "setuid"}, []string{"enter-tools*", "enter-attach*", "enter-detach"}, nil, "what is made belongs to the caller then, who has an ID there"},
	{differs, "", []string{"getcwd", "chdir"}, []string{"enter-tools"}, nil, "then / it is, as for a directory out of reach"},
	{differs, "", []string{"open_tree"}, []string{"enter-tools*"}, []syscall.Errno{unix.ENOENT}, "what has gone from the target's root is not shown"},
	{differs, "", []string{"move_mount"}, []string{"enter-tools*"}, []syscall.Errno{unix.EINVAL}, "nor what has become a file, or a directory"},
	{renamed, "", []string{"move_mount"}, []string{"enter-tools*"}, []syscall.Errno{unix.EINVAL}, "likewise, and the program was in it"},
	{wrong, "", []string{"open_tree"}, []string{"enter-tools*"}, []syscall.Errno{unix.ENOENT}, "likewise, and the program was in it"},
	{renamed, "", []string{"newfstatat"}, []string{"enter-tools", "enter-attach", "enter-detach"}, []syscall.Errno{unix.ENOENT}, "without the user namespace there is no privilege inside"},
	{kept, "", []string{"wait4"}, []string{"enter-attach*"}, nil, "what is asked for has been mounted"},
	{same, "", []string{"openat2"}, []string{"enter-attach*"}, []syscall.Errno{unix.ENOENT}, "what is missing is made; this was there"},
	{same, "", []string{"memfd_create"}, []string{"enter-carry"}, []syscall.Errno{unix.EINVAL}, "before Linux 6.3"},
	{same, binary, []string{"uname", "copy_file_range", "getdents64"}, []string{"enter-tools*"}, nil, "package os copies in another way, and reads a directory once more"},

	// Calls that the kernel may not have.
	{same, "", []string{"openat2", "open_tree", "move_mount", "mount_setattr", "fsopen", "fsconfig", "fsmount", "execveat"}, nil, refused, "done by older calls"},
	{same, "", []string{"openat2"}, []string{"pivot*"}, []syscall.Errno{unix.ENOENT}, "what is missing is made; this was there"},
	{same, "", []string{testkit.OpenTreeNamespace}, []string{"pivot*"}, nil, "no namespace of the new root alone: the way of older kernels, which reports what is wrong"},
	{same, "", []string{"mount_setattr"}, []string{"pivot*"}, nil, "what is to be taken back was never set"},
	{same, "", []string{"clone3"}, []string{"kill-child*"}, nil, "since Linux 7.1: clone(2), and the signal at the parent's death"},
	{same, "", []string{"close_range"}, nil, nil, "since Linux 5.9: done one by one"},
	{differs, "", []string{"newfstatat"}, []string{"enter-all*", "enter-tools", "enter-wait-all"}, []syscall.Errno{unix.ENOENT}, "the kernel has no such kind of namespace"},
	{same, "", []string{"newfstatat", "statx"}, nil, nil, "whether something is already so, or a directory"},
	{same, "", []string{"openat"}, []string{"map-group-setgroups-allow", "setgroups-deny"}, []syscall.Errno{unix.ENOENT}, "without a setgroups file (before Linux 3.19) nothing is written"},
	{differs, "", []string{"openat"}, []string{"setgroups-deny"}, []syscall.Errno{unix.ENOENT}, "likewise: nothing is denied"},
	{renamed, "", []string{"openat"}, nil, []syscall.Errno{unix.ENOENT}, "without a setgroups file (before Linux 3.19) nothing is denied; then the map is refused"},

	// A map of IDs, which only a mount that is nowhere can have.
	{renamed, "", []string{"open_tree", "write"}, []string{"pivot-idmap"}, nil, "what has failed beside is told as EIO, or by the call that it leads to"},
	{same, "", []string{"rt_sigtimedwait", "kill", "prctl", "wait4"}, []string{"pivot-idmap"}, nil, "the process beside ends with this one"},

	// Names and privileges.
	{differs, "", []string{"open_tree"}, []string{"pivot-plain"}, []syscall.Errno{unix.ENOENT}, "a source that may be missing is left out"},
	{same, "", []string{"flock"}, []string{"netns*"}, nil, "nobody else makes one at the same time"},
	{same, "", []string{"mount"}, []string{"netns*"}, []syscall.Errno{unix.EINVAL}, "the directory is no mount yet: it becomes one"},
	{differs, "", []string{"prctl"}, []string{"privileges", "enter-privileges"}, []syscall.Errno{unix.EINVAL}, "the kernel does not know the capability"},
	{differs, "", []string{"mount", "openat"}, []string{"enter-netns"}, []syscall.Errno{unix.ENOENT}, "there is no such file in /etc, or none to show there"},
	{same, image, []string{"read"}, []string{"netns-user"}, nil, "the helper that would take the name back ends with the command that it waits for"},
	{same, "", []string{"getdents64"}, []string{"enter-netns"}, interrupted, "made again"},

	// What --ready-fd and --wait tell of.
	{same, "", []string{"readlinkat", "pidfd_open", "fstatfs", "newfstatat"}, []string{"ready*", "pivot-ready"}, nil, "the kernel has no such kind of namespace, or no pidfs: it is left out of the line"},
	{same, "", []string{"pidfd_open", "newfstatat", "openat", "ppoll"}, []string{"enter-wait*"}, nil, "looked at again, or by files"},

	// pivot.
	{same, "", []string{"mount", "umount2", "openat"}, []string{"switch_root"}, nil, "what moves along is tried, and unmounted where that fails"},
	{same, "", []string{"mount"}, []string{"pivot*"}, nil, "mqueue and a console are not everywhere; the old /sys"},
	{differs, "", []string{"mount"}, []string{"pivot*"}, []syscall.Errno{unix.EPERM}, "the old /sys is shown where a new one is refused"},
	{same, "", []string{"ioctl"}, []string{"pivot*"}, nil, "the terminal, where there is one"},
	{same, binary, []string{"lseek", "pread64", "fstatfs"}, unpacks, nil, "an archive that cannot be sought in is read to its end, and taken for one that has room"},
	{same, binary, []string{"getdents64"}, unpacks, nil, "a root that cannot be listed is taken for one that has something in it"},
	{same, "", []string{"fchmodat2", "fchownat", "fstat"}, unpacks, nil, "what an unprivileged user may not set"},
	{same, "", []string{"clone", "dup3", "execveat"}, []string{"switch_root"}, nil, "the old root is not emptied"},
	{same, "", []string{"pivot_root"}, []string{"pivot-shared", "pivot_root-outside"}, nil, "it is refused as it is"},

	// unshare.
	{differs, "", []string{"mount"}, []string{"mount-proc-shared"}, []syscall.Errno{unix.EINVAL}, "a /proc that is no mount has no propagation to change"},
	{kept, "", []string{"execve", "mount", "rt_sigprocmask", "read", "write"}, persist, nil, "the namespaces were made and bound before, and stay so, as with util-linux"},
}

// races are exceptions that need not happen: it depends on which of two
// processes is faster.
var races = []exception{
	{silent, "", []string{"writev", "write"}, nil, nil, "the message of the process that was slower, itself"},
	{twice, "", []string{"wait4"}, nil, nil, "the helper finds its caller gone"},
	{kept, "", []string{"wait4"}, persist, nil, "the binder binds what it was released for"},
	{same, image, []string{"read"}, []string{"enter-attach*", "enter-tools-shown"}, nil, "the locked copy is taken before the process that has it ends"},
	{renamed, image, []string{"read"}, []string{"enter-attach*", "enter-tools-shown"}, nil, "or it is not"},
	{beside, "", []string{"dup3", "execveat"}, []string{"switch_root"}, nil, "the old root is not emptied, who should do it says so"},
}

func (e exception) covers(golden string, f testkit.Fault, v verdict) bool {
	inRow := func(pattern string) bool { ok, _ := path.Match(pattern, golden); return ok }
	return e.verdict == v &&
		(len(e.calls) == 0 || slices.Contains(e.calls, f.Name)) &&
		(len(e.rows) == 0 || slices.ContainsFunc(e.rows, inRow)) &&
		(e.image == "" || e.image == f.Image) &&
		(len(e.errnos) == 0 || slices.Contains(e.errnos, f.Errno))
}
