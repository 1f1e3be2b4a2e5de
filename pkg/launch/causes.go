//go:build linux

package launch

import (
	"encoding/binary"
	"unsafe"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// Where one error number has several causes, the system is asked which it is,
// but only once the call has failed: these steps stand at the end of the Program.
// The process ends whatever they find, so they may try out what a hint proposes.

// denial is where a failed unshare(2) leads.
type denial struct {
	result          program.Var
	denied, limited *program.Label
}

// hintUnshare names the causes why namespaces cannot be made.
func (p *plan) hintUnshare(s *program.Step) {
	if p.s.NoHints || p.s.Unshare == 0 {
		return
	}
	if p.denial.denied == nil {
		p.denial = denial{p.b.Var("refusal"), p.b.Label("not permitted"), p.b.Label("which of them")}
	}
	s.Into(p.denial.result).On(unix.EPERM, p.denial.denied).On(unix.ENOSPC, p.denial.limited).On(unix.EINVAL, p.denial.limited)
	p.hint(s, unix.EACCES, hintModule)
	p.hint(s, unix.EUSERS, hintDepth)
}

// placeDenial is where hintUnshare leads.
func (p *plan) placeDenial() {
	if p.denial.denied == nil {
		return
	}
	p.b.Section("if unshare(2) fails: why")
	p.b.Place(p.denial.denied)
	p.nameUnmapped()
	if !p.s.Unshare.Has(ns.User) {
		closed := p.b.Label("no way out")
		p.b.Unshare(ns.User.Flag()).IfNegative(closed).Because("would --user help?")
		p.failUnshare(hintNeedsUser)
		p.b.Place(closed)
	}
	p.nameClosed()
	p.nameLimits()
	p.b.ExitGroup(program.Int(1)) // never reached: what failed has been reported
}

// failUnshare fails as unshare(2) did.
func (p *plan) failUnshare(hint string) {
	p.b.FailWith(p.denial.result, "unshare failed").Hint(0, hint)
}

// overflowID stands for every ID that a user namespace has no name for, see
// user_namespaces(7).
const overflowID = 65534

// nameUnmapped finds out whether the caller's IDs are mapped: nobody can become
// an ID that is not.
func (p *plan) nameUnmapped() {
	if p.c.UID != overflowID && p.c.GID != overflowID {
		return
	}
	unmapped, next := p.b.Label("not mapped"), p.b.Label("mapped")
	p.b.Setuid(p.c.UID).On(unix.EINVAL, unmapped).Tolerate().Because("is this user ID mapped?")
	p.b.Setgid(p.c.GID).On(unix.EINVAL, unmapped).Tolerate().Because("and the group ID?")
	p.b.Goto(next)
	p.b.Place(unmapped)
	p.failUnshare(hintNotMapped)
	p.b.Place(next)
}

// nameClosed finds out what forbids user namespaces.
func (p *plan) nameClosed() {
	b := p.b
	buffer, attributes := b.AttributesBuffer("statx")
	mask := buffer.Part(int32(unsafe.Offsetof(unix.Statx_t{}.Attributes_mask)), 8, "statx.stx_attributes_mask")
	open, next, free := b.Label("no chroot"), b.Label("no such setting"), b.Label("no filter")
	b.StatxAttributes("/", buffer).IfNegative(open).Because("in a chroot / is not a mount point")
	b.WithInt(&program.OpAnd, mask, unix.STATX_ATTR_MOUNT_ROOT).IfZero(open)
	b.WithInt(&program.OpAnd, attributes, unix.STATX_ATTR_MOUNT_ROOT).IfPositive(open)
	p.failUnshare(hintChroot)
	b.Place(open)
	p.unlessSetting("/proc/sys/kernel/unprivileged_userns_clone", '0', next)
	p.failUnshare(hintUserClosed)
	b.Place(next)
	b.SeccompMode().IfNegative(free).IfZero(free).Because("does a filter forbid system calls?")
	p.failUnshare(hintFilter)
	b.Place(free)
	plain := b.FailWith(p.denial.result, "unshare failed")
	if !p.s.Unshare.Has(ns.User) && p.c.UID != 0 {
		p.hint(plain, 0, hintNeedsAdmin)
	}
}

// unlessSetting leads to a label unless a file begins with a byte.
func (p *plan) unlessSetting(file string, byte int64, otherwise *program.Label) {
	fd, got := p.b.Var("fd"), p.b.Var("byte")
	p.b.Open(file, unix.O_RDONLY).Into(fd).IfNegative(otherwise)
	p.b.ReadOne(program.Value(fd), got).Tolerate()
	p.b.CompareInt(got, byte).IfPositive(otherwise).IfNegative(otherwise)
}

// nameModule has the failure of a mount say whether a security module may be the
// cause: a directory that is closed to the caller has the same error number. otherwise is the hint where
// no module is seen, "" for none.
func (p *plan) nameModule(s *program.Step, text, otherwise string) {
	s.Or(text)
	if p.s.NoHints {
		return
	}
	result, fd, got := p.b.Var("mounted"), p.b.Var("fd"), p.b.Var("profile")
	mounted, denied, plain := p.b.Label("mounted"), p.b.Label("denied"), p.b.Label("no module")
	confined, restricted := p.b.Label("confined"), p.b.Label("restricted")
	s.Into(result).IfPositive(mounted).IfZero(mounted).On(unix.EACCES, denied)
	p.b.Place(denied)
	p.b.Open("/proc/self/attr/current", unix.O_RDONLY).Into(fd).IfNegative(plain).Because("is there a security module?")
	p.b.Read(program.Value(fd), got).IfNegative(plain).IfZero(plain)
	p.b.CompareInt(got, eight("unprivil")).IfZero(restricted).Because("AppArmor's profile unprivileged_userns")
	p.b.CompareInt(got, eight("unconfin")).IfPositive(confined).IfNegative(confined)
	p.b.Read(program.Value(fd), got).Into(fd).IfNegative(plain).Because("AppArmor's unconfined, or SELinux's unconfined_u")
	p.b.CompareInt(fd, int64(len("ed\n"))).IfZero(plain).IfNegative(plain)
	p.b.Place(confined)
	p.b.FailWith(result, text).Hint(0, hintMayModule)
	p.b.Place(restricted)
	p.b.FailWith(result, text).Hint(0, hintAppArmorMount)
	p.b.Place(plain)
	p.hint(p.b.FailWith(result, text), 0, otherwise)
	p.b.Place(mounted)
}

// nameLimits makes the namespaces one by one, to see which of them the kernel
// refuses.
func (p *plan) nameLimits() {
	var refused [ns.KindCount]*program.Label
	var files [ns.KindCount]program.Var
	p.b.Place(p.denial.limited)
	for _, kind := range limitOrder() {
		if p.s.Unshare.Has(kind) {
			files[kind] = p.b.Var("limit")
			p.b.Open(limits[kind].file, unix.O_RDONLY).Into(files[kind]).Tolerate().Because("that of the caller's user namespace, whatever is entered below")
		}
	}
	for _, kind := range limitOrder() {
		if p.s.Unshare.Has(kind) {
			refused[kind] = p.b.Label("it is this")
			p.b.Unshare(kind.Flag()).On(unix.ENOSPC, refused[kind]).On(unix.EINVAL, refused[kind]).Tolerate().Because("one by one: which is refused?")
		}
	}
	p.b.FailWith(p.denial.result, "unshare failed")
	for _, kind := range limitOrder() {
		if refused[kind] != nil {
			p.b.Place(refused[kind])
			p.nameLimit(kind, files[kind])
		}
	}
}

// limitOrder is the order in which the kernel makes namespaces, as far as it
// matters: the user namespace owns the others.
func limitOrder() [8]ns.Kind {
	return [...]ns.Kind{ns.User, ns.PID, ns.Mount, ns.UTS, ns.IPC, ns.Net, ns.Cgroup, ns.Time}
}

// nameLimit says why one kind is refused. If the caller's user namespace has no limit, it is that
// of one above.
func (p *plan) nameLimit(kind ns.Kind, file program.Var) {
	if kind == ns.PID {
		p.nameSecondPid()
	}
	limited := p.b.Label("limited")
	p.b.Read(program.Value(file), file).Tolerate()
	p.b.CompareInt(file, unlimited()).IfPositive(limited).IfNegative(limited).Because("2147483647 means no limit")
	p.failLimit(kind, limits[kind].above)
	p.b.Place(limited)
	p.failLimit(kind, limits[kind].reached)
}

func (p *plan) failLimit(kind ns.Kind, reached string) {
	failed := p.b.FailWith(p.denial.result, "unshare failed")
	p.hint(failed, unix.ENOSPC, reached)
	p.hint(failed, unix.EINVAL, limits[kind].lacking)
}

// nameSecondPid tells a PID namespace that still waits for its first process
// from a kernel without any.
func (p *plan) nameSecondPid() {
	limited, status := p.b.Label("limited"), p.b.StatBuffer("status")
	p.b.CompareInt(p.denial.result, -int64(unix.EINVAL)).IfPositive(limited).IfNegative(limited)
	p.b.Stat("/proc/self/ns/pid", status).IfNegative(limited).Because("are there PID namespaces?")
	p.failUnshare(hintPidTwice)
	p.b.Place(limited)
}

// unlimited are the first eight digits of 2147483647: the limit of a user namespace that has
// none of its own.
func unlimited() int64 { return eight("21474836") }

// eight are eight bytes as they lie in memory.
func eight(text string) int64 {
	var bytes [8]byte
	copy(bytes[:], text)
	return int64(binary.NativeEndian.Uint64(bytes[:]))
}

// limits has what is said of each kind: of a limit that is that of a user namespace above the
// caller's, of one that may be, and of a kernel without the kind.
var limits = [ns.KindCount]struct{ file, above, reached, lacking string }{
	ns.User: {
		"/proc/sys/user/max_user_namespaces",
		hintDepth,
		"a limit is reached: /proc/sys/user/max_user_namespaces, here or in a user namespace above: lsns --limits",
		"this kernel has no user namespaces: compare /proc/self/ns"},
	ns.PID: {
		"/proc/sys/user/max_pid_namespaces",
		"a limit is reached: /proc/sys/user/max_pid_namespaces of a user namespace above; this one has none, or 32 PID namespaces are nested already: lsns --limits",
		"a limit is reached: /proc/sys/user/max_pid_namespaces, here or in a user namespace above, or 32 PID namespaces inside each other: lsns --limits",
		"this kernel has no PID namespaces: compare /proc/self/ns"},
	ns.Mount: {
		"/proc/sys/user/max_mnt_namespaces",
		"a limit is reached: /proc/sys/user/max_mnt_namespaces of a user namespace above; this one has none, or /proc/sys/fs/mount-max: lsns --limits",
		"a limit is reached: /proc/sys/user/max_mnt_namespaces, here or in a user namespace above, or /proc/sys/fs/mount-max: lsns --limits",
		"this kernel has no mount namespaces: compare /proc/self/ns"},
	ns.UTS: {
		"/proc/sys/user/max_uts_namespaces",
		"a limit is reached: /proc/sys/user/max_uts_namespaces of a user namespace above; this one has none: lsns --limits",
		"a limit is reached: /proc/sys/user/max_uts_namespaces, here or in a user namespace above: lsns --limits",
		"this kernel has no UTS namespaces: compare /proc/self/ns"},
	ns.IPC: {
		"/proc/sys/user/max_ipc_namespaces",
		"a limit is reached: /proc/sys/user/max_ipc_namespaces of a user namespace above; this one has none: lsns --limits",
		"a limit is reached: /proc/sys/user/max_ipc_namespaces, here or in a user namespace above: lsns --limits",
		"this kernel has no IPC namespaces: compare /proc/self/ns"},
	ns.Net: {
		"/proc/sys/user/max_net_namespaces",
		"a limit is reached: /proc/sys/user/max_net_namespaces of a user namespace above; this one has none: lsns --limits",
		"a limit is reached: /proc/sys/user/max_net_namespaces, here or in a user namespace above: lsns --limits",
		"this kernel has no network namespaces: compare /proc/self/ns"},
	ns.Cgroup: {
		"/proc/sys/user/max_cgroup_namespaces",
		"a limit is reached: /proc/sys/user/max_cgroup_namespaces of a user namespace above; this one has none: lsns --limits",
		"a limit is reached: /proc/sys/user/max_cgroup_namespaces, here or in a user namespace above: lsns --limits",
		"this kernel has no cgroup namespaces: compare /proc/self/ns"},
	ns.Time: {
		"/proc/sys/user/max_time_namespaces",
		"a limit is reached: /proc/sys/user/max_time_namespaces of a user namespace above; this one has none: lsns --limits",
		"a limit is reached: /proc/sys/user/max_time_namespaces, here or in a user namespace above: lsns --limits",
		"this kernel has no time namespaces: compare /proc/self/ns"},
}
