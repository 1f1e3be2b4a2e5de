//go:build !linux

package program

import (
	"errors"
	"io"
)

// Program is nothing where there is no Linux.
type Program struct{}

// Validate refuses it.
func (*Program) Validate() error { return errors.ErrUnsupported }

// Print prints nothing.
func (*Program) Print(io.Writer) error { return errors.ErrUnsupported }

// PrintAll prints nothing.
func (*Program) PrintAll(io.Writer) error { return errors.ErrUnsupported }

// String is the reason.
func (*Program) String() string { return errors.ErrUnsupported.Error() }
