//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// Without mount_setattr(2) the options of a whole tree are set with mount(2), mount
// by mount. Which mounts there are only the kernel knows at that time, so a part of
// the Program reads its table. A process whose root directory is the root of the
// tree sees in it what lies in the tree, and by paths that lead there. That part
// stands once in a Program, behind the undoing; variables tell what it is to do.

// lockable are the options that stay: what another user namespace has set is
// locked, and to leave it out is to ask for its removal. They have the same numbers
// as ST_*.
const lockable = unix.MS_RDONLY | unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC

// keepLinks adds to the flags of a remount that no link is followed, where that is
// so: nothing locks it, but to leave it out is to take it back, too. statfs(2) has
// another number for it than mount(2).
func (r *rooting) keepLinks() {
	followed := r.b.Label("links are followed")
	r.b.Do(program.OpAnd, program.Value(r.mount.Flags), program.Int(stNoSymFollow).As("ST_NOSYMFOLLOW")).IfZero(followed)
	r.b.Do(program.OpOr, program.Value(r.flags), program.MountFlags(unix.MS_NOSYMFOLLOW)).Into(r.flags)
	r.b.Place(followed)
}

// stNoSymFollow is ST_NOSYMFOLLOW, since Linux 5.10.
const stNoSymFollow = 0x2000

// walk is the part of a Program that remounts what is in a tree.
type walk struct {
	// begin is where it begins, returns are where it goes on, as from says.
	begin         *program.Label
	returns       []*program.Label
	memory        [20]*program.Label
	from, outcome program.Var
	// tree is a descriptor of the tree's root, add are flags to set, and kept those
	// that stay where they are set.
	tree, add, kept program.Var
	// old and self are descriptors of the root directory and of the process's
	// directory in /proc, table is one of the table of mounts.
	old, self, table program.Var
	// path is what is read from the table, at the address of its end and room what
	// is left of it. byte is what was read last.
	path, at, room, byte program.Var
	// load and store are the ends of a pipe. noPipe is where its failure leads, when
	// nothing is open yet.
	load, store program.Var
	noPipe      *program.Label
	// result is what the kernel says of one mount.
	result program.Var
}

// makeReadOnly makes read-only what is in the new root so far.
func (r *rooting) makeReadOnly() {
	const failed = "cannot make the new root read-only"
	old, done := r.b.Label("no mount_setattr"), r.b.Label("read-only")
	step := r.b.MountSetattr(program.Value(r.root), unix.AT_RECURSIVE, unix.MOUNT_ATTR_RDONLY)
	orOlder(step, old).IfZero(done).Because("all that is there by now").Or(failed)
	r.b.Place(old)
	r.remountAll(program.Value(r.root), unix.MS_RDONLY, lockable, failed)
	r.b.Place(done)
}

// remountAll sets options of all mounts in a tree, or fails with a text.
func (r *rooting) remountAll(tree program.Arg, add, kept uintptr, failed ...string) {
	r.walkMounts(tree, add, kept)
	step := r.b.FailWith(r.walk.outcome, failed...)
	r.hint(step, unix.ENOENT, hintSetattr)
	r.hint(step, unix.EACCES, hintClosedDir)
}

// walkMounts goes to the part that remounts, and on from there; the outcome is 0 or
// an error.
func (r *rooting) walkMounts(tree program.Arg, add, kept uintptr) {
	w := &r.walk
	if w.begin == nil {
		w.begin, w.returns = r.b.Label("every mount"), w.memory[:0]
		w.from, w.outcome = r.b.Var("from"), r.b.Var("outcome")
		w.tree, w.add, w.kept = r.b.Var("tree"), r.b.Var("add"), r.b.Var("keep")
	}
	back := r.b.Label("remounted")
	r.b.Move(w.tree, tree)
	r.b.Move(w.add, program.MountFlags(unix.MS_REMOUNT|unix.MS_BIND|add))
	r.b.Move(w.kept, program.MountFlags(kept))
	r.b.Move(w.from, program.Int(int64(len(w.returns))))
	r.b.Goto(w.begin)
	r.b.Place(back)
	w.returns = append(w.returns, back)
}

// placeWalk is where walkMounts leads.
func (r *rooting) placeWalk() {
	w := &r.walk
	if w.begin == nil {
		return
	}
	w.old, w.self, w.table = r.b.Var("old root"), r.b.Var("self"), r.b.Var("table")
	w.path, w.at, w.room, w.byte = r.b.Buffer("mount point", maxPath), r.b.Var("end"), r.b.Var("room"), r.b.Var("byte")
	w.result = r.b.Var("remounted")
	r.b.Section("without mount_setattr: every mount in a tree")
	r.b.Place(w.begin)
	line, failed, finished := r.b.Label("a line"), r.b.Label("cannot"), r.b.Label("no more")
	r.openTable(failed)
	r.b.Place(line)
	r.readMountPoint(finished, failed)
	r.remountOne()
	end := r.b.Here("to the end of the line")
	w.next(r.b, finished, failed)
	r.b.CompareInt(w.byte, '\n').IfPositive(end).IfNegative(end)
	r.b.Goto(line)
	r.b.Place(failed)
	r.b.Move(w.outcome, program.Value(w.result))
	r.b.Place(finished)
	r.closeTable()
}

// openTable makes the tree's root the root directory and opens the table of what is
// mounted there.
func (r *rooting) openTable(failed *program.Label) {
	w := &r.walk
	r.b.Move(w.outcome, program.Int(0))
	for _, fd := range [...]program.Var{w.old, w.self, w.table} {
		r.b.Move(fd, program.Int(-1))
	}
	pipe, load, store := r.b.Pipe("pipe")
	w.load, w.store, w.noPipe = load, store, r.b.Label("no pipe")
	pipe.Into(w.result).IfNegative(w.noPipe).Because("a byte gets to an address by a write and a read")
	r.b.Open("/", unix.O_PATH|unix.O_DIRECTORY).Into(w.result).IfNegative(failed)
	r.b.Move(w.old, program.Value(w.result))
	r.b.Open("/proc/self", unix.O_PATH|unix.O_DIRECTORY).Into(w.result).IfNegative(failed)
	r.b.Move(w.self, program.Value(w.result))
	r.b.Fchdir(program.Value(w.tree)).Into(w.result).IfNegative(failed)
	r.b.Chroot(".").Into(w.result).IfNegative(failed).Because("the table then has what is in the tree, and nothing else")
	r.b.Openat(program.Value(w.self), "mountinfo", unix.O_RDONLY).Into(w.result).IfNegative(failed)
	r.b.Move(w.table, program.Value(w.result))
}

// next reads a byte of the table.
func (w *walk) next(b *program.Builder, finished, failed *program.Label) {
	b.ReadOne(program.Value(w.table), w.byte).Into(w.result).IfZero(finished).IfNegative(failed)
}

// readMountPoint reads the fifth field of a line, in which a backslash begins three
// octal digits.
func (r *rooting) readMountPoint(finished, failed *program.Label) {
	w, number := &r.walk, r.b.Var("number")
	r.b.Move(number, program.Int(4)).Because("spaces before the mount point")
	skip, next, put, ended := r.b.Here("skip"), r.b.Label("next byte"), r.b.Label("put"), r.b.Label("its end")
	w.next(r.b, finished, failed)
	r.b.CompareInt(w.byte, ' ').IfPositive(skip).IfNegative(skip)
	r.b.WithInt(&program.OpSub, number, 1).Into(number).IfPositive(skip)
	r.b.Move(w.at, program.Address(w.path))
	r.b.Move(w.room, program.Int(maxPath-1))
	r.b.Place(next)
	w.next(r.b, finished, failed)
	r.b.CompareInt(w.byte, ' ').IfZero(ended)
	r.b.CompareInt(w.byte, '\\').IfPositive(put).IfNegative(put)
	r.b.Move(number, program.Int(0)).Because("three octal digits")
	for range 3 {
		w.next(r.b, finished, failed)
		r.b.WithInt(&program.OpAnd, w.byte, 7).Into(w.byte)
		r.b.WithInt(&program.OpShiftLeft, number, 3).Into(number)
		r.b.WithVar(&program.OpOr, number, w.byte).Into(number)
	}
	r.b.Move(w.byte, program.Value(number))
	r.b.Place(put)
	w.put(r.b, failed)
	r.b.WithInt(&program.OpAdd, w.at, 1).Into(w.at)
	r.b.WithInt(&program.OpSub, w.room, 1).Into(w.room).IfPositive(next)
	r.b.Move(w.result, program.Int(-int64(unix.ENAMETOOLONG))).IfNegative(failed)
	r.b.Place(ended)
	r.b.Move(w.byte, program.Int(0))
	w.put(r.b, failed)
}

// put adds a byte to the path.
func (w *walk) put(b *program.Builder, failed *program.Label) {
	b.WriteOne(program.Value(w.store), w.byte).Into(w.result).IfNegative(failed)
	b.ReadTo(program.Value(w.load), program.Value(w.at), program.Int(1)).Into(w.result).IfNegative(failed)
}

// remountOne sets the options of the mount that the path leads to. What it does not
// lead to lies below another mount. One in a directory that is closed to the caller is
// a failure: it would stay as it is, and the directory may be opened later.
func (r *rooting) remountOne() {
	w, now, done, failed := &r.walk, r.mount, r.b.Label("next mount"), r.b.Label("not remounted")
	path := program.Address(w.path)
	step := r.b.StatfsAt(path, now).Into(w.result).IfNegative(failed).Because("the options that it has stay")
	for _, errno := range [...]unix.Errno{unix.ENOENT, unix.ENOTDIR} {
		step.On(errno, done)
	}
	r.b.WithVar(&program.OpAnd, now.Flags, w.kept).Into(r.flags)
	r.b.WithVar(&program.OpOr, r.flags, w.add).Into(r.flags)
	r.keepLinks()
	r.b.RemountAt(path, program.Value(r.flags)).Into(w.result).IfZero(done).IfNegative(failed).On(unix.EINVAL, done).Because("in place of mount_setattr")
	r.b.Place(failed)
	r.b.Move(w.outcome, program.Value(w.result))
	r.b.Place(done)
}

// closeTable goes back to the old root directory and to where the walk came from.
func (r *rooting) closeTable() {
	w, back, failed := &r.walk, r.b.Label("closed"), r.b.Label("no way back")
	r.b.Fchdir(program.Value(w.old)).IfNegative(back)
	r.b.Chroot(".").Into(w.result).IfZero(back).IfNegative(failed).Because("the root directory as it was")
	r.b.Place(failed)
	r.b.Move(w.outcome, program.Value(w.result))
	r.b.Place(back)
	for _, fd := range [...]program.Var{w.table, w.self, w.old, w.load, w.store} {
		r.b.Close(program.Value(fd)).Tolerate()
	}
	leave := r.b.Label("leave")
	r.b.Goto(leave)
	r.b.Place(w.noPipe)
	r.b.Move(w.outcome, program.Value(w.result))
	r.b.Place(leave)
	for i, to := range w.returns {
		r.b.CompareInt(w.from, int64(i)).IfZero(to)
	}
	r.b.ExitGroup(program.Int(1)) // never reached
}
