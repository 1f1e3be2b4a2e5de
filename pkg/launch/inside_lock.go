//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// lock locks the options of a copy of a tree. Whoever is root in the target's user
// namespace could take back what is only set, "ro" above all; what has come from
// another user namespace the kernel locks, see mount_namespaces(7). So a process
// mounts the copy, out of sight, makes a user namespace and copies it there, and
// this process takes that copy.
func (n *entering) lock(m *mnt.Mount, fd program.Var) {
	if m.Attr == 0 || !n.withUser() {
		return
	}
	failed := n.b.Join("cannot lock the options of ", m.Target)
	done, child := n.b.Label("locked"), n.b.Label("the process that locks")
	n.b.Move(n.in.lowered, program.Value(n.in.lowered)).IfPositive(done) // there is no other user namespace
	n.b.Do(program.OpAnd, program.Value(n.left), program.CloneFlags(ns.User.Flag())).IfZero(done)
	pid, holder := n.b.Var("locker"), n.b.Var("pidfd of it")
	pipe, readyRead, readyWrite := n.b.Pipe("ready")
	pipe.Because("tells that it is done").Or(failed)
	pipe, keepRead, keepWrite := n.b.Pipe("keep")
	pipe.Because("keeps the process until its copy is taken").Or(failed)
	n.b.Fork().Into(pid).IfZero(child).Because("a process in a user namespace of its own").Or("fork failed")
	byte, taken := n.b.Var("byte"), n.b.Label("taken")
	n.b.Close(program.Value(readyWrite)).Tolerate()
	n.b.ReadOne(program.Value(readyRead), byte).IfZero(taken).Because("until it is done").Or(failed)
	n.b.Do(program.SysPidfdOpen, program.Value(pid), program.Int(0)).Into(holder).Or(failed)
	n.b.Do(program.SysPidfdGetfd, program.Value(holder), program.Value(fd), program.Int(0)).Into(fd).Because("the copy with its options locked").Or(failed)
	n.b.Close(program.Value(holder)).Tolerate()
	n.b.Place(taken)
	for _, end := range [...]program.Var{readyRead, keepRead, keepWrite} {
		n.b.Close(program.Value(end)).Tolerate()
	}
	n.reap(pid)
	n.b.Goto(done)
	n.b.Place(child)
	n.lockInside(m, fd, readyWrite, keepRead, keepWrite, failed)
	n.b.Place(done)
}

// lockInside is the part of the process that locks: its copy gets the number of the
// descriptor that this one is copied from.
func (n *entering) lockInside(m *mnt.Mount, fd, ready, keep, keeping program.Var, failed string) {
	locked, byte := n.b.Var("locked"), n.b.Var("byte")
	n.b.Close(program.Value(keeping)).Tolerate().Because("the pipe ends with its last writer")
	n.b.Unshare(unix.CLONE_NEWNS).Because("nobody sees what follows").Or(failed)
	n.hint(n.b.Mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE, "").Because("no mount goes out").Or(failed), unix.EINVAL, hintLockChroot)
	n.b.MoveMountTo(program.Value(fd), program.Cwd(), m.Source).Because("over itself, to be taken along").Or(failed)
	n.b.Unshare(unix.CLONE_NEWUSER | unix.CLONE_NEWNS).Because("what another user namespace has set is locked").Or(failed)
	n.b.OpenTree(program.Cwd(), m.Source, unix.OPEN_TREE_CLONE|unix.AT_RECURSIVE).Into(locked).Because("a copy that nothing shows").Or(failed)
	n.b.RestrictMounts(program.Value(locked), m.Attr).Because("cut off like the first").Or(failed)
	n.b.Do(program.SysDup3, program.Value(locked), program.Value(fd), program.Int(0)).Retry(unix.EBUSY, unix.EINTR).Because("where it is looked for").Or(failed)
	n.b.Write(program.Value(ready), "1").Because("it can be taken").Or(failed)
	n.b.ReadOne(program.Value(keep), byte).Because("until it is").Tolerate()
	n.b.ExitGroup(program.Int(0))
}
