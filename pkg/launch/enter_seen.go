//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// recheck compares the target with what was seen of it when it was looked up. A
// runtime's helper that has become a container since, or a container that was
// started again, is not what was asked for.
func (n *entering) recheck() {
	if n.e.Target == nil || n.e.Target.Seen == nil {
		return
	}
	n.b.Section("the target is still what was found")
	seen, st := n.e.Target.Seen, n.b.StatBuffer("seen")
	mount, root := n.proc("ns/", "mnt"), n.proc("", "root")
	n.hintGone(n.b.Stat(mount, st).Because("still the one that was looked into?").Or("stat of ", mount, " failed"))
	n.unchanged(st.Ino, int64(seen.Mount), "its mount namespace")
	n.hintGone(n.b.Stat(root, st).Because("still the one that was looked into?").Or("stat of ", root, " failed"))
	n.unchanged(st.Ino, int64(seen.Root), "its root directory")
	n.unchanged(st.Device, int64(seen.Device), "and the file system of that")
}

func (n *entering) unchanged(now program.Var, then int64, what string) {
	n.b.CompareInt(now, then).IfPositive(n.changed).IfNegative(n.changed).Because(what)
}

// placeChanged is where recheck leads when the target is not what it was.
func (n *entering) placeChanged() {
	if n.e.Target == nil || n.e.Target.Seen == nil {
		return
	}
	n.b.Section("the target has changed")
	n.b.Place(n.changed)
	again := n.b.Var("again")
	n.b.Move(again, program.Int(-int64(unix.EAGAIN)))
	n.b.FailWith(again, "process ", n.target(), " has changed since it was looked up")
	n.b.ExitGroup(program.Int(1))
}
