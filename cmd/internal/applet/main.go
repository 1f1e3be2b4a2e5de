package applet

import (
	"errors"
	"syscall"

	"github.com/nskit/nskit/pkg/program"
	"github.com/nskit/nskit/pkg/trampoline"
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
	if inv.Explain {
		return p.Print(inv.Stdout)
	}
	return &Error{Text: "cannot start", Err: trampoline.Exec(p)}
}

// errnoOf is the number inside of an error, EIO for one without any.
func errnoOf(err error) syscall.Errno {
	if errno := syscall.EIO; errors.As(err, &errno) {
		return errno
	}
	return syscall.EIO
}
