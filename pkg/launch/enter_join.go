//go:build linux

package launch

import (
	"strings"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// nsFile is a namespace that has a descriptor of its own.
type nsFile struct {
	kind ns.Kind
	fd   program.Var
	// ofTarget says that a pidfd would be there for it, but for the kernel's age.
	ofTarget bool
}

// flag passes the kind as setns(2) wants it.
func (f nsFile) flag() program.Arg { return program.CloneFlags(f.kind.Flag()) }

// target is the target's PID in decimal.
func (n *entering) target() string { return n.b.Itoa(int64(n.e.Target.PID)) }

// proc is a path below the target's directory in /proc.
func (n *entering) proc(dir, name string) string {
	return n.b.Join("/proc/", n.target(), "/", dir, name)
}

// hold gets a pidfd of the target: whatever its PID comes to mean, the
// namespaces entered through it are those of this process.
func (n *entering) hold() {
	t := n.e.Target
	if t == nil {
		return
	}
	n.b.Section("the target")
	invalid := n.b.Join("failed to obtain a valid file descriptor for PID ", n.target())
	switch {
	case t.FD != nil && t.Keep:
		n.b.Move(n.pidfd, program.Int(int64(*t.FD))).Because("the caller's pidfd")
	case t.FD != nil:
		n.b.Move(n.pidfd, program.Int(int64(*t.FD))).Because("opened before the target was looked at")
		n.b.CloseOnExec(program.Value(n.pidfd)).Or(invalid)
	case t.Inode != 0 && !n.e.Wait.Set:
		n.b.PidfdOpen(t.PID).Into(n.pidfd).Or(invalid)
	case n.e.Wait.Set: // wait has opened it
	default:
		n.b.PidfdOpen(t.PID).Into(n.pidfd).Tolerate().Because("without it (before Linux 5.3) the files in /proc have to do")
	}
	if t.Inode != 0 {
		n.checkInode(invalid)
	}
}

// checkInode makes sure that the target is the process with that number.
func (n *entering) checkInode(invalid string) {
	st := n.b.StatBuffer("pidfs")
	same := n.b.Label("same process")
	n.b.Fstat(program.Value(n.pidfd), st).Because("is it the process with that number?").Or(invalid)
	n.b.CompareInt(st.Ino, int64(n.e.Target.Inode)).IfZero(same)
	n.failGone(invalid)
	n.b.Place(same)
}

// failGone ends as calls do when there is no such process.
func (n *entering) failGone(text string) {
	gone := n.b.Var("gone")
	n.b.Move(gone, program.Int(-int64(unix.ESRCH)))
	n.b.FailWith(gone, text)
}

// choose fills in which namespaces are to be entered.
func (n *entering) choose() {
	var known ns.Set
	for i := range n.e.Join {
		known = known.With(n.e.Join[i].Kind)
	}
	for i := range n.files {
		known = known.With(n.files[i].kind)
	}
	if n.conditional() {
		n.b.Move(n.left, program.CloneFlags(known.Flags())).Because("to be entered")
		n.differing(known)
		n.b.Move(n.chosen, program.Value(n.left))
	}
}

// differing adds the namespaces of the target that the caller is not in, and
// notes which there are at all. One that is shared may only be entered with
// privilege, and one's own user namespace not even with it.
func (n *entering) differing(known ns.Set) {
	if !n.e.All {
		return
	}
	mine, theirs := n.b.StatBuffer("mine"), n.b.StatBuffer("theirs")
	for kind := range ns.KindCount {
		if known.Has(kind) || !n.ofTarget.Has(kind) {
			continue
		}
		own, path := n.b.Join("/proc/self/ns/", kind.String()), n.proc("ns/", kind.String())
		next := n.b.Label("differ")
		n.b.Stat(own, mine).Because("the caller's own namespace").On(unix.ENOENT, next).Or("stat of ", own, " failed")
		n.hintGone(n.b.Stat(path, theirs).Because("the target's").Or("stat of ", path, " failed"))
		if kind != ns.User {
			n.b.Do(program.OpOr, program.Value(n.whole), program.CloneFlags(kind.Flag())).Into(n.whole)
		}
		n.b.CompareVar(mine.Ino, theirs.Ino).IfZero(next).Because("shared with the caller")
		n.b.Do(program.OpOr, program.Value(n.left), program.CloneFlags(kind.Flag())).Into(n.left)
		n.b.Place(next)
	}
}

// openFiles opens the namespaces that are not entered through the target.
func (n *entering) openFiles() {
	for i, from := range n.e.Join {
		n.openPaths(i)
		if from.From != FromTarget && !(from.Kind == ns.User && n.e.UserParent) {
			n.addFile(nsFile{kind: from.Kind, fd: n.open(from)})
		}
	}
	n.openPaths(len(n.e.Join))
	if n.e.UserParent {
		n.addFile(nsFile{kind: ns.User, fd: n.openParent()})
	}
}

// addFile keeps the files in the order in which they are entered, that of the kinds.
func (n *entering) addFile(f nsFile) {
	n.files = append(n.files, f)
	for i := len(n.files) - 1; i > 0 && n.files[i-1].kind > f.kind; i-- {
		n.files[i-1], n.files[i] = n.files[i], n.files[i-1]
	}
}

// open opens one namespace.
func (n *entering) open(from Join) program.Var {
	fd := n.b.Var(from.Kind.String())
	switch from.From {
	case FromFile:
		step := n.b.Open(from.Path, unix.O_RDONLY).Into(fd).Because("a namespace to enter").Or("cannot open ", from.Path)
		if strings.HasPrefix(from.Path, "/proc/") {
			n.hint(step, unix.EACCES, hintClosed)
		}
	case FromID:
		text := n.b.Join("cannot open namespace of id ", n.b.Utoa(from.ID))
		n.hintID(n.b.OpenNamespaceByID(from.ID).Into(fd).Or(text), fd, text)
	case FromSocket:
		n.openSocket(from.Socket, fd)
	case FromChildren:
		path := n.proc("ns/", from.Kind.ForChildren())
		n.hint(n.b.Open(path, unix.O_RDONLY).Into(fd).Because("a namespace to enter").Or("cannot open ", path), unix.ENOENT, hintNoChild)
	default:
		n.openOfTarget(from.Kind.String(), fd)
	}
	return fd
}

func (n *entering) openOfTarget(name string, fd program.Var) {
	path := n.proc("ns/", name)
	n.hintGone(n.b.Open(path, unix.O_RDONLY).Into(fd).Because("a namespace to enter").Or("cannot open ", path))
}

// openSocket finds the network namespace of a socket of the target.
func (n *entering) openSocket(number int, fd program.Var) {
	socket := n.b.Var("socket")
	pidfd := n.pidfd.Name
	if fd := n.e.Target.FD; fd != nil {
		pidfd = n.b.Itoa(int64(*fd))
	}
	n.b.PidfdGetfd(program.Value(n.pidfd), number).Into(socket).Or("pidfd_getfd(", pidfd, ", ", n.b.Itoa(int64(number)), ")")
	n.b.NetworkNamespace(program.Value(socket)).Into(fd).Because("where the socket was made").Or("ioctl(SIOCGSKNS)")
}

// openParent finds the parent of the user namespace.
func (n *entering) openParent() program.Var {
	child := Join{Kind: ns.User}
	for _, from := range n.e.Join {
		if from.Kind == ns.User {
			child = from
		}
	}
	user, parent := n.open(child), n.b.Var("parent")
	n.b.OwningUserNamespace(program.Value(user)).Into(parent).Because("the user namespace above").Or("failed to open parent namespace")
	return parent
}

// confirm makes sure that what was read and opened belongs to the process that
// pidfd holds: as long as that one lives its PID is not given to another.
func (n *entering) confirm() {
	if !n.e.looksAtTarget() {
		return
	}
	n.b.PollNow(n.pidfd).IfPositive(n.gone).Tolerate().Because("the target has not ended, so all of this was its own")
}

// placeGone is where confirm leads when the target has ended.
func (n *entering) placeGone() {
	if !n.e.looksAtTarget() {
		return
	}
	n.b.Section("the target has ended")
	n.b.Place(n.gone)
	n.failGone(n.b.Join("target process ", n.target(), " has ended"))
	n.b.ExitGroup(program.Int(1))
}

// looksAtTarget says whether anything but setns(2) by pidfd looks at the target.
func (e *Entry) looksAtTarget() bool {
	if e.Target == nil {
		return false
	}
	for _, j := range e.Join {
		if j.From == FromChildren || j.From == FromSocket {
			return true
		}
	}
	return e.Target.Read || e.Target.Seen != nil || e.All || e.UserParent || e.Context ||
		ofTheTarget(e.Root) || ofTheTarget(e.Dir) || follows(e.UID) || follows(e.GID)
}

// with says whether a kind of namespace is entered, or may be with All.
func (n *entering) with(kind ns.Kind) bool {
	for _, f := range n.files {
		if f.kind == kind {
			return true
		}
	}
	return n.ofTarget.Has(kind)
}

func (n *entering) withUser() bool { return n.with(ns.User) }
