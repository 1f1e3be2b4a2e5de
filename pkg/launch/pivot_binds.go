//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
	"golang.org/x/sys/unix"
)

// mountBind shows a source at its destination.
func (r *rooting) mountBind(m *mnt.Mount, source program.Var) {
	if m.Try {
		absent := r.b.Label("nothing to bind")
		r.b.Compare(program.Value(source), program.Int(-int64(unix.ENOENT))).IfZero(absent)
		r.mountThere(m, source)
		r.b.Place(absent)
		return
	}
	r.mountThere(m, source)
}

// mountThere is mountBind of a source that is there.
func (r *rooting) mountThere(m *mnt.Mount, source program.Var) {
	at := r.spot(m.Target, alike, m.Source, source)
	byPath, done := r.b.Label("by path"), r.b.Label("bound")
	if m.IDs.Count != 0 { // bound by path, its files would show their real owners
		r.b.MoveMount(program.Value(source), program.Value(at.at)).Because(m.Source).Or("cannot bind ", m.Source, " on ", m.Target)
		if m.Attr != 0 {
			r.setAttributes(m, source, at, done)
		}
		r.b.Place(done)
		r.close(at)
		return
	}
	r.b.Move(r.refusal, program.Value(source)).IfNegative(byPath)
	orOlder(r.b.MoveMount(program.Value(source), program.Value(at.at)), byPath).Into(r.refusal).Because(m.Source).Or("cannot bind ", m.Source, " on ", m.Target)
	if m.Attr != 0 {
		r.setAttributes(m, source, at, done)
	}
	r.b.Goto(done)
	r.b.Place(byPath)
	r.bindByPath(m, at)
	r.b.Place(done)
	r.close(at)
}

// setAttributes sets what a bind asks for; without mount_setattr(2) mount(2) does
// it, mount by mount.
func (r *rooting) setAttributes(m *mnt.Mount, source program.Var, at spot, done *program.Label) {
	flags := 0
	if m.Recursive {
		flags = unix.AT_RECURSIVE
	}
	old, file := r.b.Label("no mount_setattr"), r.b.Label("no directory")
	orOlder(r.b.MountSetattr(program.Value(source), flags, m.Attr).Or("cannot set the options of ", m.Target), old).IfZero(done)
	r.b.Place(old)
	r.b.Fchdir(program.Value(source)).Or("cannot set the options of ", m.Target).On(unix.ENOTDIR, file)
	r.remountDirectory(m, source)
	r.b.Goto(done)
	r.b.Place(file)
	r.enterParent(at, source)
	r.remount(m, at.name)
}

// remountDirectory sets a bind's options with mount(2). The working directory is
// the mount of the descriptor.
func (r *rooting) remountDirectory(m *mnt.Mount, mounted program.Var) {
	if m.Recursive {
		r.remountAll(program.Value(mounted), m.MountFlags(), lockable, "cannot set the options of ", m.Target)
		return
	}
	r.remount(m, ".")
}

// bindByPath is the way without open_tree(2) and move_mount(2).
func (r *rooting) bindByPath(m *mnt.Mount, at spot) {
	flags, text := uintptr(unix.MS_BIND), r.b.Join("cannot bind ", m.Source, " on ", m.Target)
	if m.Recursive {
		flags |= unix.MS_REC
	}
	file, done := r.b.Label("no directory"), r.b.Label("bound")
	r.b.Fchdir(program.Value(at.at)).Or(text).On(unix.ENOTDIR, file)
	r.b.Mount(m.Source, ".", "", flags, "").Because("without open_tree and move_mount").Or(text)
	if m.Attr != 0 {
		r.openMounted(r.mounted, m.Target)
		r.b.Fchdir(program.Value(r.mounted)).Or("cannot set the options of ", m.Target)
		r.remountDirectory(m, r.mounted)
		r.b.Close(program.Value(r.mounted)).Tolerate()
	}
	r.b.Goto(done)
	r.b.Place(file)
	r.enterParent(at, at.at)
	r.b.Mount(m.Source, at.name, "", flags, "").Because("without open_tree and move_mount").Or(text)
	if m.Attr != 0 {
		r.remount(m, at.name)
	}
	r.b.Place(done)
}

// enterParent enters the directory of a destination that is no directory itself,
// so that the last part of its path is all that mount(2) looks up. That part must
// be what is there as far as is known, and no link, which mount(2) would follow.
func (r *rooting) enterParent(at spot, is program.Var) {
	var buffer [16]string
	names, known, entered := mnt.Components(buffer[:0], at.path), r.b.Label("known"), r.b.Label("entered")
	if parents := names[:len(names)-1]; len(parents) > 0 {
		orOlder(r.b.Openat2(program.Value(r.root), r.prefix(parents)), known).Into(r.above).Or("cannot enter the directory of ", at.path)
		r.b.Fchdir(program.Value(r.above)).Or("cannot enter the directory of ", at.path)
		r.b.Close(program.Value(r.above)).IfZero(entered).Tolerate()
		r.b.Place(known)
	}
	r.b.Fchdir(program.Value(at.dir)).Or("cannot enter the directory of ", at.path)
	r.b.Place(entered)
	here, there, link := r.other, r.status, r.b.Label("a link")
	same := r.b.Label("the same")
	r.b.Fstat(program.Value(is), there).Because("what the name must lead to").Or("cannot find ", at.path, " in the new root")
	r.b.Lstat(at.name, here).Because("does it, and is it no link?").Or("cannot find ", at.path, " in the new root")
	r.b.CompareVar(here.Ino, there.Ino).IfPositive(link).IfNegative(link)
	r.b.CompareVar(here.Device, there.Device).IfZero(same)
	r.b.Place(link)
	r.b.Move(r.refusal, program.Int(-int64(unix.ELOOP))).Or("cannot find ", at.path, " in the new root without following a link")
	r.b.Place(same)
}

// remount sets a bind's options with mount(2). Those that the mount has already
// stay: what another user namespace has set is locked, and to leave it out is
// to ask for its removal. How access times are kept stays by itself.
func (r *rooting) remount(m *mnt.Mount, path string) *program.Step {
	now, flags := r.mount, r.flags
	r.b.Statfs(path, now).Because("the options that it has stay").Or("cannot set the options of ", m.Target)
	r.b.Do(program.OpAnd, program.Value(now.Flags), program.MountFlags(lockable)).Into(flags)
	r.b.Do(program.OpOr, program.Value(flags), program.MountFlags(unix.MS_REMOUNT|unix.MS_BIND|m.MountFlags())).Into(flags)
	r.keepLinks()
	return r.b.Remount(path, program.Value(flags)).Because("the options asked for, and its own").Or("cannot set the options of ", m.Target)
}
