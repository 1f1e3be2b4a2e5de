//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
	"golang.org/x/sys/unix"
)

// maskFiles has files made as they are to be, and as many descriptors as it takes.
func (r *rooting) maskFiles() {
	r.umask = r.b.Var("umask")
	r.b.Umask(program.Int(0o22).As("022")).Into(r.umask).Because("what is made is readable, whatever the caller's mask")
	r.liftFiles()
}

// openSources opens what binds show, in the old root and before anything is
// mounted over it.
func (r *rooting) openSources() {
	r.openRootSources()
	for i := range r.v.Mounts {
		if m := &r.v.Mounts[i]; m.Kind == mnt.Bind {
			if r.sources[i].None() {
				r.sources[i] = r.b.Var("source")
			}
			r.openSource(m, r.sources[i])
		}
	}
}

// openSource takes a detached copy of a tree. The result is negative where the
// kernel cannot: then the path is bound later.
func (r *rooting) openSource(m *mnt.Mount, fd program.Var) {
	flags, opened := unix.OPEN_TREE_CLONE, r.b.Label("opened")
	if m.Recursive {
		flags |= unix.AT_RECURSIVE
	}
	step := orOlder(r.b.OpenTree(program.Cwd(), m.Source, flags), nil).Into(fd).IfPositive(opened).IfZero(opened).
		Because(r.b.Join("shown on ", m.Target)).Or("cannot open ", m.Source)
	if !m.Recursive {
		r.hint(step, unix.EINVAL, hintLocked)
	}
	plain := r.b.Open(m.Source, unix.O_PATH).Into(r.plain).Because("is it there?").Or("cannot open ", m.Source)
	if m.Try {
		none := r.b.Label("not there")
		step.On(unix.ENOENT, none)
		plain.On(unix.ENOENT, none)
		r.b.Close(program.Value(r.plain)).IfZero(opened).Tolerate().IfNegative(opened)
		r.b.Place(none)
		r.b.Move(fd, program.Int(-int64(unix.ENOENT))).Tolerate()
		r.b.Place(opened)
		absent := r.b.Label("nothing to map")
		r.b.Compare(program.Value(fd), program.Int(-int64(unix.ENOENT))).IfZero(absent)
		r.cutOff(fd)
		r.mapIDs(m, fd)
		r.b.Place(absent)
		return
	}
	r.b.Close(program.Value(r.plain)).Tolerate()
	r.b.Place(opened)
	r.cutOff(fd)
	r.mapIDs(m, fd)
}

// manyMounts are more than the usual limit on open files, 1024, is good for: each
// may take a descriptor for its source, and one for each directory that is made.
const manyMounts = 64

// liftFiles lifts the limit on open files as far as the caller may, until the
// command is executed.
func (r *rooting) liftFiles() {
	if len(r.v.Mounts) < manyMounts {
		return
	}
	r.files = r.b.Buffer("files", 16)
	lifted := r.b.Buffer("lifted", 16)
	soft, hard, most := lifted.Part(0, 8, "lifted.soft"), lifted.Part(8, 8, "lifted.hard"), r.files.Part(8, 8, "files.hard")
	r.b.OpenFilesLimit(program.Var{}, r.files).Tolerate().Because("the sources of so many mounts take a descriptor each")
	r.b.Move(soft, program.Value(most))
	r.b.Move(hard, program.Value(most))
	r.b.OpenFilesLimit(lifted, program.Var{}).Tolerate()
}

// populate makes the mounts in the new root, in their order.
func (r *rooting) populate() {
	r.guard()
	if len(r.v.Mounts) > 0 || r.s.Proc.Set {
		r.b.Section("what is in it")
	}
	for i := range r.v.Mounts {
		r.make(i)
		if source := r.sources[i]; !source.None() {
			r.b.Close(program.Value(source)).Tolerate()
		}
	}
	if r.s.Proc.Set {
		r.mountProcAt(r.s.Proc.Value, r.proc)
	}
}

// make makes one mount.
func (r *rooting) make(i int) {
	switch m := &r.v.Mounts[i]; m.Kind {
	case mnt.Bind:
		r.mountBind(m, r.sources[i])
	case mnt.File:
		r.mountFile(m, r.sources[i], r.b.Itoa(int64(i)))
	case mnt.Tmpfs:
		r.mountType("tmpfs", m.Target, unix.MS_NOSUID|unix.MS_NODEV, m.Data, "an empty file system in memory")
	case mnt.Proc:
		r.mountProcAt(m.Target, r.madeBefore(i))
	case mnt.Sys:
		r.mountSys(m.Target, r.madeBefore(i))
	case mnt.Dev:
		r.mountDev(m.Target)
	case mnt.Symlink:
		r.makeSymlink(m)
	case mnt.Directory:
		r.makePlainDirectory(m)
	case mnt.ReadOnly:
		r.makeReadOnly()
	case mnt.PutOld:
		r.putOld = r.b.Var("old place")
		r.b.Move(r.putOld, program.Value(r.spot(m.Target, directory, "", program.Var{}).at))
	}
}

// close gives a destination's descriptor up.
func (r *rooting) close(at spot) { r.b.Close(program.Value(at.at)).Tolerate() }

// mountType mounts a file system on a directory.
func (r *rooting) mountType(fstype, target string, flags uintptr, data, why string) *program.Step {
	at := r.spot(target, directory, "", program.Var{})
	return r.mountTypeAt(at, fstype, flags, data, why)
}

func (r *rooting) mountTypeAt(at spot, fstype string, flags uintptr, data, why string) *program.Step {
	r.b.Fchdir(program.Value(at.at)).Or("cannot enter ", at.path)
	r.close(at)
	return r.b.Mount(fstype, ".", fstype, flags, data).Because(why).Or("mount ", at.path, " failed")
}

// mountCarried shows what has been made beforehand, where that is so, and leads on.
func (r *rooting) mountCarried(at spot, made program.Var, on *program.Label) {
	if made.None() {
		return
	}
	not := r.b.Label("not made before")
	r.b.Move(r.tree, program.Value(r.tree)).IfNegative(not)
	r.b.Move(made, program.Value(made)).IfNegative(not)
	orOlder(r.b.MoveMount(program.Value(made), program.Value(at.at)), not).Because("made before").Or("mount ", at.path, " failed")
	r.close(at)
	r.b.Close(program.Value(made)).IfZero(on).IfNegative(on).Tolerate()
	r.b.Place(not)
}

// madeBefore is what has been made beforehand of the i-th mount, none where nothing is.
func (r *rooting) madeBefore(i int) program.Var {
	if len(r.kinds) == 0 {
		return program.Var{}
	}
	return r.kinds[i]
}

func (r *rooting) mountProcAt(target string, made program.Var) {
	at, mounted := r.spot(target, directory, "", program.Var{}), r.b.Label("proc mounted")
	r.mountCarried(at, made, mounted)
	step := r.mountTypeAt(at, "proc", mnt.ProcFlags, "", "a /proc of this PID namespace, while the old one still vouches for it")
	r.hintProc(step)
	r.b.Place(mounted)
}

// mountSys mounts a /sys, or shows the old one where the network namespace
// belongs to another user namespace, which is refused.
func (r *rooting) mountSys(target string, made program.Var) {
	foreign, mounted := r.b.Label("not our network namespace"), r.b.Label("mounted")
	at := r.spot(target, directory, "", program.Var{})
	r.mountCarried(at, made, mounted)
	step := r.mountTypeAt(at, "sysfs", mnt.ProcFlags, "", "a /sys of this network namespace")
	step.On(unix.EPERM, foreign).IfZero(mounted)
	r.b.Place(foreign)
	r.b.Mount("/sys", ".", "", unix.MS_BIND|unix.MS_REC, "").Because("the old /sys instead").Or("mount ", target, " failed")
	r.b.Place(mounted)
}

// mountFile shows a file in memory at its destination.
func (r *rooting) mountFile(m *mnt.Mount, source program.Var, name string) {
	at := r.spot(m.Target, file, "", program.Var{})
	byPath, there, done, failed := r.b.Label("by path"), r.b.Label("a path"), r.b.Label("mounted"), r.refusal
	r.b.Move(failed, program.Value(source)).IfNegative(byPath)
	orOlder(r.b.MoveMount(program.Value(source), program.Value(at.at)), byPath).Into(failed).IfZero(done).Because(m.Target).Or("cannot mount on ", m.Target)
	r.b.Place(byPath)
	r.b.Move(r.kept, program.Value(r.kept)).IfPositive(there)
	r.b.FailWith(failed, "cannot mount on ", m.Target)
	r.b.Place(there)
	r.enterParent(at, at.at)
	r.b.Mount(r.b.Join(onTop, "/", name), at.name, "", unix.MS_BIND, "").Because("without open_tree and move_mount").Or("cannot mount on ", m.Target)
	r.b.Place(done)
	r.close(at)
}
