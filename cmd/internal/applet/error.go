package applet

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/nskit/nskit/internal/strerror"
)

// Error is a failure with its message and exit code.
type Error struct {
	// Text says what failed, without the applet's name.
	Text string
	// parts are the text of an error that Fail has made.
	parts [5]string
	// Err is the cause, printed behind Text as the C library words it; nil for none.
	Err error
	// Then is a second line of the message, also behind the applet's name; "" for none.
	Then string
	// Code is the exit code; 0 stands for 1.
	Code int
	// Hint is one more line that names what would help; "" for none.
	Hint string
	// hints are the parts of a hint, see Hinting.
	hints [4]string
	// Usage adds the line that names --help, of the subcommand that HelpOf names.
	Usage  bool
	HelpOf string
}

// spare are the first errors of a process, because before the Go runtime has
// started there is no memory for them; used counts them.
var (
	spare [4]Error
	used  atomic.Int32
)

// Forget takes the memory back of all errors that Fail has made. Only the
// beginning of a command line may do that.
func Forget() {
	if used.Load() != 0 { // no page is written to for nothing
		used.Store(0)
	}
}

// Fail is an Error whose text is made of up to five parts. The first ones of a
// process allocate nothing.
func Fail(parts ...string) *Error {
	e := newError()
	copy(e.parts[:], parts)
	return e
}

func newError() *Error {
	if n := used.Add(1); int(n) <= len(spare) {
		spare[n-1] = Error{}
		return &spare[n-1]
	}
	return new(Error)
}

// With gives an Error its cause.
func (e *Error) With(cause error) *Error {
	e.Err = cause
	return e
}

// WithHelp has an Error name --help.
func (e *Error) WithHelp() *Error {
	e.Usage = true
	return e
}

// Hinting gives an Error a hint that is made of up to four parts.
func (e *Error) Hinting(parts ...string) {
	copy(e.hints[:], parts)
}

// Failf is an Error with exit code 1 and no cause. It allocates.
func Failf(format string, args ...any) *Error {
	return &Error{Text: fmt.Sprintf(format, args...)}
}

func (e *Error) Error() string {
	text := e.Text + strings.Join(e.parts[:], "")
	if e.Err == nil {
		return text
	}
	return text + ": " + strerror.Of(e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Exit is an error that has been reported already, or needs no report: only
// the exit code is left to say.
type Exit int

func (e Exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// Help is the error that ends a parse when --help is met; Main answers it.
type Help struct {
	// Command is the subcommand it was asked for, "" for the applet itself.
	Command string
}

func (Help) Error() string { return "help was asked for" }

// Version is the error that ends a parse when --version is met.
type Version struct{}

func (Version) Error() string { return "the version was asked for" }

// The two as errors, which to make of values takes memory.
var (
	help    error = Help{}
	version error = Version{}
)

// Text is the error that ends a parse when a text is to be printed: it appends it.
type Text func(inv *Invocation, out []byte) []byte

func (Text) Error() string { return "a text was asked for" }

// Work is the error that ends a decision where what is done is no Program. It
// needs the Go runtime.
type Work func(*Invocation) error

func (Work) Error() string { return "there is work to do" }

// needsRuntime is the type of NeedsRuntime.
type needsRuntime struct{}

func (needsRuntime) Error() string { return "this cannot be decided before the Go runtime starts" }

// NeedsRuntime is what Decide returns before the Go runtime has started, where
// it has to look at more than the command line.
var NeedsRuntime error = needsRuntime{}
