//go:build !linux

package rootfs

import (
	"errors"
	"io"
	"os"
)

// The errors of the functions below where they are supported.
var (
	// ErrEscapes is the error for a member that leaves the root.
	ErrEscapes = errors.New("it leaves the root")
	// ErrNotMemory is the error for a file system that Clear must not empty.
	ErrNotMemory = errors.New("old root filesystem is not an initramfs")
)

// Unpack unpacks an archive into a root, on Linux only: the error is [errors.ErrUnsupported].
func Unpack(*os.Root, io.Reader) error { return errors.ErrUnsupported }

// Fill unpacks an archive or an image into an empty root.
func Fill(*os.Root, io.Reader) error { return errors.ErrUnsupported }

// Clear empties the root of an initramfs.
func Clear(*os.File) error { return errors.ErrUnsupported }
