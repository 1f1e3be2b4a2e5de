//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// waiting is the part of a Program that waits for the target.
type waiting struct {
	// timer ends the wait, -1 for none.
	timer program.Var
	// look is where the target is looked at, pause where that was too early, and
	// ready where the wait is over.
	look, pause, ready *program.Label
	// lacks is which kind was not the target's own yet, 0 as long as there was no
	// process, or where its map is what is missing one more than the kinds.
	lacks        program.Var
	mine, theirs program.Stat
}

// pauseMillis is how long a look is behind the one before.
const pauseMillis = 5

// wait waits until the target is there and has what is to be entered. Nothing tells
// of that by itself, so it is looked at again and again; the target's end is told by
// its pidfd.
func (n *entering) wait() {
	if !n.e.Wait.Set || n.e.Target == nil {
		return
	}
	b := n.b
	w := waiting{timer: b.Var("timer"), look: b.Label("look"), pause: b.Label("not yet"), ready: b.Label("ready"), lacks: b.Var("lacks"),
		mine: b.StatBuffer("mine"), theirs: b.StatBuffer("theirs")}
	b.Section("wait for the target")
	b.Move(w.timer, program.Int(-1))
	b.Move(n.pidfd, program.Int(-1))
	if limit := n.e.Wait.Value; limit > 0 {
		b.Timer().Into(w.timer).Because("the wait has an end").Or("timerfd_create failed")
		b.SetTimer(program.Value(w.timer), limit).Because("when it is over").Or("timerfd_settime failed")
	}
	b.Place(w.look)
	n.awaitProcess(&w)
	n.awaitNamespaces(&w)
	n.awaitMaps(&w)
	b.Goto(w.ready)
	n.placePause(&w)
	b.Place(w.ready)
	if n.e.Wait.Value > 0 {
		b.Close(program.Value(w.timer)).Tolerate()
	}
}

// awaitProcess looks whether the process is there.
func (n *entering) awaitProcess(w *waiting) {
	held, old := n.b.Label("held"), n.b.Label("without pidfds")
	if fd := n.e.Target.FD; fd != nil {
		n.b.Move(n.pidfd, program.Int(int64(*fd)))
		return
	}
	n.b.WithInt(&program.OpAdd, n.pidfd, 1).IfPositive(held)
	orOlder(n.b.PidfdOpen(n.e.Target.PID), old).Into(n.pidfd).On(unix.ESRCH, w.pause).IfPositive(held).IfZero(held).
		Because("is the process there?").Or("failed to obtain a valid file descriptor for PID ", n.target())
	n.b.Place(old)
	n.b.Stat(n.proc("", ""), w.theirs).On(unix.ENOENT, w.pause).Because("is the process there?").Or("stat of ", n.proc("", ""), " failed")
	n.b.Place(held)
}

// awaitNamespaces looks whether the process has left the caller's namespaces.
func (n *entering) awaitNamespaces(w *waiting) {
	different := n.b.Label("namespaces of its own")
	for kind := range ns.KindCount {
		from, wanted := n.waitsFor(kind)
		if !wanted {
			continue
		}
		own, path, next := n.b.Join("/proc/self/ns/", kind.String()), n.proc("ns/", from), n.b.Label("next kind")
		n.hint(n.b.Stat(own, w.mine).Because("the caller's own namespace").Or("stat of ", own, " failed"), unix.ENOENT, hintNoProc)
		n.b.Move(w.lacks, program.Int(1+int64(kind)))
		n.hint(n.b.Stat(path, w.theirs).Because("the target's").On(unix.ENOENT, w.pause).Or("stat of ", path, " failed"), unix.EACCES, n.closed)
		step := n.b.CompareVar(w.mine.Ino, w.theirs.Ino)
		if n.e.All {
			step.IfPositive(different).IfNegative(different)
		} else {
			step.IfZero(w.pause)
		}
		n.b.Place(next)
	}
	if n.e.All {
		n.b.Goto(w.pause)
	}
	n.b.Place(different)
}

// waitsFor says which of the target's links tells of a kind.
func (n *entering) waitsFor(kind ns.Kind) (link string, wanted bool) {
	for i := range n.e.Join {
		if n.e.Join[i].Kind != kind {
			continue
		}
		switch n.e.Join[i].From {
		case FromTarget:
			return kind.String(), true
		case FromChildren:
			return kind.ForChildren(), true
		}
		return "", false
	}
	return kind.String(), n.e.All
}

// awaitMaps looks whether IDs mean anything in the target's user namespace.
func (n *entering) awaitMaps(w *waiting) {
	if !n.ofTarget.Has(ns.User) || n.e.Preserve && !n.e.UID.Set && !n.e.GID.Set {
		return
	}
	fd, got, empty := n.b.Var("map"), n.b.Var("byte"), n.b.Label("empty")
	mapped := n.b.Label("mapped")
	for _, name := range [...]string{"uid_map", "gid_map"} {
		path, next := n.proc("", name), n.b.Label("next map")
		n.b.Open(path, unix.O_RDONLY).Into(fd).On(unix.ENOENT, w.pause).Or("cannot open ", path)
		n.b.ReadOne(program.Value(fd), got).IfZero(empty).Because("is the map written?").On(unix.ESRCH, empty).Or("cannot read ", path)
		n.b.Close(program.Value(fd)).Tolerate()
		n.b.Place(next)
	}
	n.b.Goto(mapped)
	n.b.Place(empty)
	n.b.Close(program.Value(fd)).Tolerate()
	n.b.Move(w.lacks, program.Int(1+int64(ns.KindCount))).IfPositive(w.pause)
	n.b.Place(mapped)
}

// placePause waits a little, or ends the Program where it was in vain.
func (n *entering) placePause(w *waiting) {
	b := n.b
	ended := b.Label("it has ended")
	b.Place(w.pause)
	b.Pause(pauseMillis, n.pidfd, w.timer).Because("until the next look, or the target's end").Or("poll failed").IfZero(w.look)
	b.PollNow(n.pidfd).IfPositive(ended).Tolerate().Because("the target, or the time?")
	n.sayLacking(w)
	b.Place(ended)
	n.failGone(b.Join("target process ", n.target(), " has ended"))
	b.ExitGroup(program.Int(1)) // never reached
}

// sayLacking says what the wait was in vain for.
func (n *entering) sayLacking(w *waiting) {
	none := n.b.Label("no process")
	n.b.Move(w.lacks, program.Value(w.lacks)).IfZero(none)
	for kind := range ns.KindCount {
		if _, wanted := n.waitsFor(kind); !wanted || n.e.All {
			continue
		}
		next := n.b.Label("another kind")
		n.b.CompareInt(w.lacks, 1+int64(kind)).IfPositive(next).IfNegative(next)
		n.endWait("process ", n.target(), " is still in the caller's own namespace of type ", kind.String())
		n.b.Place(next)
	}
	if n.e.All {
		n.endWait("process ", n.target(), " is still in the caller's own namespaces")
	}
	n.endWait("the user namespace of process ", n.target(), " has no ID maps yet")
	n.b.Place(none)
	n.endWait("there is no process ", n.target())
}

// endWait ends the Program with a line.
func (n *entering) endWait(text ...string) {
	line := append(append([]string{n.e.Name, ": waited in vain: "}, text...), "\n")
	n.b.Write(program.Int(2), n.b.Join(line...)).Tolerate()
	n.b.ExitGroup(program.Int(1))
}
