package veth

import (
	"errors"
	"io/fs"
)

// Error is a failure. errors.Is finds in it the kernel's error number (a syscall.Errno),
// the context's own error, and what it amounts to: [fs.ErrInvalid] for a value
// that cannot be right, of which the kernel was not asked; [fs.ErrNotExist] for a link or
// namespace that is not there; [fs.ErrExist] for a name or address that is taken;
// [fs.ErrPermission] for a missing capability; [ErrStuck].
type Error struct {
	// Op is add, del, move or list.
	Op string
	// Subject is the endpoint, link or namespace that it is about, "" for none.
	Subject string
	// Ack is the kernel's extended acknowledgement, "" for none (Linux 4.12).
	Ack string
	// Err is the cause in full.
	Err error

	amounts error
}

// ErrStuck is inside the error of a failure whose rollback failed too: something was
// left behind, and the message names it.
var ErrStuck = errors.New("something was left behind")

func (e *Error) Error() string { return "veth: " + e.Op + ": " + e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

func (e *Error) Is(target error) bool {
	switch target {
	case fs.ErrInvalid, fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, ErrStuck:
		return target == e.amounts
	}
	return false
}
