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
	step := orOlder(r.b.OpenTree(program.Cwd(), m.Source, flags), nil).Into(fd).IfPositive(opened).IfZero(opened).
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
		r.mountFile(m, r.sources[i], r.b.Itoa(int64(i)))
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
		r.hintSetattr(step)
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

// mountFile shows a file in memory at its destination.
func (r *rooting) mountFile(m *mnt.Mount, source program.Var, name string) {
	at := r.spot(m.Target, file, "")
	byPath, there, done, failed := r.b.Label("by path"), r.b.Label("a path"), r.b.Label("mounted"), r.b.Var("failed")
	r.b.Move(failed, program.Value(source)).IfNegative(byPath)
	orOlder(r.b.MoveMount(program.Value(source), program.Value(at.at)), byPath).Into(failed).IfZero(done).Because(m.Target).Or("cannot mount on ", m.Target)
	r.b.Place(byPath)
	r.b.Move(r.kept, program.Value(r.kept)).IfPositive(there)
	r.b.FailWith(failed, "cannot mount on ", m.Target)
	r.b.Place(there)
	r.enterParent(at, at.at)
	r.b.Mount(r.b.Join(onTop, "/", name), at.name, "", unix.MS_BIND, "").Because("without open_tree and move_mount").Or("cannot mount on ", m.Target)
	r.b.Place(done)
}
