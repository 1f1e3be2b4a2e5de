//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
	"golang.org/x/sys/unix"
)

// leaveFirstRoot moves the new root over the first one where pivot_root(2), the step, has
// refused it: the initramfs's mount has no parent before Linux 7.0, and EINVAL is all that is
// said. The result is the step whose failure is to be reported.
//
// The first root itself stays below, as it does after switch_root(8): who may unmount
// uncovers it. A shared mount is refused too, and is not moved instead.
func (r *rooting) leaveFirstRoot(step *program.Step, result program.Var, pivoted, entered *program.Label) *program.Step {
	if r.s.Propagation == mnt.Shared || r.s.Propagation == mnt.Unchanged {
		return step
	}
	asked, memory, refused := r.b.Label("is it the first root?"), r.b.Label("a root in memory"), r.b.Label("refused")
	step.IfZero(pivoted).IfPositive(pivoted).On(unix.EINVAL, asked).IfNegative(refused)
	r.b.Place(asked)
	r.b.Statfs("/", r.mount).Because("the initramfs is in memory").IfNegative(refused)
	r.b.CompareInt(r.mount.Type, unix.TMPFS_MAGIC).IfZero(memory)
	r.b.CompareInt(r.mount.Type, unix.RAMFS_MAGIC).IfPositive(refused).IfNegative(refused)
	r.b.Place(memory)
	statx, attributes := r.b.AttributesBuffer("statx")
	r.b.StatxAttributes("/", statx).Because("and a mount, unlike a chroot's directory").IfNegative(refused)
	r.b.WithInt(&program.OpAnd, attributes, unix.STATX_ATTR_MOUNT_ROOT).IfZero(refused)
	r.coverFirstRoot(refused)
	r.b.Goto(entered)
	r.b.Place(refused)
	return r.b.Move(result, program.Value(result))
}

// coverFirstRoot makes the new root, in which the process is, the root on top of the
// first one.
func (r *rooting) coverFirstRoot(refused *program.Label) {
	if !r.putOld.None() {
		const failed = "cannot bind the old root"
		r.b.Fchdir(program.Value(r.putOld)).Or(failed)
		r.b.Mount("/", ".", "", unix.MS_BIND|unix.MS_REC, "").Because("the old root stays here").Or(failed)
		r.b.Fchdir(program.Value(r.root)).Or("cannot enter the new root")
	}
	if r.v.Archive == "" { // that is mounted there already
		r.b.Mount(".", "/", "", unix.MS_MOVE, "").Because("over the first root").IfNegative(refused)
	}
	r.b.Chroot(".").Because("the root directory").Or("cannot change the root")
}
