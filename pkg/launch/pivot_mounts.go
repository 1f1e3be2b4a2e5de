package launch

import (
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/program"
	"golang.org/x/sys/unix"
)

// openSources opens what binds show, in the old root and before anything is
// mounted over it.
func (r *rooting) openSources() {
	r.umask = r.b.Var("umask")
	r.b.Umask(program.Int(0o22).As("022")).Into(r.umask).Because("what is made is readable, whatever the caller's mask")
	r.openRootSources()
	for i := range r.v.Mounts {
		if m := &r.v.Mounts[i]; m.Kind == mnt.Bind {
			r.sources[i] = r.openSource(m)
		}
	}
}

// openSource takes a detached copy of a tree. The result is negative where the
// kernel cannot: then the path is bound later.
func (r *rooting) openSource(m *mnt.Mount) program.Var {
	flags, fd, opened := unix.OPEN_TREE_CLONE, r.b.Var("source"), r.b.Label("opened")
	if m.Recursive {
		flags |= unix.AT_RECURSIVE
	}
	step := r.b.OpenTree(program.Cwd(), m.Source, flags).Into(fd).IfPositive(opened).IfZero(opened).Ignore(unix.ENOSYS).
		Because(r.b.Join("shown on ", m.Target)).Or("cannot open ", m.Source)
	if !m.Recursive {
		r.hint(step, unix.EINVAL, hintLocked)
	}
	r.b.Open(m.Source, unix.O_PATH).Or("cannot open ", m.Source)
	r.b.Place(opened)
	return fd
}

// populate makes the mounts in the new root, in their order.
func (r *rooting) populate() {
	r.guarded = len(r.b.Program().Steps)
	if len(r.v.Mounts) > 0 || r.s.Proc != nil {
		r.b.Section("what is in it")
	}
	for i := range r.v.Mounts {
		r.mount(i)
	}
	if r.s.Proc != nil {
		r.mountProcAt(*r.s.Proc)
	}
}

// mount makes one mount.
func (r *rooting) mount(i int) {
	switch m := &r.v.Mounts[i]; m.Kind {
	case mnt.Bind:
		r.mountBind(m, r.sources[i])
	case mnt.File:
		at := r.spot(m.Target, file, "")
		r.b.MoveMount(program.Value(r.sources[i]), program.Value(at.at)).Because(m.Target).Or("cannot mount on ", m.Target)
	case mnt.Tmpfs:
		r.mountType("tmpfs", m.Target, unix.MS_NOSUID|unix.MS_NODEV, m.Data, "an empty file system in memory")
	case mnt.Proc:
		r.mountProcAt(m.Target)
	case mnt.Sys:
		r.mountSys(m.Target)
	case mnt.Dev:
		r.mountDev(m.Target)
	case mnt.ReadOnly:
		step := r.b.MountSetattr(program.Value(r.root), unix.AT_RECURSIVE, unix.MOUNT_ATTR_RDONLY).
			Because("all that is there by now").Or("cannot make the new root read-only")
		r.hint(step, unix.ENOSYS, hintSetattr)
	case mnt.PutOld:
		r.putOld = r.spot(m.Target, directory, "").at
	}
}

// mountType mounts a file system on a directory.
func (r *rooting) mountType(fstype, target string, flags uintptr, data, why string) *program.Step {
	at := r.spot(target, directory, "")
	r.b.Fchdir(program.Value(at.at)).Or("cannot enter ", target)
	return r.b.Mount(fstype, ".", fstype, flags, data).Because(why).Or("mount ", target, " failed")
}

func (r *rooting) mountProcAt(target string) {
	step := r.mountType("proc", target, mnt.ProcFlags, "", "a /proc of this PID namespace, while the old one still vouches for it")
	r.hintProc(step)
}

// mountSys mounts a /sys, or shows the old one where the network namespace
// belongs to another user namespace, which is refused.
func (r *rooting) mountSys(target string) {
	foreign, mounted := r.b.Label("not our network namespace"), r.b.Label("mounted")
	step := r.mountType("sysfs", target, mnt.ProcFlags, "", "a /sys of this network namespace")
	step.On(unix.EPERM, foreign).IfZero(mounted)
	r.b.Place(foreign)
	r.b.Mount("/sys", ".", "", unix.MS_BIND|unix.MS_REC, "").Because("the old /sys instead").Or("mount ", target, " failed")
	r.b.Place(mounted)
}

// mountBind shows a source at its destination.
func (r *rooting) mountBind(m *mnt.Mount, source program.Var) {
	at := r.spot(m.Target, alike, m.Source)
	byPath, done := r.b.Label("by path"), r.b.Label("bound")
	r.b.Do(program.OpMove, program.Value(source)).IfNegative(byPath)
	r.b.MoveMount(program.Value(source), program.Value(at.at)).Because(m.Source).Or("cannot bind ", m.Source, " on ", m.Target)
	if m.Attr != 0 {
		r.setAttributes(m, source, at, done)
	}
	r.b.Goto(done)
	r.b.Place(byPath)
	r.bindByPath(m, at)
	r.b.Place(done)
}

// setAttributes sets what a bind asks for; before Linux 5.12 mount(2) does it
// for a single mount.
func (r *rooting) setAttributes(m *mnt.Mount, source program.Var, at spot, done *program.Label) {
	flags := 0
	if m.Recursive {
		flags = unix.AT_RECURSIVE
	}
	set := r.b.MountSetattr(program.Value(source), flags, m.Attr).Or("cannot set the options of ", m.Target)
	if m.Recursive {
		r.hint(set, unix.ENOSYS, hintSetattr)
		return
	}
	old := r.b.Label("no mount_setattr")
	set.On(unix.ENOSYS, old).IfZero(done)
	r.b.Place(old)
	file := r.b.Label("no directory")
	r.b.Fchdir(program.Value(source)).Or("cannot set the options of ", m.Target).On(unix.ENOTDIR, file)
	r.remount(m, ".").IfZero(done)
	r.b.Place(file)
	r.enterParent(at)
	r.remount(m, at.name)
}

// enterParent enters the directory of a destination that may have been there.
func (r *rooting) enterParent(at spot) {
	var buffer [16]string
	names, known, dir := mnt.Components(buffer[:0], at.path), r.b.Label("known"), r.b.Var("dir")
	if parents := names[:len(names)-1]; len(parents) > 0 {
		r.b.Openat2(program.Value(r.root), r.prefix(parents)).Into(dir).On(unix.ENOSYS, known).Or("cannot enter the directory of ", at.path)
		r.b.Move(at.dir, program.Value(dir))
		r.b.Place(known)
	}
	r.b.Fchdir(program.Value(at.dir)).Or("cannot enter the directory of ", at.path)
}

func (r *rooting) remount(m *mnt.Mount, path string) *program.Step {
	return r.b.Mount("none", path, "", unix.MS_REMOUNT|unix.MS_BIND|m.MountFlags(), "").Or("cannot set the options of ", m.Target)
}

// bindByPath is for kernels without open_tree(2).
func (r *rooting) bindByPath(m *mnt.Mount, at spot) {
	flags := uintptr(unix.MS_BIND)
	if m.Recursive {
		flags |= unix.MS_REC
	}
	if m.Recursive && m.Attr != 0 {
		failed := r.b.Var("unsupported")
		step := r.b.Move(failed, program.Int(-int64(unix.ENOSYS))).Or("cannot set the options of ", m.Target)
		r.hint(step, 0, hintSetattr)
		return
	}
	r.b.Fchdir(program.Value(at.dir)).Or("cannot enter the directory of ", m.Target)
	r.b.Mount(m.Source, at.name, "", flags, "").Or("cannot bind ", m.Source, " on ", m.Target)
	if m.Attr != 0 {
		r.remount(m, at.name)
	}
}
