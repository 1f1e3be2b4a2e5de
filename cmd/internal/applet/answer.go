package applet

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"

	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/internal/strerror"
	"github.com/nskit/nskit/internal/visible"
)

// Answer is what an invocation ends with that starts no program: what goes to
// standard output and to standard error, and the exit code.
type Answer struct {
	Out, Err []byte
	Code     int
}

// Early says whether an error can be answered before the Go runtime starts.
func Early(err error) bool {
	switch err.(type) {
	case Help, *Help, Version, Text, Exit, *getopt.Error, *Error:
		return true
	}
	return false
}

// Answer words what err says: an error, or a text that was asked for. For what
// is Early it allocates nothing as long as Out and Err have room.
func (a *Answer) Answer(inv *Invocation, err error) {
	switch e := err.(type) {
	case nil:
	case Help:
		a.Out = inv.AppendHelp(a.Out, e.Command)
	case *Help:
		a.Out = inv.AppendHelp(a.Out, e.Command)
	case Version:
		a.Out = append(inv.Applet.appendVersion(a.Out, inv.Name, inv.Version), '\n')
	case Text:
		a.Out = e(inv, a.Out)
	case Exit:
		a.Code = int(e)
	case *getopt.Error:
		a.Err = append(e.Append(append(inv.appendArgv0(a.Err), ": "...)), '\n')
		a.tryHelp(inv, "")
	case *Error:
		a.fault(inv, e)
	default:
		a.other(inv, err)
	}
}

// other finds out what an error holds that is none of nskit's own, or wraps one.
func (a *Answer) other(inv *Invocation, err error) {
	var (
		exit  Exit
		fault *Error
		file  *fs.PathError
	)
	switch {
	case errors.As(err, &exit):
		a.Code = int(exit)
	case errors.As(err, &fault):
		a.fault(inv, fault)
	case errors.As(err, &file):
		a.fault(inv, fileError(file))
	default:
		a.fault(inv, &Error{Text: strerror.Of(err)})
	}
}

// fault words a failure.
func (a *Answer) fault(inv *Invocation, e *Error) {
	line := func() { a.Err = append(append(a.Err, inv.Name...), ": "...) }
	line()
	a.Err = visible.Append(a.Err, e.Text)
	for _, part := range e.parts {
		a.Err = visible.Append(a.Err, part)
	}
	if e.Err != nil {
		a.Err = visible.Append(append(a.Err, ": "...), cause(e.Err))
	}
	a.Err = append(a.Err, '\n')
	if e.Then != "" {
		line()
		a.Err = append(visible.Append(a.Err, e.Then), '\n')
	}
	if wanted, _ := prestart.Getenv(inv.Env, "NSKIT_HINTS"); (e.Hint != "" || e.hints[0] != "") && wanted != "0" {
		line()
		a.Err = append(append(a.Err, "hint: "...), e.Hint...)
		for _, part := range e.hints {
			a.Err = append(a.Err, part...)
		}
		a.Err = append(a.Err, '\n')
	}
	a.Code = max(e.Code, 1)
	if e.Usage {
		a.tryHelp(inv, e.HelpOf)
	}
}

// cause is the text of an error number, without a search for it where it is one.
func cause(err error) string {
	if errno, ok := err.(syscall.Errno); ok {
		return strerror.Text(errno)
	}
	return strerror.Of(err)
}

// fileError is a failure that nothing more is known about than the file.
func fileError(e *fs.PathError) *Error {
	fault := &Error{Text: "cannot " + e.Op + " " + e.Path, Err: e.Err}
	if e.Path == "/proc" && errors.Is(e, fs.ErrNotExist) {
		fault.Hint = "this is read from /proc, and no proc file system is mounted there"
	}
	return fault
}

// WriteFailed words that standard output could not be written. A closed pipe or
// descriptor is the reader's choice and no failure.
func (a *Answer) WriteFailed(inv *Invocation, errno syscall.Errno) {
	if errno == syscall.EPIPE || errno == syscall.EBADF {
		return
	}
	a.Err = append(append(a.Err, inv.Name...), ": write error: "...)
	a.Err = append(append(a.Err, strerror.Text(errno)...), '\n')
	a.Code = 1
}

func (a *Answer) tryHelp(inv *Invocation, command string) {
	a.Err = inv.appendCommand(append(a.Err, "Try '"...))
	if command != "" {
		a.Err = append(append(a.Err, ' '), command...)
	}
	a.Err = append(a.Err, " --help' for more information.\n"...)
	a.Code = max(inv.Applet.UsageCode, 1)
}

// appendArgv0 appends how the caller wrote the command.
func (inv *Invocation) appendArgv0(out []byte) []byte {
	if inv.ByNskit || len(inv.Argv) == 0 {
		return inv.appendCommand(out)
	}
	return append(out, inv.Argv[0]...)
}

// appendCommand appends what can be typed to call the applet.
func (inv *Invocation) appendCommand(out []byte) []byte {
	if inv.ByNskit {
		out = append(out, "nskit "...)
	}
	return append(out, inv.Name...)
}

// appendVersion appends the answer to --version, without a line end.
func (a *Applet) appendVersion(out []byte, name, version string) []byte {
	out = append(append(append(out, name...), " from nskit "...), version...)
	if a.Compatible != "" {
		out = append(append(append(out, " (compatible with "...), a.Compatible...), ')')
	}
	return out
}

// AppletList is the line of nskit's own help below which the applets stand: a
// binary need not have all.
const AppletList = "Applets:\n"

// AppendHelp appends the help of one subcommand, "" for the applet itself.
func (inv *Invocation) AppendHelp(out []byte, command string) []byte {
	if inv.Applet.Helps == nil {
		return out
	}
	for i := range *inv.Applet.Helps {
		h := &(*inv.Applet.Helps)[i]
		if h.Name != inv.Name || h.Command != command {
			continue
		}
		out = inv.appendCommand(append(out, "\nUsage:\n "...))
		before, after, found := h.Text, "", false
		if inv.Name == "nskit" { // only its own has the list
			before, after, found = strings.Cut(h.Text, AppletList)
		}
		out = append(out, before...)
		if found {
			out = append(inv.AppendApplets(append(out, AppletList...)), after...)
		}
	}
	return out
}

// AppendApplets appends the names of all applets, with what they do.
func (inv *Invocation) AppendApplets(out []byte) []byte {
	for _, a := range inv.All {
		out = a.appendLine(out, a.Name)
		for _, name := range a.Aliases {
			out = a.appendLine(out, name)
		}
	}
	return out
}

// appendLine appends a name in a column of twelve, and what the applet does.
func (a *Applet) appendLine(out []byte, name string) []byte {
	const blanks = "            "
	out = append(append(out, ' '), name...)
	out = append(out, blanks[:max(len(blanks)-len(name), 0)]...)
	return append(append(append(out, ' '), a.Summary...), '\n')
}
