package applet

import (
	"errors"
	"syscall"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/trampoline"
)

// Main has decide say what an invocation asks for, does it, and returns the exit
// code of the process.
func Main(inv *Invocation, decide func(*Invocation) (*program.Program, error)) int {
	p, err := decide(inv)
	if p != nil {
		err = inv.carry(p)
	}
	if work, ok := err.(Work); ok {
		err = work(inv)
	}
	if failed := inv.Stdout.Flush(); failed != nil && errors.Is(err, failed) {
		err = nil // said below, once
	}
	var a Answer
	a.Answer(inv, err)
	inv.Stdout.Write(a.Out)
	// What was printed before a failure comes out before its message.
	if err := inv.Stdout.Flush(); err != nil {
		a.WriteFailed(inv, errnoOf(err))
	}
	inv.Stderr.Write(a.Err)
	return a.Code
}

// carry prints a Program, if that is what is wanted, or carries it out; then
// it comes back only with an error.
func (inv *Invocation) carry(p *program.Program) error {
	switch {
	case inv.ExplainAll:
		return p.PrintAll(inv.Stdout)
	case inv.Explain:
		return p.Print(inv.Stdout)
	}
	return startError(trampoline.Exec(p))
}

// startError words why a Program could not be begun.
func startError(err error) *Error {
	fault := &Error{Text: "cannot start: " + err.Error()}
	switch {
	case errors.Is(err, trampoline.ErrFileSize):
		fault.Hint = "a process of its own needs a file of some pages, in memory: raise the limit on the size of files (ulimit -f)"
	case errors.Is(err, trampoline.ErrStack):
		fault.Hint = "raise the limit on the size of the stack (ulimit -s)"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		fault.Hint = "nskit needs three descriptors for itself: raise the limit on open files (ulimit -n)"
	case errors.Is(err, trampoline.ErrNoPlace):
		fault.Hint = "set the sysctl vm.memfd_noexec to 1 or 0, or mount one of /dev/shm, /run, /tmp so that files in it can be executed"
	}
	return fault
}

// errnoOf is the number inside of an error, EIO for one without any.
func errnoOf(err error) syscall.Errno {
	if errno := syscall.EIO; errors.As(err, &errno) {
		return errno
	}
	return syscall.EIO
}
