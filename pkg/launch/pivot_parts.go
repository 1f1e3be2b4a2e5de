//go:build linux

package launch

import (
	"encoding/binary"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// carryAsUser takes along what is needed of the host where its mounts belong to another user
// namespace: none of them can be copied by itself, but each part that is needed becomes a
// mount namespace of its own, in which it can. It reports whether one was entered, out of
// which there is no way back.
func (r *rooting) carryAsUser() bool {
	parts := userParts{rooting: r}
	parts.open()
	parts.use()
	return parts.entered
}

// userParts are mount namespaces of parts of the host's.
type userParts struct {
	*rooting
	proc, sys, dev program.Var
	entered        bool
}

// open makes them.
func (u *userParts) open() {
	for i := range u.v.Mounts {
		switch m := &u.v.Mounts[i]; m.Kind {
		case mnt.Proc:
			u.openProc()
		case mnt.Sys:
			u.part(&u.sys, "/sys")
		case mnt.Dev:
			u.part(&u.dev, "/dev")
			u.findConsole()
		case mnt.Bind:
			u.openBind(i, m)
		}
	}
	if u.s.Proc.Set {
		u.openProc()
	}
	if u.v.Overlay {
		u.openLayers()
	}
}

// openLayers makes those of an overlay's layers.
func (u *userParts) openLayers() {
	for i := range 1 + len(u.v.Layers) {
		layer, dir := u.b.Var("layer"), u.layer(i)
		u.b.OpenTree(program.Cwd(), dir, openTreeNamespace|unix.AT_RECURSIVE).Into(layer).IfNegative(u.late).Because(u.b.Join("a mount namespace of ", dir, " alone"))
		u.layers = append(u.layers, layer)
	}
}

// part makes one, unless it is there.
func (u *userParts) part(v *program.Var, path string) {
	if v.None() {
		*v = u.b.Var("part")
		u.b.OpenTree(program.Cwd(), path, openTreeNamespace|unix.AT_RECURSIVE).Into(*v).IfNegative(u.late).Because(u.b.Join("a mount namespace of ", path, " alone"))
	}
}

// openProc makes that of the old /proc, which has to vouch for a new one.
func (u *userParts) openProc() {
	if !u.proc.None() {
		return
	}
	u.b.Statfs("/proc", u.mount).IfNegative(u.late).Because("is it a proc file system?")
	u.b.CompareInt(u.mount.Type, unix.PROC_SUPER_MAGIC).IfPositive(u.late).IfNegative(u.late)
	u.part(&u.proc, "/proc")
}

// openBind makes that of a bind's source. A file cannot become one.
func (u *userParts) openBind(i int, m *mnt.Mount) {
	absent := u.b.Label("nothing to bind")
	fd := u.b.Var("source")
	u.sources[i] = fd
	step := u.b.OpenTree(program.Cwd(), m.Source, openTreeNamespace|unix.AT_RECURSIVE).Into(fd).IfNegative(u.late).Because(u.b.Join("a mount namespace of ", m.Source, " alone"))
	if m.Try {
		step.On(unix.ENOENT, absent)
	}
	u.b.Place(absent)
}

// findConsole finds the caller's terminal while the old /proc is there. It can be taken along if
// it lies in /dev.
func (u *userParts) findConsole() {
	found, none := u.b.Label("terminal found"), u.b.Label("no terminal")
	u.console, u.terminal = u.b.Var("console"), u.b.Buffer("terminal", 64)
	u.b.Move(u.console, program.Int(-1))
	u.findTerminal(found, none)
	u.b.Place(found)
	u.b.CompareInt(u.terminal.Part(0, 4, "terminal[0:4]"), int64(binary.NativeEndian.Uint32([]byte("/dev")))).IfPositive(u.late).IfNegative(u.late)
	u.b.Place(none)
}

// enter enters one of them. Only before the first is there another way.
func (u *userParts) enter(part program.Var, what string) {
	step := u.b.Setns(program.Value(part), program.CloneFlags(ns.Mount.Flag())).Because(u.b.Join("where there is nothing but ", what))
	if u.entered {
		step.Or("cannot enter the mount namespace of ", what)
	} else {
		step.IfNegative(u.late)
	}
	u.entered = true
}

// use enters each and takes from it what is needed.
func (u *userParts) use() {
	if !u.proc.None() {
		u.enter(u.proc, "/proc")
	}
	for i := range u.v.Mounts {
		if u.v.Mounts[i].Kind == mnt.Proc {
			u.kinds[i] = u.makeProc()
		}
	}
	if u.s.Proc.Set {
		u.carried.proc = u.makeProc()
	}
	for i, layer := range u.layers { // what is mounted there later is in no overlay
		u.enter(layer, u.layer(i))
		u.copyTree(layer, u.layer(i), "a layer of the overlay", true)
	}
	for i := range u.v.Mounts {
		switch m := &u.v.Mounts[i]; m.Kind {
		case mnt.Bind:
			u.copyBind(i, m)
		case mnt.Sys:
			u.enter(u.sys, "/sys")
			u.setPropagation()
			u.kinds[i] = u.makeSys()
		case mnt.Dev:
			u.enter(u.dev, "/dev")
			u.setPropagation()
			u.copyDevices()
		}
	}
}

// makeProc makes a new proc file system, by mount(2) where there is no fsopen(2).
func (u *userParts) makeProc() program.Var {
	proc, byName, done := u.b.Var("proc"), u.b.Label("without fsopen"), u.b.Label("a new proc")
	u.makeKind("proc", proc, byName)
	u.b.Goto(done)
	u.b.Place(byName)
	u.b.Move(proc, program.Int(-1))
	u.b.Mount("proc", "/", "proc", mnt.ProcFlags, "").IfNegative(done).Because("without fsopen and fsmount")
	u.b.OpenTree(program.Cwd(), onTop, unix.OPEN_TREE_CLONE).Into(proc).Tolerate().Because("leads to what is mounted on /")
	u.b.Place(done)
	return proc
}

// makeSys makes a new sysfs, or takes a copy of the old one where the network namespace belongs to
// another user namespace.
func (u *userParts) makeSys() program.Var {
	sys, foreign, done := u.b.Var("sys"), u.b.Label("not our network namespace"), u.b.Label("a sysfs")
	u.makeKind("sysfs", sys, foreign)
	u.b.Goto(done)
	u.b.Place(foreign)
	u.b.OpenTree(program.Cwd(), "/", unix.OPEN_TREE_CLONE|unix.AT_RECURSIVE).Into(sys).Because("the old /sys instead").Or("cannot open /sys")
	u.b.Place(done)
	return sys
}

// copyBind takes a copy of a bind's source.
func (u *userParts) copyBind(i int, m *mnt.Mount) {
	fd, absent := u.sources[i], u.b.Label("nothing to bind")
	if m.Try {
		u.b.Compare(program.Value(fd), program.Int(-int64(unix.ENOENT))).IfZero(absent)
	}
	u.enter(fd, m.Source)
	u.setPropagation()
	step := u.copyTree(fd, m.Source, u.b.Join("shown on ", m.Target), m.Recursive)
	if !m.Recursive {
		u.hint(step, unix.EINVAL, hintLocked)
	}
	u.b.Place(absent)
}

// copyTree puts a copy of the tree of the namespace that was entered in the place of its descriptor.
func (u *userParts) copyTree(fd program.Var, path, why string, recursive bool) *program.Step {
	flags := unix.OPEN_TREE_CLONE
	if recursive {
		flags |= unix.AT_RECURSIVE
	}
	u.b.Close(program.Value(fd)).Tolerate()
	return u.b.OpenTree(program.Cwd(), "/", flags).Into(fd).Because(why).Or("cannot open ", path)
}

// copyDevices takes copies of the devices and of the terminal.
func (u *userParts) copyDevices() {
	for i := range devices {
		u.devices[i] = u.b.Var(devices[i].name)
		u.b.OpenTree(program.Cwd(), devices[i].name, unix.OPEN_TREE_CLONE).Into(u.devices[i]).Because("the device of the host").Or("cannot bind ", devices[i].path)
	}
	none := u.b.Label("no terminal")
	u.b.Move(u.refusal, program.Value(u.terminal.Part(0, 8, "terminal"))).IfZero(none)
	u.b.OpenTreeAt(program.Cwd(), program.Address(u.terminal.Part(4, 60, "terminal[4:]")), unix.OPEN_TREE_CLONE).Into(u.console).Tolerate().Because("the console")
	u.b.Place(none)
}
