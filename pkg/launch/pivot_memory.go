package launch

import (
	"strings"

	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/program"
	"golang.org/x/sys/unix"
)

// openRootSources opens what a root in memory is made from.
func (r *rooting) openRootSources() {
	if r.v.Archive != "" {
		r.archive, r.tool = r.b.Var("archive"), r.b.Var("unpacker")
		r.b.Open(r.v.Archive, unix.O_RDONLY).Into(r.archive).Because("what is unpacked").Or("cannot open ", r.v.Archive)
		r.b.Open(r.v.Tool, unix.O_PATH).Into(r.tool).Because("what unpacks it").Or("cannot open ", r.v.Tool)
	}
	if r.v.Switch && r.c.PID == 1 {
		r.tool = r.openClearer(r.v)
	}
	if !r.v.Overlay {
		return
	}
	for _, dir := range append([]string{r.v.Root}, r.v.Layers...) {
		layer := r.b.Var("layer")
		step := r.b.OpenTree(program.Cwd(), dir, unix.OPEN_TREE_CLONE|unix.AT_RECURSIVE).Into(layer).Because("a layer of the overlay").Or("cannot open ", dir)
		r.hint(step, unix.ENOSYS, hintMemory)
		r.layers = append(r.layers, layer)
	}
}

// memory mounts a file system in memory on top of the old root, where every
// system has a place for it: it can be reached by its descriptor alone.
func (r *rooting) memory(name, why string) program.Var {
	const failed = "cannot make a file system in memory"
	fs, dir := r.b.Var("tmpfs"), r.b.Var(name)
	step := r.b.Fsopen("tmpfs").Into(fs).Because(why).Or(failed)
	r.hint(step, unix.ENOSYS, hintMemory)
	r.b.FsconfigString(program.Value(fs), "mode", "0755").Or(failed)
	r.b.FsconfigCreate(program.Value(fs)).Or(failed)
	r.b.Fsmount(program.Value(fs), 0).Into(dir).Or(failed)
	r.b.Close(program.Value(fs)).Tolerate()
	r.b.MoveMountTo(program.Value(dir), program.Cwd(), "/").Because("every system has this place").Or("cannot mount a file system in memory")
	return dir
}

// unpackRoot has an archive unpacked in memory, before anything in it can run.
func (r *rooting) unpackRoot() {
	r.root = r.memory("root", "the root is in memory")
	r.b.Fchdir(program.Value(r.root)).Or("cannot enter the new root")
	pid, after := r.b.Var("unpacker"), r.b.Label("unpacker started")
	r.b.Fork().Into(pid).IfPositive(after).Because("a process that unpacks the archive").Or("fork failed")
	r.b.Dup3(program.Value(r.archive), 0).Because("it reads the archive").Or("cannot pass the archive on")
	r.b.ExecveFD(program.Value(r.tool), program.Vector(r.v.ToolArgs...), program.Envp()).Or("failed to execute ", r.v.Tool)
	r.b.ExitGroup(program.Int(1))
	r.b.Place(after)
	r.reap(pid)
}

// overlayRoot stacks the layers. They are moved into a file system in memory,
// so that none of their paths need be written into the mount's options.
func (r *rooting) overlayRoot() {
	dir := r.memory("overlay", "holds the layers, and what is written above them")
	names := ""
	for i, layer := range r.layers {
		name := r.b.Itoa(int64(i))
		r.b.Mkdirat(program.Value(dir), name, 0o755).Or("cannot make a directory in memory")
		r.b.MoveMountTo(program.Value(layer), program.Value(dir), name).Because("a layer").Or("cannot mount a layer")
		names = strings.TrimSuffix(r.b.Join(name, ":", names), ":")
	}
	upper, work := "upper", "work"
	if r.v.Upper != "" {
		upper, work = escaped(r.v.Upper), escaped(r.v.Work)
	} else {
		r.b.Mkdirat(program.Value(dir), upper, 0o755).Because("what is written").Or("cannot make a directory in memory")
		r.b.Mkdirat(program.Value(dir), work, 0o755).Or("cannot make a directory in memory")
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

// escaped is a path as the options of an overlay take it.
func escaped(path string) string {
	return strings.NewReplacer(`\`, `\\`, ",", `\,`, ":", `\:`).Replace(path)
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
	dir := r.memory("memory", "mounted for as long as it takes to fill it")
	for i := range r.v.Mounts {
		if m := &r.v.Mounts[i]; m.Kind == mnt.File {
			r.sources[i] = r.writeMemory(dir, m, r.b.Itoa(int64(i)))
		}
	}
	r.b.Fchdir(program.Value(dir)).Or("cannot enter the file system in memory")
	r.b.Umount2(".", unix.MNT_DETACH).Because("the files live on").Or("cannot unmount the file system in memory")
}

// writeMemory makes one file and takes a detached copy of it.
func (r *rooting) writeMemory(dir program.Var, m *mnt.Mount, name string) program.Var {
	fd, source := r.b.Var("file"), r.b.Var("source")
	r.b.MakeFile(program.Value(dir), name, 0o644).Or("cannot make file ", m.Target)
	r.b.Openat(program.Value(dir), name, unix.O_WRONLY|unix.O_NOFOLLOW).Into(fd).Or("cannot open file ", m.Target)
	r.b.Write(program.Value(fd), m.Data).Because(r.b.Join("the text of ", m.Target)).Or("cannot write file ", m.Target)
	r.b.Close(program.Value(fd)).Tolerate()
	r.b.OpenTree(program.Value(dir), name, unix.OPEN_TREE_CLONE).Into(source).Or("cannot open file ", m.Target)
	return source
}
