// Package mnt names what is done to mounts, see mount_namespaces(7). It holds
// the decisions that need no kernel; package launch turns them into calls.
//
// The Parse functions read what pivot's options take, and their errors are
// ErrNoDestination, ErrOption and ErrColons themselves. Do not use this package to
// mount something on the system itself: unix.Mount does that.
package mnt

import "golang.org/x/sys/unix"

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
		return unix.MS_REC | unix.MS_PRIVATE, true
	case Shared:
		return unix.MS_REC | unix.MS_SHARED, true
	case Slave:
		return unix.MS_REC | unix.MS_SLAVE, true
	}
	return 0, false
}

// ProcFlags are the flags that a proc file system is mounted with.
const ProcFlags = unix.MS_NOSUID | unix.MS_NOEXEC | unix.MS_NODEV

// BinfmtDir is where binfmt_misc is mounted.
const BinfmtDir = "/proc/sys/fs/binfmt_misc"
