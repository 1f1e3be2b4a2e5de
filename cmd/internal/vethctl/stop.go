package vethctl

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/ending"
	"github.com/nskit/nskit/internal/veth"
	"github.com/nskit/nskit/internal/visible"
)

// stop knows whether a signal has asked the command to end. What it has done by
// then is rolled back, and then it ends by that signal.
type stop struct {
	noting bool
	// got is the signal that has come, 0 for none.
	got syscall.Signal
}

// interrupted waits for a signal for as long as pause says, and says whether one
// has come. It is asked first before anything is changed; until then a signal
// ends the command at once.
func (s *stop) interrupted(pause time.Duration) bool {
	if !s.noting {
		s.noting = true
		ending.Note(func(sig syscall.Signal) bool { return signal.Ignored(sig) }) // or blocked: see prestart
		debug.SetPanicOnFault(true)                                               // which package veth makes an error of
	}
	time.Sleep(pause)
	if s.got == 0 {
		s.got = ending.Arrived()
	}
	return s.got != 0
}

// errStopped is what reading lines ends with when a signal has come.
var errStopped = errors.New("interrupted")

// reader is an input that does not keep a signal waiting.
func (s *stop) reader(input io.Reader) io.Reader {
	if file, ok := input.(*os.File); ok {
		return &stoppable{file, s}
	}
	return input
}

type stoppable struct {
	file *os.File
	stop *stop
}

func (r *stoppable) Read(b []byte) (int, error) {
	r.stop.interrupted(0) // from now on signals are noted
	err := ending.Readable(int(r.file.Fd()))
	switch {
	case r.stop.interrupted(0):
		return 0, errStopped
	case err != nil:
		return 0, err
	}
	return r.file.Read(b)
}

// reading is the error of an input that cannot be read on.
func reading(name string, err error) error {
	if errors.Is(err, errStopped) {
		return &applet.Error{Text: err.Error()}
	}
	return &applet.Error{Text: "cannot read " + name, Err: err}
}

// settle ends a command whose work is done, or has failed. If a signal has come
// by now, the work is rolled back as if the signal had come in its midst.
func (c *call) settle(err error) error {
	if !c.stop.noting {
		return err
	}
	if !c.stop.interrupted(0) {
		if c.inv.Stdout.Buffered() > 0 {
			ending.Forget() // whoever reads it may be slow
		}
		return err
	}
	left := c.session.Rollback(0)
	var failed *applet.Error
	if errors.As(err, &failed) && failed.Code == exitCode(veth.Stuck) {
		left = failed
	}
	if left != nil {
		fmt.Fprintf(c.inv.Stderr, "%s: %s\n", c.inv.Name, visible.Text(left.Error()))
	}
	ending.By(c.stop.got)
	return applet.Exit(128 + int(c.stop.got))
}
