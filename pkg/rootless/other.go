//go:build !linux

package rootless

import (
	"errors"
	"os"
)

// ErrLoop says that the program was executed again and is not root.
var ErrLoop = errors.New("rootless: executed again, and not root")

// Become makes the process root in a new user namespace, on Linux only: the error is
// [errors.ErrUnsupported].
func Become() error { return errors.ErrUnsupported }

// IsRootless reports whether the user is unprivileged.
func IsRootless() bool { return OriginalUID() != 0 }

// OriginalUID is the effective user ID, -1 where there is none.
func OriginalUID() int { return os.Geteuid() }

// OriginalGID is the effective group ID, -1 where there is none.
func OriginalGID() int { return os.Getegid() }
