//go:build linux

package launch

import (
	"strings"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// openRootSources opens what a root in memory is made from.
func (r *rooting) openRootSources() {
	if r.v.Archive != "" {
		r.tool = r.b.Var("unpacker")
		if r.v.Archive != standardInput {
			r.archive = r.b.Var("archive")
			r.b.Open(r.v.Archive, unix.O_RDONLY).Into(r.archive).Because("what is unpacked").Or("cannot open ", r.v.Archive)
		}
		r.b.Open(r.v.Tool, unix.O_PATH).Into(r.tool).Because("what unpacks it").Or("cannot open ", r.v.Tool)
	}
	if r.v.Switch && r.c.PID == 1 {
		r.tool = r.openClearer(r.v)
	}
	if !r.v.Overlay {
		return
	}
	for i := range 1 + len(r.v.Layers) {
		dir := r.layer(i)
		if i == len(r.layers) {
			r.layers = append(r.layers, r.b.Var("layer"))
		}
		orOlder(r.b.OpenTree(program.Cwd(), dir, unix.OPEN_TREE_CLONE|unix.AT_RECURSIVE), nil).Into(r.layers[i]).Because("a layer of the overlay").Or("cannot open ", dir)
	}
}

// standardInput is the archive that is read from descriptor 0.
const standardInput = "-"

// onTop leads to what is mounted on top of the root directory, which no other
// path does: only ".." looks for mounts there, see path_resolution(7).
const onTop = "/.."

// inMemory mounts a file system in memory on top of the old root, where every
// system has a place for it: it can be reached by its descriptor, and as long as
// nothing lies above it by onTop.
func (r *rooting) inMemory(name, why string) program.Var {
	const failed, unmounted = "cannot make a file system in memory", "cannot mount a file system in memory"
	fs, dir, older, mounted := r.b.Var("tmpfs"), r.b.Var(name), r.b.Label("older"), r.b.Label("mounted")
	orOlder(r.b.Fsopen("tmpfs"), older).Into(fs).Because(why).Or(failed)
	orOlder(r.b.FsconfigString(program.Value(fs), "mode", "0755").Because("only its owner writes to its directory"), older).Or(failed)
	orOlder(r.b.FsconfigCreate(program.Value(fs)), older).Or(failed)
	orOlder(r.b.Fsmount(program.Value(fs), 0), older).Into(dir).Or(failed)
	r.b.Close(program.Value(fs)).Tolerate()
	orOlder(r.b.MoveMountTo(program.Value(dir), program.Cwd(), "/"), older).IfZero(mounted).Because("every system has this place").Or(unmounted)
	r.b.Place(older)
	r.b.Mount("none", "/", "tmpfs", 0, "mode=0755").Because("without the calls of Linux 5.2").Or(unmounted)
	r.b.Open(onTop, unix.O_PATH|unix.O_DIRECTORY).Into(dir).Because("leads to what is mounted on /").Or(unmounted)
	r.keep()
	r.b.Place(mounted)
	return dir
}

// keep notes that the file system that holds the files in memory has to stay.
func (r *rooting) keep() {
	if !r.kept.None() {
		r.b.Move(r.kept, program.Int(1))
	}
}

// unpackRoot has an archive unpacked in memory, before anything in it can run.
func (r *rooting) unpackRoot() {
	r.root = r.inMemory("root", "the root is in memory")
	r.b.Fchdir(program.Value(r.root)).Or("cannot enter the new root")
	pid, after := r.b.Var("unpacker"), r.b.Label("unpacker started")
	r.b.Fork().Into(pid).IfPositive(after).Because("a process that unpacks the archive").Or("fork failed")
	if !r.archive.None() {
		r.b.Dup3(program.Value(r.archive), 0).Because("it reads the archive").Or("cannot pass the archive on")
	}
	r.executeFD(r.tool, r.v.ToolArgs, r.b.Join("failed to execute ", r.v.Tool))
	r.b.ExitGroup(program.Int(1))
	r.b.Place(after)
	r.reap(pid)
}

// executeFD executes a program by its descriptor, in a process that needs none
// above 2 for anything else.
func (p *plan) executeFD(fd program.Var, argv []string, failed string) {
	older := p.b.Label("by name")
	orOlder(p.b.ExecveFD(program.Value(fd), program.Vector(argv...), program.Envp()), older).Or(failed)
	p.b.Place(older)
	p.b.Dup3(program.Value(fd), 3).Ignore(unix.EINVAL).Because("it may be 3 already").Or(failed)
	p.b.Execve("/proc/self/fd/3", program.Vector(argv...), program.Envp()).Because("without execveat").Or(failed)
}

// overlayRoot stacks the layers. They are moved into a file system in memory,
// so that none of their paths need be written into the mount's options.
func (r *rooting) overlayRoot() {
	dir := r.inMemory("overlay", "holds the layers, and what is written above them")
	names := ""
	for i, layer := range r.layers {
		name := r.b.Itoa(int64(i))
		r.b.Mkdirat(program.Value(dir), name, 0o755).Or("cannot make a directory in memory")
		r.mountLayer(i, layer, dir, name)
		names = strings.TrimSuffix(r.b.Join(name, ":", names), ":")
	}
	upper, work := "upper", "work"
	if r.v.Upper != "" {
		upper, work = escaped(r.v.Upper), escaped(r.v.Work)
	} else {
		r.b.Mkdirat(program.Value(dir), upper, 0o755).Because("what is written").Or("cannot make a directory in memory")
		r.b.Mkdirat(program.Value(dir), work, 0o755).Because("an overlay needs it, empty").Or("cannot make a directory in memory")
	}
	options := r.b.Join("lowerdir=", names, ",upperdir=", upper, ",workdir=", work)
	if r.s.Unshare.Has(ns.User) {
		options = r.b.Join(options, ",userxattr")
	}
	r.b.Mkdirat(program.Value(dir), "root", 0o755).Or("cannot make a directory in memory")
	r.b.Fchdir(program.Value(dir)).Or("cannot enter the file system in memory")
	step := r.b.Mount("overlay", "root", "overlay", 0, options).Because("the layers as one").Or("cannot mount the overlay")
	if r.s.Unshare.Has(ns.User) {
		r.hint(step, 0, hintOverlay)
	}
	r.b.Openat(program.Value(dir), "root", unix.O_PATH|unix.O_DIRECTORY).Into(r.root).Because("every destination is looked up from here").Or("cannot open the new root")
}

// mountLayer mounts a layer into the file system in memory, which is the topmost.
func (r *rooting) mountLayer(i int, layer, dir program.Var, name string) {
	const failed = "cannot mount a layer"
	byPath, mounted := r.b.Label("by path"), r.b.Label("mounted")
	r.b.Do(program.OpMove, program.Value(layer)).IfNegative(byPath)
	orOlder(r.b.MoveMountTo(program.Value(layer), program.Value(dir), name), byPath).IfZero(mounted).Because("a layer").Or(failed)
	r.b.Place(byPath)
	source, flags := r.layer(i), uintptr(unix.MS_BIND)
	if r.s.Unshare.Has(ns.User) && !mnt.IsRoot(source) {
		flags |= unix.MS_REC // what another user namespace has mounted below must stay covered
	}
	r.b.Mount(source, r.b.Join(onTop, "/", name), "", flags, "").Because("without open_tree and move_mount").Or(failed)
	r.b.Place(mounted)
}

// layer is the path of the i-th layer, of which Root is the lowest.
func (r *rooting) layer(i int) string {
	if i == 0 {
		return r.v.Root
	}
	return r.v.Layers[i-1]
}

// escaped is a path as the options of an overlay take it.
func escaped(path string) string {
	if !strings.ContainsAny(path, `\,:`) {
		return path
	}
	var b []byte
	for _, c := range []byte(path) {
		if c == '\\' || c == ',' || c == ':' {
			b = append(b, '\\')
		}
		b = append(b, c)
	}
	return string(b)
}

// writeFiles makes the files in memory: in a file system that is mounted for
// as long as it takes to fill it.
func (r *rooting) writeFiles() {
	any := false
	for i := range r.v.Mounts {
		any = any || r.v.Mounts[i].Kind == mnt.File
	}
	if !any {
		return
	}
	r.b.Section("the files in memory")
	r.kept = r.b.Var("kept")
	r.memory = r.inMemory("memory", "mounted for as long as it takes to fill it")
	for i := range r.v.Mounts {
		if m := &r.v.Mounts[i]; m.Kind == mnt.File {
			r.sources[i] = r.writeMemory(r.memory, m, r.b.Itoa(int64(i)))
		}
	}
	stay := r.b.Label("it stays")
	r.b.Move(r.kept, program.Value(r.kept)).IfPositive(stay)
	r.unmountMemory()
	r.b.Place(stay)
}

func (r *rooting) unmountMemory() {
	r.b.Fchdir(program.Value(r.memory)).Or("cannot enter the file system in memory")
	r.b.Umount2(".", unix.MNT_DETACH).Because("the files live on").Or("cannot unmount the file system in memory")
}

// dropMemory unmounts the file system that holds the files if it had to stay
// until they were bound.
func (r *rooting) dropMemory() {
	if r.kept.None() {
		return
	}
	gone := r.b.Label("it is gone")
	r.b.Move(r.kept, program.Value(r.kept)).IfZero(gone)
	r.unmountMemory()
	r.b.Place(gone)
}

// writeMemory makes one file and takes a detached copy of it.
func (r *rooting) writeMemory(dir program.Var, m *mnt.Mount, name string) program.Var {
	fd, source := r.b.Var("file"), r.b.Var("source")
	r.b.MakeFile(program.Value(dir), name, 0o644).Because("a file in memory").Or("cannot make file ", m.Target)
	r.b.Openat(program.Value(dir), name, unix.O_WRONLY|unix.O_NOFOLLOW).Into(fd).Or("cannot open file ", m.Target)
	r.b.Write(program.Value(fd), m.Data).Because(r.b.Join("the text of ", m.Target)).Or("cannot write file ", m.Target)
	r.b.Close(program.Value(fd)).Tolerate()
	opened := r.b.Label("opened")
	orOlder(r.b.OpenTree(program.Value(dir), name, unix.OPEN_TREE_CLONE), nil).Into(source).Because("stays when the file system is unmounted").IfPositive(opened).IfZero(opened).Or("cannot open file ", m.Target)
	r.keep()
	r.b.Place(opened)
	return source
}
