//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// enter enters the namespaces. Those of the target are entered through its
// pidfd, several at once; where that is not possible, placeByFiles does it.
func (n *entering) enter() {
	if n.ofTarget == 0 && len(n.files) == 0 {
		return
	}
	n.b.Section("the namespaces")
	if n.withUser() {
		n.tryTarget(n.ofTarget.Without(ns.User))
		n.tryFiles()
		n.userFile()
	}
	n.enterTarget()
	n.otherFiles()
	n.b.Place(n.entered)
}

// tryFiles is the first of two passes over the files: all but the user
// namespace, with the privilege that the caller has outside.
func (n *entering) tryFiles() {
	for _, f := range n.files {
		if f.kind != ns.User {
			n.try(f)
		}
	}
}

// userFile enters the user namespace, which begins the second pass.
func (n *entering) userFile() {
	for _, f := range n.files {
		if f.kind == ns.User {
			n.must(f)
		}
	}
}

// otherFiles enters all but the user namespace.
func (n *entering) otherFiles() {
	for _, f := range n.files {
		if f.kind != ns.User {
			n.must(f)
		}
	}
}

// tryTarget is the first of two passes over the target's namespaces. What fails
// is left to the second, with the privilege that the user namespace gives.
func (n *entering) tryTarget(outer ns.Set) {
	if outer == 0 {
		return
	}
	tried, singly := n.b.Label("tried"), n.b.Label("one by one")
	single := outer&(outer-1) == 0
	if single {
		singly = tried
	}
	n.needPidfd()
	mask := program.CloneFlags(outer.Flags())
	if n.e.All {
		n.tryWhole(tried, outer)
		some := n.b.Var("some")
		n.b.Do(program.OpAnd, program.Value(n.left), mask).Into(some).IfZero(tried)
		mask = n.b.Some(some, outer.Flags())
	}
	n.b.Setns(program.Value(n.pidfd), mask).On(unix.EBADF, n.byFiles).On(unix.EINVAL, n.byFiles).IfNegative(singly).
		Because("first all but the user namespace, with the caller's own privilege")
	n.b.Do(program.OpSub, program.Value(n.left), mask).Into(n.left)
	if !single {
		n.b.Goto(tried)
		n.b.Place(singly)
		for kind := range ns.KindCount {
			if outer.Has(kind) {
				n.try(nsFile{kind: kind, fd: n.pidfd})
			}
		}
	}
	n.b.Place(tried)
}

// needPidfd takes the files where there is no pidfd: what setns(2) says of none, a filter
// decides.
func (n *entering) needPidfd() {
	if t := n.e.Target; t.FD == nil && t.Inode == 0 && !n.e.Wait.Set {
		n.b.CompareInt(n.pidfd, 0).IfNegative(n.byFiles)
	}
}

// tryWhole enters all namespaces of the target but the user namespace, those
// that the caller shares with it as well: the root and the working directory
// become those of its mount namespace, and a child is made for its PID
// namespace. Whoever may not is left where it is in what is shared.
func (n *entering) tryWhole(success *program.Label, outer ns.Set) {
	part := n.b.Label("what differs")
	n.b.Move(n.whole, program.Value(n.whole)).IfZero(part)
	n.b.Setns(program.Value(n.pidfd), n.b.Some(n.whole, outer.Flags())).On(unix.EBADF, n.byFiles).On(unix.EINVAL, n.byFiles).IfNegative(part).
		Because("all of them, shared ones too, so that root and directory become the target's")
	n.have(program.Value(n.whole))
	n.b.Goto(success)
	n.b.Place(part)
}

// have notes that namespaces have been entered, whether they differed or not.
func (n *entering) have(flags program.Arg) {
	n.b.Do(program.OpOr, program.Value(n.chosen), flags).Into(n.chosen)
	n.b.Do(program.OpOr, program.Value(n.left), flags).Into(n.left)
	n.b.Do(program.OpSub, program.Value(n.left), flags).Into(n.left)
}

// enterTarget enters all namespaces of the target that are left, at once.
func (n *entering) enterTarget() {
	if n.ofTarget == 0 {
		return
	}
	n.needPidfd()
	next := n.b.Label("none left")
	mask, why := program.CloneFlags(n.ofTarget.Flags()), "all in one call"
	if n.conditional() {
		why = "what is left, the user namespace and with the privilege it gives"
		rest := n.b.Var("rest")
		n.b.Do(program.OpAnd, program.Value(n.left), mask).Into(rest).IfZero(next)
		mask = n.b.Some(rest, n.ofTarget.Flags())
	}
	n.hintPidfd(n.b.Setns(program.Value(n.pidfd), mask).On(unix.EBADF, n.byFiles).On(unix.EINVAL, n.byFiles).
		Because(why).Or("reassociate to namespaces failed"))
	n.b.Place(next)
}

// placeByFiles enters the namespaces of the target by the files in its
// directory in /proc. No namespace has been entered when it is come to, unless
// the kernel refuses a namespace that the files will not give either.
func (n *entering) placeByFiles() {
	if n.ofTarget == 0 {
		return
	}
	n.b.Section("before Linux 5.8: the same by files")
	n.b.Place(n.byFiles)
	for kind := range ns.KindCount {
		if !n.ofTarget.Has(kind) {
			continue
		}
		f := nsFile{kind: kind, fd: n.b.Var(kind.String()), ofTarget: true}
		next := n.unlessThere(f)
		n.openOfTarget(kind.String(), f.fd)
		n.b.Place(next)
		n.files = append(n.files, f)
	}
	if n.e.looksAtTarget() {
		n.confirm()
	}
	if n.withUser() {
		n.tryFiles()
		n.userFile()
	}
	n.otherFiles()
	n.b.Move(n.left, program.Int(0)).IfZero(n.entered).IfPositive(n.entered).IfNegative(n.entered)
	n.b.Place(n.useless) // since 5.8 it was the pidfd that has not been good for it
	n.b.FailWith(n.result, "reassociate to namespaces failed").IfZero(n.entered).IfPositive(n.entered)
}

// conditional says whether only the running Program knows what is left.
func (n *entering) conditional() bool { return n.e.All || n.withUser() }

// unlessLeft leads to the returned label if the namespace was entered already,
// or is not to be.
func (n *entering) unlessLeft(f nsFile) *program.Label {
	next := n.b.Label("next")
	if n.conditional() {
		n.b.Do(program.OpAnd, program.Value(n.left), f.flag()).IfZero(next)
	}
	return next
}

// unlessThere is unlessLeft for a file of the target, which with All is tried
// even if the namespace is shared.
func (n *entering) unlessThere(f nsFile) *program.Label {
	if !n.e.All || !f.ofTarget || f.kind == ns.User {
		return n.unlessLeft(f)
	}
	next := n.b.Label("next")
	n.b.Do(program.OpAnd, program.Value(n.whole), f.flag()).IfZero(next)
	return next
}

// try enters a namespace if it can.
func (n *entering) try(f nsFile) {
	next := n.unlessThere(f)
	n.b.Setns(program.Value(f.fd), f.flag()).IfNegative(next)
	if n.e.All && f.ofTarget {
		n.have(f.flag())
	} else {
		n.b.Do(program.OpSub, program.Value(n.left), f.flag()).Into(n.left)
	}
	n.b.Place(next)
}

// must enters a namespace.
func (n *entering) must(f nsFile) {
	next := n.unlessLeft(f)
	s := n.b.Setns(program.Value(f.fd), f.flag()).Or("reassociate to namespace 'ns/", f.kind.String(), "' failed")
	n.hintFile(s, f)
	n.b.Place(next)
}
