package launch

import (
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/program"
	"golang.org/x/sys/unix"
)

// The hints of entering.
const (
	hintEnterUser   = "this needs CAP_SYS_ADMIN in the user namespace that owns the namespace; --user enters that one too"
	hintNotOwned    = "the user namespace that is entered does not own all of the others"
	hintNoInit      = "the first process of the PID namespace may have ended; then no other can be made in it"
	hintNoChild     = "the target has ended, or its children's PID namespace has no process yet"
	hintEnded       = "the target has ended"
	hintNamespaceID = "no namespace has this id, or the kernel is older than 6.19 and cannot look it up"
	hintCommonGroup = "moving a process takes write access to cgroup.procs of the common ancestor of both groups as well"
	hintUnmapped    = "the user namespace has no such ID: --setuid and --setgid name another, --preserve-credentials keeps the caller's"
	hintPreserve    = "the user namespace denies setgroups(2); --preserve-credentials leaves IDs and groups as they are"
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

// hintPermission says what entering a namespace takes.
func (n *entering) hintPermission(s *program.Step) *program.Step {
	n.hint(s, unix.ESRCH, hintEnded)
	switch {
	case n.ofTarget.Has(ns.User) && n.ofTarget&(n.ofTarget-1) == 0 && len(n.files) == 0:
		n.hint(s, unix.EPERM, n.closed)
	case n.withUser():
		n.hint(s, unix.EPERM, hintNotOwned)
	default:
		n.hint(s, unix.EPERM, hintEnterUser)
	}
	return s
}
