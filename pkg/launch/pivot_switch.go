//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// sorry is the last word of switch_root(8).
const sorry = "failed. Sorry."

// SwitchRoot decides how switch_root(8) leaves an initramfs: Spec.Pivot has the
// new root and the program that empties the old one, Spec.Command what is
// executed there. It acts in the caller's own mount namespace.
func SwitchRoot(s *Spec, c *Caller) *program.Program {
	w := new(Workspace)
	if why := s.wrongRoot(c); why != "" {
		return w.refuse(why)
	}
	p := w.begin(s, c)
	root := s.Pivot.Root
	fd := p.openClearer(s.Pivot)
	p.resetChildSignal()
	top, next := p.b.StatBuffer("old"), p.b.StatBuffer("new")
	p.b.Stat("/", top).Because("the file system of the old root").Or("stat of / failed").AndSay(sorry)
	p.b.Stat(root, next).Because("that of the new root").Or("stat of ", root, " failed").AndSay(sorry)
	for _, dir := range [...]string{"/dev", "/proc", "/sys", "/run"} {
		p.moveAlong(dir, root, top.Device, next.Device)
	}
	p.b.Chdir(root).Or("failed to change directory to ", root).AndSay(sorry)
	old := p.openOld()
	p.moveOver(root)
	p.clearOld(s.Pivot, fd, old)
	p.search([]string{s.Command.File}, s.Command.File, program.Vector(s.Command.Args...), -1, hintInsideRoot)
	return p.b.Program()
}

// moveAlong takes one of the mounts that an initramfs has made to the new root,
// or unmounts it where that has one of its own or no place for it.
func (p *plan) moveAlong(dir, root string, top, next program.Var) {
	here, there := p.b.StatBuffer("here"), p.b.StatBuffer("there")
	unmount, done, failed := p.b.Label("unmount"), p.b.Label("done"), p.b.Label("cannot move")
	target := p.b.Join(root, dir)
	p.b.Stat(dir, here).Because("is something mounted there?").IfNegative(done)
	p.b.CompareVar(here.Device, top).IfZero(done)
	p.b.Stat(target, there).Because("is that a free place in the new root?").IfNegative(unmount)
	p.b.CompareVar(there.Device, next).IfPositive(unmount).IfNegative(unmount)
	p.b.Mount(dir, target, "", unix.MS_MOVE, "").IfZero(done).IfNegative(failed).Because("the new root goes on with it")
	p.b.Place(failed)
	p.b.Write(program.Int(2), p.b.Join(p.s.Name, ": failed to mount moving ", dir, " to ", target, "\n", p.s.Name, ": forcing unmount of ", dir, "\n")).Tolerate()
	p.b.Umount2(dir, unix.MNT_FORCE).Tolerate().Because("it could not be moved")
	p.b.Goto(done)
	p.b.Place(unmount)
	p.b.Umount2(dir, unix.MNT_DETACH).Tolerate().Because("the new root has its own, or no place for it")
	p.b.Place(done)
}

// openClearer opens the program that empties the old root while it can be
// found; without one the old root stays as it is.
func (p *plan) openClearer(v *PivotSpec) program.Var {
	fd := p.b.Var("clearer")
	if v.Tool == "" {
		return fd
	}
	opened := p.b.Label("opened")
	p.b.Open(v.Tool, unix.O_PATH).Into(fd).IfPositive(opened).IfZero(opened).Because("what empties the old root").Tolerate()
	p.b.Place(opened)
	return fd
}

// openOld opens the old root, which has no path any more later.
func (p *plan) openOld() program.Var {
	old := p.b.Var("old")
	p.b.Open("/", unix.O_RDONLY|unix.O_DIRECTORY).Into(old).Because("the old root").Or("failed to open root directory").AndSay(sorry)
	return old
}

// moveOver moves the working directory's mount over the root and makes it the root.
func (p *plan) moveOver(root string) {
	p.b.Mount(".", "/", "", unix.MS_MOVE, "").Because("over the old root").Or("failed to mount moving ", root, " to /").AndSay(sorry)
	p.b.Chroot(".").Because("the root directory").Or("failed to change root").AndSay(sorry)
	p.b.Chdir("/").Because("the working directory too").Or("cannot change directory to /").AndSay(sorry)
}

// clearOld has the old root emptied, by a process that nothing waits for. It
// finds out itself whether there is something to gain.
func (p *plan) clearOld(v *PivotSpec, fd, old program.Var) {
	if v.Tool == "" {
		return
	}
	after := p.b.Label("on the new root")
	p.b.Do(program.OpMove, program.Value(fd)).IfNegative(after)
	p.b.Fork().IfPositive(after).IfNegative(after).Because("a process that empties the old root, if it is in memory")
	p.b.Section("the process that empties the old root")
	p.b.Dup3(program.Value(old), 0).Because("it finds the old root there").Or("cannot empty the old root")
	p.executeFD(fd, v.ToolArgs, "cannot empty the old root")
	p.b.ExitGroup(program.Int(1))
	p.b.Section("on the new root")
	p.b.Place(after)
}

// moveRoot makes the new root the root by moving its mount over the old one,
// which works where pivot_root(2) does not. Only the first process of a system
// may have the old root emptied.
func (r *rooting) moveRoot() {
	r.b.Fchdir(program.Value(r.root)).Or("cannot enter the new root")
	if r.c.PID != 1 || r.s.Fork {
		r.moveOver("the new root")
		return
	}
	old := r.openOld()
	r.moveOver("the new root")
	r.clearOld(r.v, r.tool, old)
}
