//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// The hints: each says what would help against one cause that can be named.
const (
	hintNeedsUser     = "this needs CAP_SYS_ADMIN; add --user or --map-root-user to get it in a user namespace of your own"
	hintNeedsAdmin    = "this needs CAP_SYS_ADMIN"
	hintNeedsChroot   = "this needs CAP_SYS_CHROOT; add --user or --map-root-user to get it in a user namespace of your own"
	hintLacksChroot   = "this needs CAP_SYS_CHROOT"
	hintLacksSetuid   = "this needs CAP_SETUID"
	hintNotMapped     = "your user or group ID is not mapped in this user namespace, so the kernel creates no further one: write its uid_map and gid_map from outside, or create it with --map-root-user"
	hintChroot        = "the kernel creates no user namespace in a chroot: change the root with pivot instead"
	hintUserClosed    = "user namespaces are closed to unprivileged users here: root can set the sysctl kernel.unprivileged_userns_clone to 1"
	hintFilter        = "a filter of system calls (seccomp) is in force, as in most containers, and may forbid this: allow it where the container is started"
	hintModule        = "a security module (AppArmor, SELinux) refuses this: see its log, and /proc/self/attr/current for the profile"
	hintMayModule     = "a security module (AppArmor, SELinux) may refuse this: see its log, and /proc/self/attr/current for the profile"
	hintDepth         = "33 user namespaces are nested already, which is the limit, or /proc/sys/user/max_user_namespaces is reached in a parent"
	hintPidTwice      = "a PID namespace was made before (unshare --pid without --fork) and has no process yet: start one first"
	hintAppArmor      = "AppArmor restricts unprivileged user namespaces: kernel.apparmor_restrict_unprivileged_userns=1, or the program needs a profile with 'userns'"
	hintAppArmorMount = "AppArmor's profile unprivileged_userns refuses this: kernel.apparmor_restrict_unprivileged_userns=1, or the program needs a profile with 'userns'"
	hintPidFile       = "the file must exist; before Linux 7.1 a PID namespace can be bound only once it has a process, too: add --fork"
	hintBindFile      = "the file must exist, and so must /proc, through which the namespace is found"
	hintMountFile     = "a mount namespace can be bound only to a file on a mount that is private: try mount --make-private on it"
	hintSetgroups     = "setgroups is denied in a user namespace mapped with --map-group or --map-root-user; --map-groups leaves it allowed"
	hintDeniedTwice   = "--map-group and --map-root-user have denied setgroups already; leave --setgroups out"
	hintSetgroupsUser = "--setgroups works in a new user namespace only; add --user"
	hintNoMountPoint  = "/ is not a mount point here, as in a chroot; --propagation unchanged leaves it"
	hintRootMount     = "/ is not a mount point here, as in a chroot: bind its directory to itself (mount --bind DIR DIR) before the chroot"
	hintLockChroot    = "they are locked in a new user namespace, and the kernel creates none in a chroot"
	hintProcNeeds     = "a new proc mount needs a new PID namespace and a process in it: add --pid --fork"
	hintProcPid       = "a new proc mount needs a new PID namespace: add --pid"
	hintProcFork      = "a new proc mount needs a process in the new PID namespace: add --fork"
	hintNeedsSetpcap  = "this needs CAP_SETPCAP: add --user or --map-root-user to get it in a user namespace of your own"
	hintNeedsSetfcap  = "a map with root in it needs CAP_SETFCAP (Linux 5.12)"
	hintNeedsSetuids  = "a map needs CAP_SETUID, CAP_SETGID and, with root in it, CAP_SETFCAP; and this user namespace must have the IDs outside"
	hintSysctlOwner   = "root in the user namespace that owns the namespace may write this: add --map-root-user"
	hintMapIDs        = "the file system, or one below it, has no mounts with mapped IDs"
	hintMapIDsRoot    = "this needs CAP_SYS_ADMIN in the user namespace that the file system was mounted in"
	hintNoProc        = "this is done through /proc, and no proc file system is mounted there"
	hintInsideRoot    = "it was looked up inside the new root"
	hintInsideTarget  = "it was looked up inside: in the target's mount namespace and root directory"
	hintInterpreter   = "the file is there, but what executes it is not: the program in its #! line, or its dynamic loader"
	hintTools         = "newuidmap and newgidmap, which may map more than one ID, come with the package uidmap or shadow-utils"
	hintProcMasked    = "a user namespace may mount proc only where the /proc it came with is fully visible, nothing mounted over parts of it"
)

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
	if p.s.Groups.Single.Set {
		p.hint(s, unix.EPERM, hintSetgroups)
	}
}

// hintProc names the causes why proc cannot be mounted.
func (p *plan) hintProc(s *program.Step) {
	switch pid := p.s.Unshare.Has(ns.PID); {
	case !pid && !p.s.Fork:
		p.hint(s, unix.EPERM, hintProcNeeds)
	case !pid:
		p.hint(s, unix.EPERM, hintProcPid)
	case !p.s.Fork:
		p.hint(s, unix.EPERM, hintProcFork)
	case p.s.Unshare.Has(ns.User):
		p.hint(s, unix.EPERM, hintProcMasked)
	}
}
