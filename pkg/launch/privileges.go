//go:build linux

package launch

import (
	"cmp"
	"strings"

	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// dropBounding takes capabilities out of the bounding set as long as the process
// may: a change of IDs can take the right to. What is to be made inheritable must
// still be in it then.
func (p *plan) dropBounding(now bool) {
	if p.s.Drop == 0 || !now {
		return
	}
	b := p.b
	capability, bit, kept := b.Var("capability"), b.Var("bit"), b.Label("kept")
	b.Move(capability, program.Int(0))
	next := b.Here("next capability to drop")
	b.Do(program.OpShiftRight, program.Int(int64(p.s.Drop)).As("what to drop"), program.Value(capability)).Into(bit)
	b.Do(program.OpAnd, program.Value(bit), program.Int(1)).IfZero(kept)
	step := b.DropBounding(program.Value(capability)).Ignore(unix.EINVAL).Because("nothing that is executed gets it again; a kernel knows the first ones").Or("cannot drop capabilities")
	p.hint(step, unix.EPERM, hintNeedsSetpcap)
	b.Place(kept)
	b.Do(program.OpAdd, program.Value(capability), program.Int(1)).Into(capability)
	b.Compare(program.Value(capability), program.Int(int64(cmp.Or(p.c.LastCap, maxCap)))).IfNegative(next).IfZero(next)
}

// dropCaps takes capabilities out of the other sets; the ambient one follows.
func (p *plan) dropCaps() {
	if p.s.Drop != 0 {
		b := p.b
		low, high := uint64(uint32(^p.s.Drop)), ^p.s.Drop>>32
		// effective, permitted, inheritable, for the lower 32 capabilities and for the upper.
		sets := [...]uint64{low, low, low, high, high, high}
		caps := b.Buffer("caps", 24)
		b.Capget(caps).Because("what is there to drop").Or("capget failed")
		for i := 0; i < len(sets); i += 2 {
			first, second := sets[i], sets[i+1]
			if program.BigEndian {
				first, second = second, first
			}
			word := caps.Part(int32(4*i), 8, "caps")
			b.Do(program.OpAnd, program.Value(word), program.Int(int64(first|second<<32)).As("what is kept")).Into(word)
		}
		b.Capset(caps).Because("the process itself drops them, too").Or("cannot drop capabilities")
	}
	if p.s.NoNewPrivs {
		b := p.b
		b.NoNewPrivs().Because("no program gets more by a set-user-ID bit or file capabilities").Or("prctl(PR_SET_NO_NEW_PRIVS) failed")
	}
}

// joinCgroup moves the process into a control group, before a cgroup namespace is
// made, whose root that is then.
func (p *plan) joinCgroup() {
	if p.s.Cgroup.Set {
		p.writeFile(p.b.Join(p.s.Cgroup.Value, "/cgroup.procs"), "0", "cannot open ", "cannot write to ", "start in this control group: 0 stands for the writer")
	}
}

// setSysctls writes settings of the new namespaces.
func (p *plan) setSysctls() {
	for i := range p.s.Sysctls {
		s := &p.s.Sysctls[i]
		open, _ := p.writeFile(p.b.Join("/proc/sys/", s.Path), s.Value, "cannot open ", "cannot write to ", "a setting of the new namespaces only")
		if strings.HasPrefix(s.Path, "net/") && !p.s.Users.Single.Set && len(p.s.Users.Blocks) == 0 {
			p.hint(open, unix.EACCES, hintSysctlOwner)
		}
	}
}
