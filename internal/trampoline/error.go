package trampoline

import (
	"errors"
	"syscall"

	"github.com/nskit/nskit/internal/strerror"
)

// What [Exec] and [Start] may lack: their errors have one of these inside where
// it is that.
var (
	// ErrFileSize is a limit on the size of files, RLIMIT_FSIZE, below that of an image.
	ErrFileSize = errors.New("the limit on the size of files is too small")
	// ErrNoPlace is the want of any place for an image that can be executed: neither
	// in memory (vm.memfd_noexec=2) nor in a file.
	ErrNoPlace = errors.New("no place for an executable image")
	// ErrStack is a limit on the size of the stack, RLIMIT_STACK.
	ErrStack = errors.New("the limit on the size of the stack is too small")
)

// imageError is a system call's error, what it was about, and which of the errors
// above it amounts to, nil for none.
type imageError struct {
	text  string
	errno syscall.Errno
	kind  error
}

func (f *imageError) Error() string { return f.text + ": " + strerror.Text(f.errno) }

func (f *imageError) Unwrap() []error {
	if f.kind == nil {
		return []error{f.errno}
	}
	return []error{f.errno, f.kind}
}
