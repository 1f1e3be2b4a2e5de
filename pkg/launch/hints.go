package launch

import (
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/program"
	"golang.org/x/sys/unix"
)

// The hints: each says what would help against one cause that can be named.
const (
	hintNeedsUser     = "this needs CAP_SYS_ADMIN; add --user or --map-root-user to get it in a user namespace of your own"
	hintUserDenied    = "user namespaces may be closed to you: kernel.unprivileged_userns_clone=0, a chroot, or a security module"
	hintExhausted     = "a limit is reached: see /proc/sys/user/max_*_namespaces, here and in the namespaces above"
	hintUnknownKind   = "the kernel may lack one of these kinds of namespace: compare /proc/self/ns"
	hintAppArmor      = "AppArmor restricts unprivileged user namespaces: kernel.apparmor_restrict_unprivileged_userns=1, or the program needs a profile with 'userns'"
	hintPidFile       = "a PID namespace can be bound only once it has a process: add --fork"
	hintBindFile      = "the file must exist, and so must /proc, through which the namespace is found"
	hintMountFile     = "a mount namespace can be bound only to a file on a mount that is private: try mount --make-private on it"
	hintSetgroups     = "setgroups is denied in a user namespace mapped with --map-group or --map-root-user; --map-groups leaves it allowed"
	hintDeniedTwice   = "--map-group and --map-root-user have denied setgroups already; leave --setgroups out"
	hintSetgroupsUser = "--setgroups works in a new user namespace only; add --user"
	hintNoMountPoint  = "/ is not a mount point here, as in a chroot; --propagation unchanged leaves it"
	hintProcNeeds     = "a new proc mount needs a PID namespace of one's own: add --pid --fork"
	hintNoProc        = "this is done through /proc, and no proc file system is mounted there"
	hintProcMasked    = "a user namespace may mount proc only where the /proc it came with is fully visible, nothing mounted over parts of it"
)

// hintUnshare names the causes why namespaces cannot be made.
func (p *plan) hintUnshare(s *program.Step) {
	if p.s.Unshare.Has(ns.User) {
		p.hint(s, unix.EPERM, hintUserDenied)
	} else {
		p.hint(s, unix.EPERM, hintNeedsUser)
	}
	p.hint(s, unix.ENOSPC, hintExhausted)
	p.hint(s, unix.EUSERS, hintExhausted)
	p.hint(s, unix.EINVAL, hintUnknownKind)
}

// hintBind names the causes why a namespace cannot be bound to a file.
func (p *plan) hintBind(s *program.Step, f Persist) {
	switch {
	case f.Kind == ns.PID && !p.s.Fork:
		p.hint(s, unix.ENOENT, hintPidFile)
		return
	case f.Kind == ns.Mount:
		p.hint(s, unix.EINVAL, hintMountFile)
	}
	p.hint(s, unix.ENOENT, hintBindFile)
}

func (p *plan) hintSetgroups(s *program.Step) {
	if p.s.Groups.Single != nil {
		p.hint(s, unix.EPERM, hintSetgroups)
	}
}

func (p *plan) hintProc(s *program.Step) {
	switch {
	case !p.s.Unshare.Has(ns.PID) || !p.s.Fork:
		p.hint(s, unix.EPERM, hintProcNeeds)
	case p.s.Unshare.Has(ns.User):
		p.hint(s, unix.EPERM, hintProcMasked)
	}
}
