// Package mnt names what is done to mounts, see mount_namespaces(7). It holds
// the decisions that need no kernel; package launch turns them into calls.
//
// The Parse functions read what pivot's options take, and their errors are
// ErrNoDestination, ErrOption and ErrColons themselves. Do not use this package to
// mount something on the system itself: mount(2) does that.
package mnt

// Propagation is how mounts and unmounts pass between peers.
type Propagation string

// The propagation types that unshare(1) knows.
const (
	// Private neither sends nor receives: the default of a new namespace here.
	Private Propagation = "private"
	// Shared sends and receives.
	Shared Propagation = "shared"
	// Slave receives only.
	Slave Propagation = "slave"
	// Unchanged leaves every mount as it was copied from the old namespace.
	Unchanged Propagation = "unchanged"
)

// Flags of mount(2) and attributes of mount_setattr(2), include/uapi/linux/mount.h: by
// their numbers, so that a Mount can be read and written on every system.
const (
	msRdonly  = 1
	msNosuid  = 2
	msNodev   = 4
	msNoexec  = 8
	msRec     = 1 << 14
	msPrivate = 1 << 18
	msSlave   = 1 << 19
	msShared  = 1 << 20

	attrRdonly = 1
	attrNosuid = 2
	attrNodev  = 4
	attrNoexec = 8
)

// ParsePropagation finds a type by its name.
func ParsePropagation(name string) (Propagation, bool) {
	switch p := Propagation(name); p {
	case Private, Shared, Slave, Unchanged:
		return p, true
	}
	return "", false
}

// Flags are those of mount(2) that set the type on a whole tree; ok is false
// for Unchanged. The zero value counts as Private.
func (p Propagation) Flags() (flags uintptr, ok bool) {
	switch p {
	case Private, "":
		return msRec | msPrivate, true
	case Shared:
		return msRec | msShared, true
	case Slave:
		return msRec | msSlave, true
	}
	return 0, false
}

// ProcFlags are the flags that a proc file system is mounted with.
const ProcFlags = msNosuid | msNoexec | msNodev

// BinfmtDir is where binfmt_misc is mounted.
const BinfmtDir = "/proc/sys/fs/binfmt_misc"
