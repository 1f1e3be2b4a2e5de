//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// The hints of entering.
const (
	hintEnterUser       = "this needs CAP_SYS_ADMIN in the user namespace that owns the namespace; --user enters that one too"
	hintNeedsOwner      = "this needs CAP_SYS_ADMIN in the user namespace that owns the namespace, and in the caller's own"
	hintMountOwner      = "this needs CAP_SYS_ADMIN in the user namespace that owns the namespace, and CAP_SYS_ADMIN and CAP_SYS_CHROOT in the caller's own"
	hintMountChroot     = "a mount namespace is entered with CAP_SYS_CHROOT, which the caller lacks, besides CAP_SYS_ADMIN"
	hintUserOwner       = "a user namespace can be entered by its owner, and with CAP_SYS_ADMIN in it"
	hintOwnUser         = "this is the user namespace that the caller is in, which cannot be entered again: leave --user out"
	hintPidAbove        = "a process can enter its own PID namespace and those below it, no other"
	hintNoNamespace     = "the file is not a namespace: nothing is mounted on it, perhaps not any more"
	hintClosed          = "the process belongs to another user or has privileges that the caller lacks (CAP_SYS_PTRACE would do, see ptrace(2))"
	hintNotOwned        = "the user namespace that is entered does not own all of the others"
	hintNoInit          = "the first process of the PID namespace may have ended; then no other can be made in it"
	hintNoChild         = "the target has ended, or its children's PID namespace has no process yet"
	hintEnded           = "the target has ended"
	hintNamespaceID     = "no namespace has this id, or the kernel is older than 6.19 and cannot look it up: --target names a namespace by a process in it"
	hintInnerID         = "the kernel looks the ids of other namespaces up for callers with CAP_SYS_ADMIN in the initial user and PID namespaces only, since Linux 6.19: --target names a namespace by a process in it"
	hintCommonGroup     = "moving a process takes write access to cgroup.procs of the common ancestor of both groups as well"
	hintUnmapped        = "the user namespace has no such ID: --setuid and --setgid name another, --preserve-credentials keeps the caller's"
	hintMountOutside    = "this needs CAP_SYS_ADMIN, here or in the target's user namespace"
	hintMakeDestination = "the option mkdir makes it: SRC:DST:mkdir"
	hintAlike           = "a directory is attached to a directory, and anything else to a file"
	hintNotMounted      = "nothing is mounted there"
	hintPreserve        = "the user namespace denies setgroups(2); --preserve-credentials leaves IDs and groups as they are"
)

// hintGone names the likely causes when something of the target is not there
// or closed.
func (n *entering) hintGone(s *program.Step) *program.Step {
	if !n.e.NoHints {
		s.Hint(unix.ENOENT, n.missing)
		s.Hint(unix.EACCES, n.closed)
	}
	return s
}
