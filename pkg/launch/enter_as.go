//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// openOwner opens what shows whose process the target is.
func (n *entering) openOwner() {
	if !follows(n.e.UID) && !follows(n.e.GID) {
		return
	}
	n.process = n.b.Var("process")
	path := n.proc("", "")
	n.hintGone(n.b.Open(path, unix.O_PATH).Into(n.process).Because("shows whose process the target is").Or("cannot open ", path))
}

// lookAtOwner notes the target's IDs as they are called inside.
func (n *entering) lookAtOwner() {
	if n.process.None() {
		return
	}
	n.owner = n.b.StatBuffer("target")
	n.b.Fstat(program.Value(n.process), n.owner).Because("the target's IDs, as this user namespace calls them").Or("stat of ", n.proc("", ""), " failed")
}

func follows(i Maybe[Identity]) bool { return i.Set && i.Value.Follow }

// defaults says whether IDs are set because a user namespace is entered.
func (n *entering) defaults() bool { return n.withUser() && !n.e.Preserve }

// unlessUser leads to the returned label where it turns out that no user
// namespace is entered.
func (n *entering) unlessUser() *program.Label {
	next := n.b.Label("no user namespace")
	if n.e.All {
		n.b.Do(program.OpAnd, program.Value(n.chosen), program.CloneFlags(ns.User.Flag())).IfZero(next)
	}
	return next
}

// dropGroupsEarly tries to drop all groups while the caller may still be
// allowed to: in the user namespace it may be denied.
func (n *entering) dropGroupsEarly() {
	if !n.defaults() {
		return
	}
	n.refused = n.b.Var("refused")
	next := n.unlessUser()
	n.b.Setgroups().Into(n.refused).Tolerate().Because("may be denied inside")
	n.b.Place(next)
}

// become sets groups and IDs.
func (n *entering) become() {
	n.b.Section("identity")
	n.lookAtOwner()
	switch {
	case n.e.GID.Set:
		n.dropGroups()
		n.setID(n.b.Do(program.SysSetgid, n.id(n.e.GID.Value, n.owner.GID)), "setgid() failed")
	case n.defaults():
		next := n.unlessUser()
		n.dropGroups()
		n.setID(n.b.Setgid(0), "setgid() failed")
		n.b.Place(next)
	}
	switch {
	case n.e.UID.Set:
		n.keepCapsAcross()
		n.setID(n.b.SetuidTo(n.id(n.e.UID.Value, n.owner.UID)), "setuid() failed")
	case n.defaults():
		next := n.unlessUser()
		n.setID(n.b.Setuid(0), "setuid() failed")
		n.b.Place(next)
	}
}

// keepCapsAcross keeps setuid(2) from dropping the capabilities.
func (n *entering) keepCapsAcross() {
	if n.e.KeepCaps && n.withUser() {
		next := n.unlessUser()
		n.b.KeepCaps().Because("setuid(2) would drop the capabilities").Or("prctl(PR_SET_KEEPCAPS) failed")
		n.b.Place(next)
	}
}

// id passes an ID or that of the target.
func (n *entering) id(i Identity, ofTarget program.Var) program.Arg {
	if i.Follow {
		return program.Value(ofTarget)
	}
	return program.Int(int64(i.ID))
}

func (n *entering) setID(s *program.Step, text string) {
	n.hint(s.Or(text), unix.EINVAL, hintUnmapped)
}

// dropGroups drops all groups, which is allowed to fail once: after the first
// attempt there may be none left to drop.
func (n *entering) dropGroups() {
	if n.refused.None() || n.e.Inside != nil { // with what is brought along a rootless target just works
		n.b.Setgroups().Tolerate().Because("no supplementary groups")
		return
	}
	dropped := n.b.Label("groups dropped")
	n.b.Setgroups().IfZero(dropped).Tolerate().Because("no supplementary groups")
	n.hint(n.b.FailWith(n.refused, "setgroups failed"), unix.EPERM, hintPreserve)
	n.b.Place(dropped)
}
