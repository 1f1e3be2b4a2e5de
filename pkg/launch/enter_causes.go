//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// refused is where a failed setns(2) leads whose cause is asked for, see
// causes.go.
type refused struct {
	// result is that of the setns(2) of a pidfd, denied where EPERM leads.
	result program.Var
	denied *program.Label
	// odd are descriptors that setns(2) does not take for what they were given as.
	odd  []oddFile
	room [3 * ns.KindCount]oddFile
}

// oddFile is a descriptor and where its EINVAL leads.
type oddFile struct {
	nsFile
	at *program.Label
}

// hintPidfd has the cause asked for why the target's namespaces are closed.
func (n *entering) hintPidfd(s *program.Step) {
	n.hint(s, unix.ESRCH, hintEnded)
	if n.e.NoHints {
		return
	}
	n.why.result, n.why.denied = n.b.Var("refusal"), n.b.Label("not permitted")
	s.Into(n.why.result).On(unix.EPERM, n.why.denied)
}

// hintFile names the causes why a namespace cannot be entered by its file.
func (n *entering) hintFile(s *program.Step, f nsFile) {
	if f.ofTarget && (f.kind != ns.User && f.kind != ns.PID || n.e.NoHints) {
		s.Into(n.result).On(unix.EINVAL, n.useless)
	} else if !n.e.NoHints {
		if n.why.odd == nil {
			n.why.odd = n.why.room[:0]
		}
		odd := oddFile{f, n.b.Label("not valid")}
		n.why.odd = append(n.why.odd, odd)
		s.On(unix.EINVAL, odd.at)
	}
	switch {
	case f.kind == ns.User:
		n.hint(s, unix.EPERM, hintUserOwner)
	case n.withUser():
		n.hint(s, unix.EPERM, hintNotOwned)
	case f.kind == ns.Mount:
		n.hint(s, unix.EPERM, hintMountOwner)
	default:
		n.hint(s, unix.EPERM, hintNeedsOwner)
	}
}

// placeRefused is where hintPidfd and hintFile lead.
func (n *entering) placeRefused() {
	if n.why.denied != nil {
		n.b.Section("if setns(2) is not permitted: why")
		n.b.Place(n.why.denied)
		n.nameDenied()
		n.b.ExitGroup(program.Int(1)) // never reached: what failed has been reported
	}
	if n.why.odd != nil {
		n.b.Section("if setns(2) does not take a file: why")
		n.nameOdd()
	}
}

// failSetns fails as the setns(2) of the pidfd did.
func (n *entering) failSetns(hint string) {
	n.b.FailWith(n.why.result, "reassociate to namespaces failed").Hint(0, hint)
}

// nameDenied tells who may not look at the target from who has no rights in its
// namespaces, and tries out whether its user namespace would give them.
func (n *entering) nameDenied() {
	first := ns.User
	for kind := ns.KindCount - 1; kind < ns.KindCount; kind-- {
		if n.ofTarget.Has(kind) {
			first = kind
		}
	}
	closed, no := n.b.Label("closed"), n.b.Label("no way in")
	pidfd := program.Value(n.pidfd)
	n.b.Readlink(n.proc("ns/", first.String()), n.b.Buffer("link", 64)).On(unix.EACCES, closed).Tolerate().Because("may the target be looked at?")
	switch user := n.ofTarget.Has(ns.User); {
	case !n.withUser():
		n.b.Setns(pidfd, program.CloneFlags(ns.User.Flag())).IfNegative(no).Because("would --user help?")
		n.b.Setns(pidfd, program.CloneFlags(n.ofTarget.Flags())).IfNegative(no)
		n.failSetns(hintEnterUser)
		n.b.Place(no)
		n.nameNeeds()
	case !user:
		n.failSetns(hintNotOwned)
	case n.ofTarget == ns.SetOf(ns.User):
		n.failSetns(hintUserOwner)
	default:
		own := n.b.Label("shared")
		n.b.Setns(pidfd, program.CloneFlags(ns.User.Flag())).On(unix.EINVAL, own).IfNegative(no).Because("is it the user namespace?")
		n.failSetns(hintNotOwned)
		n.b.Place(own)
		n.nameNeeds()
		n.b.Place(no)
		n.failSetns(hintUserOwner)
	}
	n.b.Place(closed)
	n.failSetns(n.closed)
}

// nameNeeds says which capability is missing; a mount namespace needs one more than others.
func (n *entering) nameNeeds() {
	if n.ofTarget.Has(ns.Mount) {
		other := n.b.Label("not that alone")
		caps := n.b.Buffer("caps", 24) // the first four bytes are the lower effective ones
		effective := caps.Part(0, 4, "caps.effective")
		n.b.Capget(caps).IfNegative(other).Because("a mount namespace needs CAP_SYS_CHROOT as well")
		n.b.WithInt(&program.OpAnd, effective, 1<<unix.CAP_SYS_ADMIN).IfZero(other)
		n.b.WithInt(&program.OpAnd, effective, 1<<unix.CAP_SYS_CHROOT).IfPositive(other)
		n.failSetns(hintMountChroot)
		n.b.Place(other)
	}
	n.failSetns(hintNeedsOwner)
}

// oddity are the variables of nameOdd.
type oddity struct {
	fd, wanted, kind      program.Var
	line, length          program.Var
	hint, hintLen         program.Var
	what, same, say, mute *program.Label
}

// nameOdd says what a descriptor is that setns(2) has refused with EINVAL.
func (n *entering) nameOdd() {
	b := n.b
	o := oddity{b.Var("odd"), b.Var("wanted"), b.Var("kind"), b.Var("message"), b.Var("length"), b.Var("hint"), b.Var("hint length"),
		b.Label("what it is"), b.Label("of that kind"), b.Label("say so"), b.Label("say no more")}
	for i := range n.why.odd {
		n.noteOdd(&o, &n.why.odd[i])
	}
	b.Place(o.what)
	b.NamespaceType(program.Value(o.fd)).Into(o.kind).IfPositive(o.same).Tolerate().Because("which kind of namespace is it?")
	n.sayOdd(&o, hintNoNamespace)
	b.Place(o.same)
	n.nameSame(&o)
	for kind := range ns.KindCount {
		next := b.Label("another kind")
		b.Compare(program.Value(o.kind), program.CloneFlags(kind.Flag())).IfPositive(next).IfNegative(next)
		n.sayOdd(&o, b.Join("this is a namespace of type ", kind.String()))
		b.Place(next)
	}
	b.Place(o.mute)
	b.Move(o.hintLen, program.Int(0))
	b.Place(o.say)
	b.Do(program.SysWrite, program.Int(2), program.Value(o.line), program.Value(o.length)).Tolerate()
	b.Do(program.SysWrite, program.Int(2), program.Value(o.hint), program.Value(o.hintLen)).Tolerate()
	b.ExitGroup(program.Int(1))
}

// noteOdd is where the refusal of one descriptor leads.
func (n *entering) noteOdd(o *oddity, odd *oddFile) {
	text := n.b.Join(n.e.Name, ": reassociate to namespace 'ns/", odd.kind.String(), "' failed: Invalid argument\n")
	if odd.ofTarget {
		text = n.b.Join(n.e.Name, ": reassociate to namespaces failed: Invalid argument\n")
	}
	n.b.Place(odd.at)
	n.b.Move(o.fd, program.Value(odd.fd))
	n.b.Move(o.wanted, odd.flag())
	n.b.Move(o.line, program.Text(text))
	n.b.Move(o.length, program.Int(int64(len(text)))).IfPositive(o.what)
}

// nameSame says why a namespace of the right kind is refused.
func (n *entering) nameSame(o *oddity) {
	other, own, above := n.b.Label("of another kind"), n.b.Label("its own"), n.b.Label("not below")
	n.b.CompareVar(o.kind, o.wanted).IfPositive(other).IfNegative(other)
	n.b.Compare(program.Value(o.kind), program.CloneFlags(ns.User.Flag())).IfZero(own)
	n.b.Compare(program.Value(o.kind), program.CloneFlags(ns.PID.Flag())).IfZero(above)
	n.b.Goto(o.mute)
	n.b.Place(own)
	n.sayOdd(o, hintOwnUser)
	n.b.Place(above)
	n.sayOdd(o, hintPidAbove)
	n.b.Place(other)
}

// sayOdd chooses a hint.
func (n *entering) sayOdd(o *oddity, hint string) {
	text := n.b.Join(n.e.Name, ": hint: ", hint, "\n")
	n.b.Move(o.hint, program.Text(text))
	n.b.Move(o.hintLen, program.Int(int64(len(text)))).IfPositive(o.say)
}

// hintID names the causes why a namespace is not found by its identifier.
func (n *entering) hintID(s *program.Step, result program.Var, text string) {
	if n.e.NoHints {
		return
	}
	found, stale, none, inner := n.b.Label("found"), n.b.Label("not found"), n.b.Label("no such id"), n.b.Label("not the first")
	st := n.b.StatBuffer("status")
	// A kernel that cannot do it knows no such root of handles, and asks for CAP_DAC_READ_SEARCH first.
	s.On(unix.ESTALE, stale).On(unix.EBADF, none).On(unix.EPERM, inner).IfPositive(found).IfZero(found)
	n.b.Place(stale)
	n.b.Stat("/proc/self/ns/user", st).IfNegative(inner).Because("the first user namespace sees all identifiers")
	n.b.CompareInt(st.Ino, ns.FirstUser).IfPositive(inner).IfNegative(inner)
	n.b.Stat("/proc/self/ns/pid", st).IfNegative(inner)
	n.b.CompareInt(st.Ino, ns.FirstPID).IfPositive(inner).IfNegative(inner)
	caps := n.b.Buffer("caps", 24) // the first four bytes are the lower effective ones
	n.b.Capget(caps).IfNegative(inner).Because("and only CAP_SYS_ADMIN those of others")
	n.b.WithInt(&program.OpAnd, caps.Part(0, 4, "caps.effective"), 1<<unix.CAP_SYS_ADMIN).IfZero(inner)
	n.b.Place(none)
	n.b.FailWith(result, text).Hint(0, hintNamespaceID)
	n.b.Place(inner)
	n.b.FailWith(result, text).Hint(0, hintInnerID)
	n.b.Place(found)
}
