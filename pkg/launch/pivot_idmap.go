//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// mapIDs shows the owners of a bind's files as others. The kernel wants a user
// namespace that has the map: a process that shares this one's descriptors makes
// it, and lives as long as it is needed.
func (r *rooting) mapIDs(m *mnt.Mount, source program.Var) {
	if m.IDs.Count == 0 {
		return
	}
	b, failed := r.b, r.b.Join("cannot map the IDs of ", m.Source)
	b.Move(source, program.Value(source)).Because("no older way than open_tree shows other owners").Or(failed)
	maker, told := b.Var("maker"), b.Label("tell")
	parent, dir, status := b.Label("the map"), b.Var("directory"), b.Var("status")
	pipe, read, write := b.Pipe("maker")
	pipe.Or("pipe failed")
	self, alive := b.Var("parentFD"), b.Label("it is of use")
	r.openOwnPidfd().Into(self).Tolerate().Because("lets that process see whether this one has ended")
	b.ForkSharingFiles().Into(maker).IfPositive(parent).Because("a process to make a user namespace with that map").Or("fork failed")
	b.ParentDeathSignal(unix.SIGKILL).Tolerate().Because("it is of no use alone")
	b.PollNow(self).IfZero(alive).IfNegative(alive).Tolerate().Because("too late if the other has ended already")
	b.ExitGroup(program.Int(1))
	b.Place(alive)
	b.Unshare(ns.User.Flag()).Into(dir).IfNegative(told).Because("whose map is to be")
	b.Open(selfDir, unix.O_PATH|unix.O_DIRECTORY).Into(dir).IfNegative(told).Because("where its files are, for the other process too")
	b.Place(told)
	wait, ended := b.Label("until it is ended"), b.Label("it tells nothing")
	b.WriteFrom(program.Value(write), program.Address(dir), program.Int(8)).IfPositive(wait).Tolerate().Because("the number of that descriptor, or the error")
	b.Close(program.Value(write)).Tolerate().Because("the other process shares it, and reads no more")
	b.Place(wait)
	b.Sigtimedwait([]unix.Signal{unix.SIGUSR1}, program.Var{}).Tolerate().Because("to be ended")
	b.Goto(wait)

	b.Place(parent)
	answered := b.Label("told")
	b.Read(program.Value(read), dir).Because("where the user namespace is").IfZero(ended).IfPositive(answered).Or(failed)
	b.Place(ended)
	b.Move(dir, program.Int(-int64(unix.EIO)))
	b.Place(answered)
	b.Move(dir, program.Value(dir)).Or(failed)
	line := b.Join(b.Itoa(int64(m.IDs.Inner)), " ", b.Itoa(int64(m.IDs.Outer)), " ", b.Itoa(int64(m.IDs.Count)))
	fd := b.Var("fd")
	for _, file := range [...]string{"uid_map", "gid_map"} {
		b.Openat(program.Value(dir), file, unix.O_WRONLY).Into(fd).Because("the IDs on disk, and those that are shown").Or(failed)
		b.Write(program.Value(fd), line).Because("on disk, shown, count").Or(failed)
		b.Close(program.Value(fd)).Tolerate()
	}
	b.Openat(program.Value(dir), "ns/user", unix.O_RDONLY).Into(fd).Because("the user namespace with the map").Or(failed)
	flags := 0
	if m.Recursive {
		flags = unix.AT_RECURSIVE
	}
	step := b.MapIDs(program.Value(source), flags, fd).Because("owners are shown by that map").Or(failed)
	r.hint(step, unix.EINVAL, hintMapIDs)
	r.hint(step, unix.EPERM, hintMapIDsRoot)
	kept := b.Label("it ends with this process")
	b.Kill(program.Value(maker), program.Signal(unix.SIGKILL)).IfNegative(kept).Because("no longer needed")
	b.Wait4(program.Value(maker), status, 0).Tolerate().Because("no longer there")
	b.Place(kept)
	for _, v := range [...]program.Var{fd, dir, read, write, self} {
		b.Close(program.Value(v)).Tolerate()
	}
}
