//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/visible"
	"golang.org/x/sys/unix"
)

// openDirs opens the directories before anything is entered: their paths are
// the caller's, and the target's own are no longer to be found inside.
func (n *entering) openDirs() {
	if ofTheTarget(n.e.Root) {
		n.root = n.openDir("root", n.e.Root.Value)
	}
	if ofTheTarget(n.e.Dir) {
		n.dir = n.openDir("cwd", n.e.Dir.Value)
	}
	if n.e.Group.Set {
		n.group = n.b.Var("group")
		n.b.Open(n.e.Group.Value, unix.O_WRONLY).Into(n.group).Because("opened while its path is the caller's").Or("cannot open ", visible.Text(n.e.Group.Value))
	}
}

// openPaths opens the directories that have a path when so many namespaces have
// been opened.
func (n *entering) openPaths(opened int) {
	if n.e.DirFirst {
		n.openPath("cwd", n.e.Dir, &n.dir, opened)
	}
	n.openPath("root", n.e.Root, &n.root, opened)
	if !n.e.DirFirst {
		n.openPath("cwd", n.e.Dir, &n.dir, opened)
	}
}

func (n *entering) openPath(name string, d Maybe[Dir], fd *program.Var, opened int) {
	if d.Set && d.Value.Path.Set && d.Value.at(n.e) == opened {
		*fd = n.openDir(name, d.Value)
	}
}

// at is After, within bounds.
func (d Dir) at(e *Entry) int { return min(max(d.After, 0), len(e.Join)) }

func ofTheTarget(d Maybe[Dir]) bool { return d.Set && !d.Value.Path.Set }

// openDir opens a directory to go to, which needs no permission to read it.
func (n *entering) openDir(name string, d Dir) program.Var {
	fd, path := n.b.Var(name), ""
	if d.Path.Set {
		path = d.Path.Value
	} else {
		path = n.proc("", name)
	}
	step := n.b.Open(path, unix.O_PATH).Into(fd).Because("opened while its path leads there").Or("cannot open ", path)
	if !d.Path.Set {
		n.hintGone(step)
	}
	return fd
}

// move changes root and working directory.
func (n *entering) move() {
	if !n.e.Root.Set && !n.e.Dir.Set && !n.e.DirInside.Set {
		return
	}
	n.b.Section("root and working directory")
	if n.e.Root.Set {
		n.changeRoot()
	}
	if n.e.DirInside.Set {
		n.b.Chdir(n.e.DirInside.Value).Or("cannot open current working directory")
	}
	if n.e.Dir.Set {
		n.b.Fchdir(program.Value(n.dir)).Because("the working directory").Or("change directory by working directory file descriptor failed")
	}
}

func (n *entering) changeRoot() {
	stay := !n.e.Dir.Set && !n.e.DirInside.Set
	cwd := n.b.Var("old")
	if stay {
		n.b.Open(".", unix.O_PATH).Into(cwd).Because("to come back to").Or("cannot open current working directory")
	}
	n.b.Fchdir(program.Value(n.root)).Because("the root directory to be").Or("change directory by root file descriptor failed")
	n.hint(n.b.Chroot(".").Or("chroot failed"), unix.EPERM, hintLacksChroot)
	n.b.Chdir("/").Because("nothing outside the new root").Or("cannot change directory to /")
	if stay {
		n.goBack(cwd)
	}
}

// maxPath is the longest path that getcwd(2) returns.
const maxPath = unix.PathMax

// goBack returns to the directory that was current before the change of root,
// unless it lies outside: a way out of the new root is nobody's wish.
func (n *entering) goBack(cwd program.Var) {
	inside, outside := n.b.Label("inside"), n.b.Label("outside")
	path, first := n.b.Buffer("path", maxPath), n.b.Var("first")
	n.b.Fchdir(program.Value(cwd)).Because("back to where it was").Or("change directory by working directory file descriptor failed")
	n.b.Getcwd(path).IfNegative(outside).Because("a directory that is deleted has no path")
	begin := program.Value(path.Part(0, 4, "path[0]"))
	if program.BigEndian {
		n.b.Do(program.OpShiftRight, begin, program.Int(24)).Into(first)
	} else {
		n.b.Do(program.OpAnd, begin, program.Int(0xff)).Into(first)
	}
	n.b.CompareInt(first, '/').IfZero(inside)
	n.b.Place(outside)
	n.b.Chdir("/").Or("cannot change directory to /").Because("the old one, \"(unreachable)\", is outside the new root")
	n.b.Place(inside)
}

// joinGroup moves the process into the control group; 0 stands for the writer.
func (n *entering) joinGroup() {
	if !n.e.Group.Set {
		return
	}
	n.b.Section("control group")
	step := n.b.Write(program.Value(n.group), "0").Because("0 stands for the writer").Or("write cgroup.procs failed")
	n.hint(step, unix.EACCES, hintCommonGroup)
}
