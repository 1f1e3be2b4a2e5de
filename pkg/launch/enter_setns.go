package launch

import (
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/program"
	"golang.org/x/sys/unix"
)

// enter enters the namespaces. Those of the target are entered through its
// pidfd, several at once; where that is not possible, placeByFiles does it.
func (n *entering) enter() {
	if n.ofTarget == 0 && len(n.files) == 0 {
		return
	}
	n.b.Section("the namespaces")
	user, others := split(n.files)
	if n.withUser() {
		n.tryTarget(n.ofTarget.Without(ns.User))
		n.each(others, n.try)
		n.each(user, n.must)
	}
	n.enterTarget()
	n.each(others, n.must)
	n.b.Place(n.entered)
}

// split tells the user namespace from the others.
func split(files []nsFile) (user, others []nsFile) {
	for _, f := range files {
		if f.kind == ns.User {
			user = append(user, f)
		} else {
			others = append(others, f)
		}
	}
	return user, others
}

func (n *entering) each(files []nsFile, do func(nsFile)) {
	for _, f := range files {
		do(f)
	}
}

// tryTarget is the first of two passes: everything but the user namespace,
// with the privilege that the caller has outside. What fails is left to the
// second, with the privilege that the user namespace gives.
func (n *entering) tryTarget(outer ns.Set) {
	if outer == 0 {
		return
	}
	tried, singly := n.b.Label("tried"), n.b.Label("one by one")
	some := n.b.Var("some")
	n.b.Do(program.OpAnd, program.Value(n.left), program.CloneFlags(outer.Flags())).Into(some).IfZero(tried)
	step := n.b.Setns(program.Value(n.pidfd), program.Value(some)).On(unix.EBADF, n.byFiles).On(unix.EINVAL, n.byFiles).
		Because("first pass, with the caller's own privilege")
	if len(outer.List()) == 1 {
		step.IfNegative(tried)
	} else {
		step.IfNegative(singly)
	}
	n.b.Do(program.OpSub, program.Value(n.left), program.Value(some)).Into(n.left)
	if len(outer.List()) > 1 {
		n.b.Goto(tried)
		n.b.Place(singly)
		for _, kind := range outer.List() {
			n.try(nsFile{kind, n.pidfd})
		}
	}
	n.b.Place(tried)
}

// enterTarget enters all namespaces of the target that are left, at once.
func (n *entering) enterTarget() {
	if n.ofTarget == 0 {
		return
	}
	next := n.b.Label("none left")
	mask := program.CloneFlags(n.ofTarget.Flags())
	if n.conditional() {
		rest := n.b.Var("rest")
		n.b.Do(program.OpAnd, program.Value(n.left), mask).Into(rest).IfZero(next)
		mask = program.Value(rest)
	}
	n.hintPermission(n.b.Setns(program.Value(n.pidfd), mask).On(unix.EBADF, n.byFiles).On(unix.EINVAL, n.byFiles).
		Or("reassociate to namespaces failed"))
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
	files := n.files
	for _, kind := range n.ofTarget.List() {
		f := nsFile{kind, n.b.Var(kind.String())}
		next := n.unlessLeft(f)
		n.openOfTarget(kind.String(), f.fd)
		n.b.Place(next)
		files = append(files, f)
	}
	user, others := split(files)
	if n.withUser() {
		n.each(others, n.try)
		n.each(user, n.must)
	}
	n.each(others, n.must)
	n.b.Move(n.left, program.Int(0)).IfZero(n.entered).IfPositive(n.entered).IfNegative(n.entered)
}

// conditional says whether only the running Program knows what is left.
func (n *entering) conditional() bool { return n.e.All || n.withUser() }

// unlessLeft leads to the returned label if the namespace was entered already,
// or is not to be.
func (n *entering) unlessLeft(f nsFile) *program.Label {
	next := n.b.Label("after ns/" + f.kind.String())
	if n.conditional() {
		n.b.Do(program.OpAnd, program.Value(n.left), f.flag()).IfZero(next)
	}
	return next
}

// try enters a namespace if it can.
func (n *entering) try(f nsFile) {
	next := n.unlessLeft(f)
	n.b.Setns(program.Value(f.fd), f.flag()).IfNegative(next)
	n.b.Do(program.OpSub, program.Value(n.left), f.flag()).Into(n.left)
	n.b.Place(next)
}

// must enters a namespace.
func (n *entering) must(f nsFile) {
	next := n.unlessLeft(f)
	n.hintPermission(n.b.Setns(program.Value(f.fd), f.flag()).Or("reassociate to namespace 'ns/" + f.kind.String() + "' failed"))
	n.b.Place(next)
}
