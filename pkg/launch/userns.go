//go:build linux

package launch

import (
	"cmp"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// becomeOwner takes the IDs of the future owner of the user namespace.
func (p *plan) becomeOwner() {
	if !p.s.Owner.Set {
		return
	}
	p.b.Setgroups().Because("no supplementary groups").Or("setgroups failed")
	p.b.Setgid(p.s.Owner.Value.GID).Or("setgid() failed")
	p.b.Setuid(p.s.Owner.Value.UID).Because("who makes a user namespace owns it").Or("setuid() failed")
}

// mapSingleIDs maps the caller's own IDs, which needs no privilege.
func (p *plan) mapSingleIDs() {
	if id := p.s.Users.Single; id.Set && !p.mappedByHelper(p.s.Users) {
		p.writeOwnMap("/proc/self/uid_map", p.b.Join(p.b.Itoa(int64(id.Value)), " ", p.b.Itoa(int64(p.c.UID)), " 1"))
	}
	id := p.s.Groups.Single
	if !id.Set || p.mappedByHelper(p.s.Groups) {
		return
	}
	if p.s.Setgroups == SetgroupsAllow {
		p.b.Write(program.Int(2), p.b.Join(p.s.Name, ": options --setgroups=allow and --map-group are mutually exclusive\n")).Tolerate()
		p.b.ExitGroup(program.Int(1))
	}
	p.tellSetgroups("deny", "else a group could be dropped that denies access")
	p.writeOwnMap("/proc/self/gid_map", p.b.Join(p.b.Itoa(int64(id.Value)), " ", p.b.Itoa(int64(p.c.GID)), " 1"))
}

// tellSetgroups allows setgroups(2) in the user namespace or gives it up; the
// kernel takes no group map from an unprivileged process that has not. Linux
// before 3.19 has no such file. It returns the step that writes.
func (p *plan) tellSetgroups(word, why string) *program.Step {
	const file = "/proc/self/setgroups"
	fd, old := p.b.Var("fd"), p.b.Label("no setgroups file")
	p.b.Open(file, unix.O_WRONLY).Into(fd).Because("Linux before 3.19 has no such file").On(unix.ENOENT, old).Or("cannot open ", file)
	write := p.b.Write(program.Value(fd), word).Because(why).Or("write failed ", file)
	p.b.Close(program.Value(fd)).Tolerate()
	p.b.Place(old)
	return write
}

// writeOwnMap writes a map with one line. A security module can let user
// namespaces be made and then forbid this, which deserves a name.
func (p *plan) writeOwnMap(file, text string) {
	fd, written, denied := p.b.Var("fd"), p.b.Var("written"), p.b.Label("denied")
	done := p.b.Label("mapped")
	p.hint(p.b.Open(file, unix.O_WRONLY).Into(fd).Because("which ID inside is which outside").Or("cannot open ", file), unix.ENOENT, hintNoProc)
	write := p.b.Write(program.Value(fd), text).Because("inside, outside, count; it is written once, for good").Or("write failed ", file)
	if p.s.NoHints || file != "/proc/self/uid_map" {
		p.b.Close(program.Value(fd)).Tolerate()
		return
	}
	write.Into(written).On(unix.EPERM, denied)
	p.b.Close(program.Value(fd)).Tolerate()
	p.b.Goto(done)
	p.b.Place(denied)
	p.nameRestriction(written, p.b.Join("write failed ", file))
	p.b.Place(done)
}

// nameRestriction fails with a hint if AppArmor restricts user namespaces, or if the map has root in it:
// only what has CAP_SETFCAP may map user ID 0 (user_namespaces(7), Linux 5.12).
func (p *plan) nameRestriction(failed program.Var, text string) {
	const file = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"
	fd, got, plain := p.b.Var("fd"), p.b.Var("byte"), p.b.Label("no restriction")
	p.b.Open(file, unix.O_RDONLY).Into(fd).IfNegative(plain).Because("the cause of EPERM on Ubuntu")
	p.b.ReadOne(program.Value(fd), got).Tolerate()
	p.b.CompareInt(got, '0').IfZero(plain).IfNegative(plain)
	p.hint(p.b.FailWith(failed, text), 0, hintAppArmor)
	p.b.Place(plain)
	if refused := p.b.FailWith(failed, text); p.c.UID == 0 {
		p.hint(refused, 0, hintNeedsSetfcap)
	}
}

// writeSetgroups carries out --setgroups itself.
func (p *plan) writeSetgroups() {
	if p.s.Setgroups == "" {
		return
	}
	write := p.tellSetgroups(string(p.s.Setgroups), "setgroups(2) in the user namespace")
	if p.s.Setgroups == SetgroupsDeny && p.s.Groups.Single.Set {
		p.hint(write, unix.EPERM, hintDeniedTwice)
	} else if !p.s.Unshare.Has(ns.User) {
		p.hint(write, unix.EPERM, hintSetgroupsUser)
	}
}

// setIDs takes the group and user that the command runs as.
func (p *plan) setIDs() {
	if p.s.GID.Set {
		step := p.b.Setgroups().Because("no supplementary groups").Or("setgroups failed")
		p.hintSetgroups(step)
		p.b.Setgid(p.s.GID.Value).Or("setgid() failed")
	}
	if !p.s.UID.Set {
		return
	}
	if p.keepsCaps() {
		p.b.KeepCaps().Because("setuid(2) would drop the capabilities").Or("prctl(PR_SET_KEEPCAPS) failed")
	}
	step := p.b.Setuid(p.s.UID.Value).Or("setuid() failed")
	if !p.s.Unshare.Has(ns.User) {
		p.hint(step, unix.EPERM, hintLacksSetuid)
	}
}

// keepsCaps reports whether there are capabilities to keep: only a new user
// namespace grants any.
func (p *plan) keepsCaps() bool { return p.s.KeepCaps && p.s.Unshare.Has(ns.User) }

// keepCaps makes the permitted capabilities effective, inheritable and ambient,
// so that they survive execve(2), see capabilities(7).
func (p *plan) keepCaps() {
	if p.keepsCaps() {
		p.raiseCaps()
	}
}

// maxCap is the largest capability that there is room for: none above the
// kernel's last one is ever permitted.
const maxCap = 63

// raiseCaps is what keepCaps does about it.
func (p *plan) raiseCaps() {
	b := p.b
	// struct __user_cap_data_struct[2]: effective, permitted, inheritable, for
	// the lower 32 capabilities and for the upper.
	caps := b.Buffer("caps", 24)
	lower, upper := caps.Part(4, 4, "caps[0].permitted"), caps.Part(16, 4, "caps[1].permitted")
	first, all, last := caps.Part(0, 8, "caps[0]"), caps.Part(8, 8, "permitted"), caps.Part(16, 8, "caps[1]")
	high := b.Var("high")
	middle := all // the upper half of one set and the lower half of the next
	if program.BigEndian {
		all = b.Var("permitted")
	}
	b.Capget(caps).Because("what is permitted").Or("capget failed")
	b.WithInt(&program.OpShiftLeft, lower, 32).Into(high)
	b.WithVar(&program.OpOr, high, lower).Into(first)
	b.WithInt(&program.OpShiftLeft, upper, 32).Into(high)
	b.WithVar(&program.OpOr, high, lower).Into(all)
	b.WithVar(&program.OpOr, high, upper).Into(last)
	if program.BigEndian {
		b.WithInt(&program.OpShiftLeft, lower, 32).Into(high)
		b.WithVar(&program.OpOr, high, upper).Into(middle)
	}
	b.Capset(caps).Because("effective and inheritable as well").Or("capset failed")

	capability, bit, skip := b.Var("capability"), b.Var("bit"), b.Label("not permitted")
	b.Move(capability, program.Int(0))
	next := b.Here("next capability")
	b.WithVar(&program.OpShiftRight, all, capability).Into(bit)
	b.WithInt(&program.OpAnd, bit, 1).IfZero(skip)
	b.RaiseAmbient(program.Value(capability)).Because("ambient, so that it survives execve").Or("prctl(PR_CAP_AMBIENT) failed")
	b.Place(skip)
	b.WithInt(&program.OpAdd, capability, 1).Into(capability)
	b.CompareInt(capability, int64(cmp.Or(p.c.LastCap, maxCap))).IfNegative(next).IfZero(next)
}
