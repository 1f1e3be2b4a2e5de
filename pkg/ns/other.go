//go:build !linux

package ns

import "errors"

// ID is the identity of a namespace, valid as long as the namespace exists.
type ID struct{ Dev, Ino uint64 }

// Handle is an open namespace, which there is on Linux only: every error here is
// [errors.ErrUnsupported].
type Handle struct{}

// Open opens a namespace by a path.
func Open(string) (*Handle, error) { return nil, errors.ErrUnsupported }

// OpenPID opens the namespace of one kind that a process is in.
func OpenPID(int, Kind) (*Handle, error) { return nil, errors.ErrUnsupported }

// Hold opens a pidfd of a process.
func Hold(int) (int, error) { return -1, errors.ErrUnsupported }

// Do calls work in a namespace.
func Do(*Handle, func(host *Handle) error) error { return errors.ErrUnsupported }

// Close lets the namespace go.
func (*Handle) Close() error { return errors.ErrUnsupported }

// FD is the open descriptor, -1 for none.
func (*Handle) FD() int { return -1 }

// ID tells the namespace from all others.
func (*Handle) ID() (ID, error) { return ID{}, errors.ErrUnsupported }

// Kind asks what kind of namespace this is.
func (*Handle) Kind() (Kind, error) { return KindCount, errors.ErrUnsupported }

// Owner opens the user namespace that owns this one.
func (*Handle) Owner() (*Handle, error) { return nil, errors.ErrUnsupported }

// OwnerUID is the user who made a user namespace.
func (*Handle) OwnerUID() (uint32, error) { return 0, errors.ErrUnsupported }

// Parent opens the parent of a user or PID namespace.
func (*Handle) Parent() (*Handle, error) { return nil, errors.ErrUnsupported }
