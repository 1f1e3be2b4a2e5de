//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// Since Linux 7.0 one call makes a mount namespace that has the new root alone, see
// OPEN_TREE_NAMESPACE in <linux/mount.h>: no mount of the host is copied, and none
// unmounted. What the new root shows of the host is taken along by descriptors.
// Where the call fails, the namespace is a copy of the caller's, from which
// pivot_root(2) and umount2(2) then take everything else away.
//
// An overlay is stacked in that namespace, and pivoted to: its layers are taken along, and what is
// written is in memory. With upper= the older way is taken, since a path leads nowhere there.

// alone decides whether a Program tries that. It does not where the old root has to
// stay in reach, where the namespace is bound to a file before it is made, or where
// mounts are to pass between it and the host's.
func (s *Spec) alone() bool {
	v := s.Pivot
	if v.Switch || v.Upper != "" || v.Archive != "" || s.registersEarly() {
		return false
	}
	if s.Propagation != "" && s.Propagation != mnt.Private && s.Propagation != mnt.Slave {
		return false
	}
	for i := range s.Persist {
		if s.Persist[i].Kind == ns.Mount {
			return false
		}
	}
	devs := 0
	for i := range v.Mounts {
		switch m := &v.Mounts[i]; m.Kind {
		case mnt.PutOld:
			return false
		case mnt.Bind:
			if m.IDs.Count != 0 && s.Unshare.Has(ns.User) {
				return false
			}
		case mnt.Dev:
			devs++
		}
	}
	return devs < 2
}

// aloneness is what making the namespace of the new root alone needs.
type aloneness struct {
	// tree is a descriptor of that namespace, negative where there is none; unused where
	// the Program does not try.
	tree program.Var
	// path is the new root.
	path string
}

// tries reports whether the Program tries to make a namespace of the new root alone.
func (a *aloneness) tries() bool { return !a.tree.None() }

// unshareMounts makes the mount namespace, or a descriptor of one that has the new
// root alone, which the command's process enters later: until then it needs the host's.
func (p *plan) unshareMounts() {
	made := p.b.Label("mount namespace made")
	if p.tries() {
		p.b.OpenTree(program.Cwd(), p.path, openTreeNamespace|unix.AT_RECURSIVE).Into(p.tree).IfZero(made).IfPositive(made).Tolerate().
			Because("since Linux 7.0: a mount namespace of the new root alone")
	}
	step := p.b.Unshare(ns.Mount.Flag()).Because("the new mount namespace").Or("unshare failed")
	if p.tries() {
		p.hintUnshare(step)
	}
	p.b.Place(made)
}

// openTreeNamespace is OPEN_TREE_NAMESPACE of <linux/mount.h>, since Linux 7.0.
const openTreeNamespace = program.OpenTreeNamespace

// followTree takes the waiting parent to where its child goes.
func (p *plan) followTree() {
	if !p.tries() {
		return
	}
	stay := p.b.Label("the parent waits")
	p.b.Move(p.tree, program.Value(p.tree)).IfNegative(stay)
	p.b.Setns(program.Value(p.tree), program.CloneFlags(ns.Mount.Flag())).Tolerate().Because("it keeps no mount of the host either")
	p.b.Close(program.Value(p.tree)).Tolerate()
	p.b.Place(stay)
}

// noteTree notes the number of the namespace that was entered, for what is said when
// everything is ready.
func (p *plan) noteTree() {
	if !p.s.ReadyFD.Set {
		return
	}
	st, text, digits := p.b.StatBuffer("stat"), p.b.Buffer("mnt", 24), p.b.Var("digits")
	p.b.Fstat(program.Value(p.tree), st).Because("the number of the new mount namespace").Or("cannot look at the mount namespace")
	p.number(st.Ino, text, digits)
	p.b.SetPieceTo(p.line, pieceKinds+1, text, 0, program.Value(digits))
}

// carried is what is taken along into the namespace of the new root alone.
type carried struct {
	// procs are new proc file systems and sysfs trees of the mounts, index by index, proc that
	// of Spec.Proc; they are negative where they have to be mounted by name.
	kinds []program.Var
	proc  program.Var
	// devices are copies of the host's, console that of the caller's terminal, whose path terminal
	// is. They are for the only --dev.
	devices           [len(devices)]program.Var
	console, terminal program.Var
	// lacking is set where something cannot be taken along.
	lacking program.Var
	// late is where it leads that the namespace cannot be used.
	late *program.Label

	memoryOfKinds [16]program.Var
}

// establishAlone enters the namespace of the new root alone, if the kernel has made it, or
// establishes the new root in a copy of the host's.
func (r *rooting) establishAlone() {
	old, entered, done := r.b.Label("without OPEN_TREE_NAMESPACE"), r.b.Label("in its mount namespace"), r.b.Label("in the new root")
	r.late = r.b.Label("cannot be entered")
	r.root = r.b.Var("root")
	r.kinds = append(r.memoryOfKinds[:0], make([]program.Var, len(r.v.Mounts))...)
	r.maskFiles()
	if !r.s.Unshare.Has(ns.User) {
		r.openShared()
	}
	r.b.Section("the new root")
	r.b.Move(r.tree, program.Value(r.tree)).IfNegative(old)
	r.probe()
	away := false
	if r.s.Unshare.Has(ns.User) {
		away = r.carryAsUser()
	} else {
		r.carry()
	}
	enter := r.b.Setns(program.Value(r.tree), program.CloneFlags(ns.Mount.Flag())).Because("nothing of the host is here")
	if away {
		enter.Or("cannot enter the mount namespace of the new root")
	} else {
		enter.IfNegative(r.late)
	}
	r.setPropagation()
	r.noteTree()
	if r.v.Overlay {
		r.b.Goto(entered)
	} else {
		r.b.Open("/", unix.O_PATH|unix.O_DIRECTORY).Into(r.root).IfZero(done).IfPositive(done).Because("every destination is looked up from here").Or("cannot open the new root '", r.v.Root, "'")
	}
	r.b.Place(r.late)
	r.b.Move(r.tree, program.Int(-1)).Because("something of it is refused: then as before Linux 7.0")
	r.b.Unshare(ns.Mount.Flag()).Because("the new mount namespace").Or("unshare failed")
	if r.s.ReadyFD.Set {
		r.noteNamespace(pieceKinds, ns.Mount, false)
	}
	if !r.s.Unshare.Has(ns.User) {
		r.setPropagation()
	}
	r.b.Place(old)
	if r.s.Unshare.Has(ns.User) {
		r.setPropagation()
		r.openSources()
	}
	if r.v.Overlay {
		r.b.Place(entered)
		r.overlayRoot()
	} else {
		r.bindRoot()
	}
	r.b.Place(done)
}

// openShared opens the sources of binds where both ways can use them: in the mount
// namespace of the host, or in the copy of it.
func (r *rooting) openShared() {
	host := r.b.Label("the host's mounts")
	r.b.Move(r.tree, program.Value(r.tree)).IfZero(host).IfPositive(host)
	r.setPropagation()
	r.b.Place(host)
	r.openSources()
}

// cutOff sets how mounts pass between the host and a copy of one of its trees, which
// are peers. In a copy of the whole namespace that has been done.
func (r *rooting) cutOff(source program.Var) {
	flags, ok := r.s.Propagation.Flags()
	if !r.tries() || r.s.Unshare.Has(ns.User) || !ok {
		return
	}
	if r.lacking.None() {
		r.lacking = r.b.Var("lacking")
	}
	done := r.b.Label("no peer of the host's")
	r.b.Move(r.tree, program.Value(r.tree)).IfNegative(done)
	r.b.SetPropagation(program.Value(source), flags&^unix.MS_REC).IfZero(done).Tolerate().Because(propagationReason(r.s.Propagation))
	r.b.Move(r.lacking, program.Int(1)).Because("as before Linux 7.0")
	r.b.Place(done)
}

// probe finds out whether the calls can be had that the rest cannot do without, once
// the host is out of reach.
func (r *rooting) probe() {
	moves, sets := r.s.Proc.Set || r.v.Overlay, false
	for i := range r.v.Mounts {
		switch m := &r.v.Mounts[i]; m.Kind {
		case mnt.Bind:
			moves, sets = true, sets || m.Attr != 0
		case mnt.Proc, mnt.Sys, mnt.Dev:
			moves = true
		case mnt.ReadOnly:
			sets = true
		}
	}
	if r.s.Unshare.Has(ns.User) {
		if moves || sets { // the kernel refuses them here as a filter does
			r.b.SeccompMode().IfPositive(r.late).Tolerate().Because("a filter may forbid what comes next")
		}
		return
	}
	none := program.Int(-1)
	if !r.lacking.None() {
		r.b.Move(r.lacking, program.Value(r.lacking)).IfPositive(r.late)
	}
	if moves {
		orOlder(r.b.MoveMount(none, none), r.late).Ignore(unix.EBADF).IfNegative(r.late).Because("can it be had?")
	}
	if sets {
		orOlder(r.b.MountSetattr(none, 0, unix.MOUNT_ATTR_RDONLY), r.late).Ignore(unix.EBADF).IfNegative(r.late).Because("can it be had?")
	}
}

// carry takes along what the host's mount namespace is needed for.
func (r *rooting) carry() {
	for i := range r.v.Mounts {
		switch r.v.Mounts[i].Kind {
		case mnt.Proc:
			r.kinds[i] = r.b.Var("proc")
			r.makeKind("proc", r.kinds[i], r.late)
		case mnt.Sys:
			r.carrySys(i)
		case mnt.Dev:
			r.carryDevices()
		}
	}
	if r.s.Proc.Set {
		r.proc = r.b.Var("proc")
		r.makeKind("proc", r.proc, r.late)
	}
}

// carrySys makes a sysfs, or takes a copy of the host's.
func (r *rooting) carrySys(i int) {
	foreign, made := r.b.Label("not our network namespace"), r.b.Label("sysfs made")
	r.kinds[i] = r.b.Var("sys")
	r.makeKind("sysfs", r.kinds[i], foreign)
	r.b.Goto(made)
	r.b.Place(foreign)
	r.b.OpenTree(program.Cwd(), "/sys", unix.OPEN_TREE_CLONE|unix.AT_RECURSIVE).Into(r.kinds[i]).IfNegative(r.late).Because("the old /sys instead")
	r.cutOff(r.kinds[i])
	r.b.Move(r.lacking, program.Value(r.lacking)).IfPositive(r.late)
	r.b.Place(made)
}

// makeKind makes a file system that is mounted nowhere yet.
func (r *rooting) makeKind(fstype string, into program.Var, failed *program.Label) {
	fs := r.b.Var("fs")
	r.b.Fsopen(fstype).Into(fs).IfNegative(failed).Because(r.b.Join("a ", fstype, ", while the old one still vouches for it"))
	r.b.FsconfigString(program.Value(fs), "source", fstype).IfNegative(failed)
	r.b.FsconfigCreate(program.Value(fs)).IfNegative(failed)
	r.b.Fsmount(program.Value(fs), unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV|unix.MOUNT_ATTR_NOEXEC).Into(into).IfNegative(failed)
	r.b.Close(program.Value(fs)).Tolerate()
}

// carryDevices takes copies of the host's devices, and of the caller's terminal if there is one.
func (r *rooting) carryDevices() {
	for i := range devices {
		r.devices[i] = r.b.Var(devices[i].name)
		r.b.OpenTree(program.Cwd(), devices[i].path, unix.OPEN_TREE_CLONE).Into(r.devices[i]).IfNegative(r.late).Because("the device of the host")
	}
	r.console = r.b.Var("console")
	r.terminal = r.b.Buffer("terminal", 64)
	found, none := r.b.Label("terminal found"), r.b.Label("no terminal")
	r.b.Move(r.console, program.Int(-1))
	r.findTerminal(found, none)
	r.b.Place(found)
	r.b.OpenTreeAt(program.Cwd(), program.Address(r.terminal), unix.OPEN_TREE_CLONE).Into(r.console).Tolerate().Because("the console")
	r.b.Place(none)
}
