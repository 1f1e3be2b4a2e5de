//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
	"golang.org/x/sys/unix"
)

// restricted is what a mount of the caller's is allowed to do inside.
const restricted = unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV

// copyTree takes a copy of a tree that nothing shows, with its options, and cuts it
// off: what is mounted below it later, on either side, stays there.
func (n *entering) copyTree(m *mnt.Mount) program.Var {
	flags, fd := unix.OPEN_TREE_CLONE, n.b.Var("mount")
	if m.Recursive {
		flags |= unix.AT_RECURSIVE
	}
	step := n.privileged(n.b.OpenTree(program.Cwd(), m.Source, flags).Into(fd).Because(n.b.Join("shown on ", m.Target)), "cannot open ", m.Source)
	if !m.Recursive {
		n.hint(step, unix.EINVAL, hintLocked)
	}
	n.b.RestrictMounts(program.Value(fd), m.Attr).Because("its options, and no mount comes in or goes out").Or("cannot set the options of ", m.Target)
	n.lock(m, fd)
	return fd
}

// makeTools makes the root directory that the command will have, and fills it with
// all that is the caller's to give.
func (n *entering) makeTools() {
	const failed = "cannot make a file system in memory"
	t, fs := n.in.Tools, n.b.Var("tmpfs")
	n.in.root = n.b.Var("new root")
	n.privileged(n.b.Fsopen("tmpfs").Into(fs).Because("the root directory of the command"), failed)
	n.b.FsconfigString(program.Value(fs), "mode", "0755").Because("only its owner writes to its directory").Or(failed)
	n.b.FsconfigCreate(program.Value(fs)).Or(failed)
	n.b.Fsmount(program.Value(fs), unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV).Into(n.in.root).Or(failed)
	n.b.Close(program.Value(fs)).Tolerate()
	for i := range t.Show {
		show := &t.Show[i]
		m := mnt.Mount{Source: show.Path, Target: n.b.Join("/", n.within(t.Dir, show.Name)), Recursive: true, Attr: restricted}
		n.in.shown = append(n.in.shown, n.copyTree(&m))
	}
	n.fillTools()
}

// within joins two names of which the second may be empty.
func (n *entering) within(dir, name string) string {
	if name == "" {
		return dir
	}
	return n.b.Join(dir, "/", name)
}

// fillTools has a process make what lies in the new root, as somebody whose files
// can lie there.
func (n *entering) fillTools() {
	const failed = "cannot make a file in memory"
	t, root := n.in.Tools, program.Value(n.in.root)
	pid, after, own := n.b.Var("filler"), n.b.Label("filled"), n.b.Label("as the caller")
	n.b.Fork().Into(pid).IfPositive(after).Because("a process that fills it").Or("fork failed")
	if n.withUser() {
		n.b.Move(n.in.lowered, program.Value(n.in.lowered)).IfZero(own)
		n.asRoot()
		n.b.Place(own)
	}
	n.b.Umask(program.Int(0o22).As("022")).Because("what is made is readable, whatever the caller's mask")
	n.b.Mkdirat(root, t.Dir, 0o755).Because("where the tools are").Or(failed)
	for i := range t.Show {
		if t.Show[i].Name != "" {
			n.b.Mkdirat(root, n.within(t.Dir, t.Show[i].Name), 0o755).Or(failed)
		}
	}
	for i := range t.Root {
		if e := &t.Root[i]; e.Directory {
			n.b.Mkdirat(root, e.Name, 0o755).Because("the target has it").Or(failed)
		} else {
			n.b.MakeFile(root, e.Name, 0o644).Because("the target has it").Or(failed)
		}
	}
	for i := range t.Links {
		n.b.Symlinkat(t.Links[i].Target, root, t.Links[i].Path).Or(failed)
	}
	if t.Tool == "" {
		n.b.ExitGroup(program.Int(0))
	} else {
		dir := n.b.Var("tools")
		n.b.Openat(root, t.Dir, unix.O_PATH|unix.O_DIRECTORY).Into(dir).Or(failed)
		n.b.Fchdir(program.Value(dir)).Or(failed)
		n.b.Dup3(program.Value(n.in.file), 0).Because("it reads what the tools are").Or("cannot duplicate a descriptor")
		n.executeFD(n.in.tool, t.ToolArgs, n.b.Join("failed to execute ", t.Tool))
		n.b.ExitGroup(program.Int(1))
	}
	n.b.Place(after)
	n.reap(pid)
}

// enterPrivately makes the private copy of the target's mount namespace, and the new
// root directory in it. The two places that a copy takes along are the root and the
// working directory of the process: the target's root, and that of the namespace,
// which alone has a propagation.
func (n *entering) enterPrivately() {
	const failed = "cannot make the root directory of the command"
	n.b.Section("a private copy of the mount namespace: the target's own stays as it is")
	old, top := n.b.Var("target's root"), n.b.Var("namespace's root")
	n.b.Chdir("/").Or("cannot change directory to /").Because("the root of the mount namespace")
	n.b.Openat(program.Cwd(), ".", unix.O_PATH|unix.O_DIRECTORY).Into(top).Because("to come back to").Or(failed)
	n.b.Fchdir(program.Value(n.root)).Because("the target's root directory").Or("change directory by root file descriptor failed")
	n.b.Chroot(".").Or("chroot failed")
	dir := n.cwdInside()
	n.b.Fchdir(program.Value(top)).Or(failed)
	n.hint(n.b.Unshare(unix.CLONE_NEWNS).Because("nothing that follows is seen by the target").Or("unshare failed"), unix.EPERM, hintEnterUser)
	n.b.Mount("none", ".", "", unix.MS_REC|unix.MS_PRIVATE, "").Because("no mount comes in, none goes out").Or("cannot change root filesystem propagation")
	n.b.Chdir("/").Or("cannot change directory to /").Because("the target's root directory, in the copy")
	n.b.Openat(program.Cwd(), ".", unix.O_PATH|unix.O_DIRECTORY).Into(old).Because("what is in it is shown").Or(failed)
	n.b.MoveMountTo(program.Value(n.in.root), program.Cwd(), "/").Because("on top of it: every system has this place").Or(failed)
	n.showTools()
	n.showTarget(old)
	n.b.MountSetattr(program.Value(n.in.root), 0, restricted).Because("nothing inside changes the tools").Or("cannot set up the tools read-only")
	n.b.Fchdir(program.Value(n.in.root)).Because("the root directory to be").Or(failed)
	n.b.Chroot(".").Or("chroot failed")
	n.b.Chdir("/").Or("cannot change directory to /")
	n.goTo(dir)
}

// showTools puts the caller's directories where they belong.
func (n *entering) showTools() {
	t := n.in.Tools
	for i, fd := range n.in.shown {
		n.b.MoveMountTo(program.Value(fd), program.Value(n.in.root), n.within(t.Dir, t.Show[i].Name)).
			Because(t.Show[i].Path).Or("cannot show ", t.Show[i].Path)
	}
}

// showTarget shows what is in the target's root directory, the mounts below it too.
// What has gone meanwhile, or become something else, stays empty.
func (n *entering) showTarget(old program.Var) {
	t, fd := n.in.Tools, n.b.Var("entry")
	for i := range t.Root {
		next := n.b.Label("next entry")
		name := t.Root[i].Name
		n.b.OpenTree(program.Value(old), name, unix.OPEN_TREE_CLONE|unix.AT_RECURSIVE|unix.AT_SYMLINK_NOFOLLOW).Into(fd).
			On(unix.ENOENT, next).Because("the target's, and what is mounted there").Or("cannot show /", name, " of the target")
		n.b.MoveMountTo(program.Value(fd), program.Value(n.in.root), name).
			Ignore(unix.EINVAL).Because("shown by the same name").Or("cannot show /", name, " of the target")
		n.b.Close(program.Value(fd)).Tolerate()
		n.b.Place(next)
	}
}

// cwdInside notes the path, below the target's root, of the target's working
// directory, if that is asked for. A directory outside has none.
func (n *entering) cwdInside() program.Var {
	if !ofTheTarget(n.e.Dir) {
		return program.Var{}
	}
	path := n.b.Buffer("path", maxPath)
	n.b.Fchdir(program.Value(n.dir)).Because("the target's working directory").Or("change directory by working directory file descriptor failed")
	n.b.Getcwd(path).Tolerate().Because("its path, to find it in the copy")
	return path
}

// goTo changes to the working directory that is asked for.
func (n *entering) goTo(path program.Var) {
	switch {
	case !path.None():
		n.b.ChdirTo(path).Tolerate().Because("the target's working directory; / if it is out of reach")
	case n.e.Dir.Set:
		n.b.Fchdir(program.Value(n.dir)).Because("the working directory").Or("change directory by working directory file descriptor failed")
	}
	if n.e.DirInside.Set {
		n.b.Chdir(n.e.DirInside.Value).Or("cannot open current working directory")
	}
}
