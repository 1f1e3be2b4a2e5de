//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// The hints on a new root.
const (
	hintNotMount  = "NEW_ROOT is not a mount point: mount --bind it onto itself first, in a mount namespace of its own"
	hintSameMount = "NEW_ROOT or PUT_OLD lies on the mount of the current root itself"
	hintNotBelow  = "PUT_OLD must be NEW_ROOT or a directory below it"
	hintPropagate = "NEW_ROOT, or the mount it lies on, is shared: mount --make-rprivate / in a mount namespace of its own; or it is locked by another user namespace: bind it onto itself"
	hintInitramfs = "this kernel cannot pivot the first root, the initramfs: pivot, pivot --switch and switch_root move a root over it; elsewhere NEW_ROOT or its parent is a shared or locked mount"
	hintShared    = "pivot_root refuses shared mounts: leave --propagation at private or slave"
	hintCurrent   = "the current root cannot be its own successor; --overlay puts a layer of its own over it"
	hintWritable  = "the new root cannot be written; --overlay gives it a layer that can"
	hintLocked    = "there are mounts below it that belong to another user namespace: add the option rec"
	hintSetattr   = "without mount_setattr(2), since Linux 5.12, the mounts below are found in /proc, and no proc file system is mounted there"
	hintClosedDir = "without mount_setattr(2), since Linux 5.12, options of a mount in a directory that is closed to the caller cannot be set: pivot as the directory's owner, or bind less"
	hintNeedsPriv = "this needs CAP_SYS_ADMIN; inside a user namespace of your own (unshare -Urm) it is there"
	hintOverlay   = "mounts below NEW_ROOT may belong to another user namespace, and an overlay would uncover what they hide; before Linux 5.11 a user namespace has no overlays"
)

// pivotFailure is what is known when pivot_root(2) has failed.
type pivotFailure struct {
	result program.Var
	text   string
	// newRoot is its first argument.
	newRoot string
	hints   pivotHints
}

// pivotHints are the hints where NEW_ROOT is a mount point, and where the
// current root lies in memory besides.
type pivotHints struct{ busy, invalid, memory string }

// entryHints are those for a new root that this package made a mount point.
func (r *rooting) entryHints() pivotHints {
	h := pivotHints{busy: hintCurrent, invalid: hintPropagate, memory: hintInitramfs}
	if r.s.Propagation == mnt.Shared || r.s.Propagation == mnt.Unchanged {
		h.invalid, h.memory = hintShared, hintShared
	}
	return h
}

// findCause looks for the cause of a failed pivot_root(2); success leads on.
func (p *plan) findCause(step *program.Step, f pivotFailure, success *program.Label) {
	known := p.b.Label("why")
	if p.s.NoHints {
		step.Or(f.text)
		p.b.Place(success)
		return
	}
	failed := p.b.Label("failed")
	step.IfZero(success).IfPositive(success).On(unix.EINVAL, known).On(unix.EBUSY, known).IfNegative(failed)
	p.b.Place(failed)
	plain := p.b.FailWith(f.result, f.text)
	if !p.s.Unshare.Has(ns.User) {
		p.hint(plain, unix.EPERM, hintNeedsPriv)
	}
	p.b.Place(known)
	p.nameCause(f)
	p.b.Place(success)
}

// nameCause asks what pivot_root(2) does not say: whether NEW_ROOT is a mount
// point, and whether the current root is a file system in memory.
func (p *plan) nameCause(f pivotFailure) {
	statfs := p.b.StatfsBuffer("statfs")
	statx, attributes := p.b.AttributesBuffer("statx")
	mounted, memory, other := p.b.Label("a mount point"), p.b.Label("in memory"), p.b.Label("otherwise")
	p.b.StatxAttributes(f.newRoot, statx).IfNegative(other)
	p.b.WithInt(&program.OpAnd, attributes, unix.STATX_ATTR_MOUNT_ROOT).IfPositive(mounted)
	p.hint(p.b.FailWith(f.result, f.text), 0, hintNotMount)
	p.b.Place(mounted)
	p.b.CompareInt(f.result, -int64(unix.EBUSY)).IfZero(other)
	p.b.Statfs("/", statfs).IfNegative(other)
	p.b.CompareInt(statfs.Type, unix.TMPFS_MAGIC).IfZero(memory)
	p.b.CompareInt(statfs.Type, unix.RAMFS_MAGIC).IfZero(memory)
	p.b.Place(other)
	step := p.b.FailWith(f.result, f.text)
	p.hint(step, unix.EBUSY, f.hints.busy)
	p.hint(step, unix.EINVAL, f.hints.invalid)
	p.b.Place(memory)
	p.hint(p.b.FailWith(f.result, f.text), 0, f.hints.memory)
}
