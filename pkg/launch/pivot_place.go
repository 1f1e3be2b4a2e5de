//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
	"golang.org/x/sys/unix"
)

// creation is a file or directory in the new root that was made if the flag is
// set.
type creation struct {
	flag, dir program.Var
	name      string
}

// spot is a destination in the new root.
type spot struct {
	path string
	// at is a descriptor of it.
	at program.Var
	// dir and name are the way to it where the kernel has no openat2(2), and so
	// no calls on mount descriptors either.
	dir  program.Var
	name string
}

// form is what a destination is made as where it is missing.
type form uint8

const (
	directory form = iota
	file
	// alike is what the source is.
	alike
)

// spot finds a destination, or makes it. The lookup stays below the new root
// whatever links are in it. source and opened are the path and a descriptor of what it
// is to be like; the descriptor may be negative.
func (r *rooting) spot(path string, as form, source string, opened program.Var) spot {
	var buffer [16]string
	names := mnt.Components(buffer[:0], path)
	s := spot{path: path, at: r.at}
	found, missing := r.b.Label("found"), r.b.Label("missing")
	orOlder(r.b.Openat2(program.Value(r.root), r.prefix(names)), missing).Into(s.at).IfPositive(found).IfZero(found).
		On(unix.ENOENT, missing).Or("cannot find ", path, " in the new root")
	r.b.Place(missing)
	s.dir = r.root
	for i, name := range names[:len(names)-1] {
		r.makeDirectory(s.dir, name, path)
		next := r.b.Var("dir")
		r.step(s.dir, next, r.prefix(names[:i+1]), name, path, unix.O_DIRECTORY)
		s.dir = next
	}
	s.name = names[len(names)-1]
	r.makeLast(s.dir, s.name, path, as, source, opened)
	flags := unix.O_DIRECTORY
	if as != directory {
		flags = 0
	}
	r.step(s.dir, s.at, r.prefix(names), s.name, path, flags)
	r.b.Place(found)
	return s
}

// prefix joins names to a path.
func (r *rooting) prefix(names []string) string {
	path := names[0]
	for _, name := range names[1:] {
		path = r.b.Join(path, "/", name)
	}
	return path
}

// step opens the next directory on the way. Without openat2(2) links are not
// followed at all.
func (r *rooting) step(dir, at program.Var, prefix, name, path string, flags int) {
	plain := r.plain
	old, opened := r.b.Label("no openat2"), r.b.Label("opened")
	orOlder(r.b.Openat2(program.Value(r.root), prefix), old).Into(at).IfPositive(opened).IfZero(opened).
		Or("cannot find ", path, " in the new root")
	r.b.Place(old)
	r.b.Openat(program.Value(dir), name, unix.O_PATH|unix.O_NOFOLLOW|flags).Into(plain).Or("cannot find ", path, " in the new root without following a link")
	if flags == 0 {
		r.refuseLink(plain, path)
	}
	r.b.Move(at, program.Value(plain))
	r.b.Place(opened)
}

// refuseLink fails if a descriptor is that of a symbolic link.
func (r *rooting) refuseLink(fd program.Var, path string) {
	status, kind := r.status, r.kind
	fine := r.b.Label("no link")
	const text = "cannot find "
	r.b.Fstat(program.Value(fd), status).Because("a link is refused").Or(text, path, " in the new root")
	r.b.Do(program.OpAnd, program.Value(status.Mode), program.Int(unix.S_IFMT).As("S_IFMT")).Into(kind)
	r.b.CompareInt(kind, unix.S_IFLNK).IfPositive(fine).IfNegative(fine)
	r.b.Move(r.refusal, program.Int(-int64(unix.ELOOP))).Or(text, path, " in the new root")
	r.b.Place(fine)
}

// makeDirectory makes a directory unless there is something of its name.
func (r *rooting) makeDirectory(dir program.Var, name, path string) {
	there := r.b.Label("there")
	step := r.b.Mkdirat(program.Value(dir), name, 0o755).On(unix.EEXIST, there).Or("cannot make directory ", path, " in the new root")
	r.created(step, dir, name, r.b.Var("made"))
	r.b.Place(there)
}

// makeLast makes the destination itself.
func (r *rooting) makeLast(dir program.Var, name, path string, as form, source string, opened program.Var) {
	if as == directory {
		r.makeDirectory(dir, name, path)
		return
	}
	done, isDir, kind := r.b.Label("there"), r.b.Label("a directory"), r.kind
	if as == alike {
		status, byPath, known := r.status, r.b.Label("no descriptor"), r.b.Label("which it is")
		r.b.Move(r.refusal, program.Value(opened)).IfNegative(byPath)
		r.b.Fstat(program.Value(opened), status).IfZero(known).Because("a file or a directory?").Or("cannot stat ", source)
		r.b.Place(byPath)
		r.b.Stat(source, status).Because("a file or a directory?").Or("cannot stat ", source)
		r.b.Place(known)
		r.b.Do(program.OpAnd, program.Value(status.Mode), program.Int(unix.S_IFMT).As("S_IFMT")).Into(kind)
		r.b.Compare(program.Value(kind), program.Int(unix.S_IFDIR).As("S_IFDIR")).IfZero(isDir)
	}
	step := r.b.MakeFile(program.Value(dir), name, 0o644).On(unix.EEXIST, done).Or("cannot make file ", path, " in the new root")
	flag := r.b.Var("made")
	r.created(step, dir, name, flag)
	if as == alike {
		r.b.Goto(done)
		r.b.Place(isDir)
		step := r.b.Mkdirat(program.Value(dir), name, 0o755).On(unix.EEXIST, done).Or("cannot make directory ", path, " in the new root")
		r.notWritable(step)
		r.b.Move(flag, program.Int(1))
	}
	r.b.Place(done)
}

// created notes that a step makes something, to be removed if a later one fails.
func (r *rooting) created(step *program.Step, dir program.Var, name string, flag program.Var) {
	r.notWritable(step)
	r.b.Move(flag, program.Int(1))
	r.made = append(r.made, creation{flag, dir, name})
}

// notWritable says what helps where nothing can be made.
func (r *rooting) notWritable(step *program.Step) {
	for _, errno := range [...]unix.Errno{unix.EROFS, unix.EACCES, unix.EPERM, unix.EOVERFLOW} {
		r.hint(step, errno, hintWritable)
	}
}

// undo removes, when a step has failed, what was made in the new root, and
// reports the failure then. It is the last part of what the command's process
// does, and leads the failures of all earlier parts here.
func (r *rooting) undo() {
	if len(r.made) == 0 {
		r.plan.undo()
		return
	}
	r.divert(r.result)
	r.makeWritable()
	for i := len(r.made) - 1; i >= 0; i-- {
		r.takeBack(&r.made[i])
	}
	r.takeFilesBack()
	r.reportDiverted()
}

// makeWritable undoes --read-only, under which nothing can be removed.
func (r *rooting) makeWritable() {
	for i := range r.v.Mounts {
		if r.v.Mounts[i].Kind == mnt.ReadOnly {
			writable := r.b.Label("writable")
			r.b.ClearReadOnly(program.Value(r.root), unix.AT_RECURSIVE).IfZero(writable).Tolerate()
			r.b.ClearReadOnly(program.Value(r.root), 0).IfZero(writable).Tolerate()
			r.walkMounts(program.Value(r.root), 0, lockable&^unix.MS_RDONLY)
			r.b.Place(writable)
			return
		}
	}
}

// takeBack unmounts and removes one thing if it was made.
func (r *rooting) takeBack(c *creation) {
	kept := r.b.Label("was there before")
	r.b.Do(program.OpMove, program.Value(c.flag)).IfZero(kept)
	r.b.Fchdir(program.Value(c.dir)).Tolerate()
	r.b.Umount2(c.name, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW).Tolerate()
	r.b.Unlinkat(program.Cwd(), c.name, 0).Tolerate()
	r.b.Unlinkat(program.Cwd(), c.name, unix.AT_REMOVEDIR).Tolerate()
	r.b.Place(kept)
}
