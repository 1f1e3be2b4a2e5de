// Package applet is the contract between the multicall binary and its applets:
// what an applet is, what it is given, and how the error it returns becomes a
// message and an exit code.
package applet

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/internal/strerror"
	"github.com/nskit/nskit/internal/visible"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/program"
)

// Applet is one tool of the multicall binary.
type Applet struct {
	// Name is the name it is called by; Aliases are further ones.
	Name    string
	Aliases []string
	// Section is the manual's section, 1 or 8.
	Section int
	// Summary is the sentence of --help and of the manual's NAME section.
	Summary string
	// Compatible names the tool and version it stands in for, "" for none.
	Compatible string
	// Usages returns one entry for each form of use; most applets have one. An
	// option table may be bound to the invocation; documentation passes an empty one.
	Usages func(*Invocation) []Usage
	// UsageCode is the exit code of wrong usage; 0 stands for 1.
	UsageCode int
	// Run does the work.
	Run func(*Invocation) error
	// Plan decides what Run would carry out, for a command line that needs
	// nothing else; nil otherwise. It is called before the Go runtime starts and
	// must get by without allocating; if it cannot, Run is called later. name,
	// argv and args are those of the Invocation that Run would be given.
	Plan func(w *launch.Workspace, name string, argv, args, env []string) *program.Program
}

// Usage is one form of using an applet, for --help, manual and completions.
type Usage struct {
	// Command is the subcommand, "" for an applet without any.
	Command string
	// Operands is the synopsis behind the options: "[program [argument...]]".
	Operands string
	// Summary says what a subcommand does; empty for an applet without any.
	Summary string
	// Options is the table that the parser itself uses.
	Options []getopt.Option
	// Notes stand below the options in --help.
	Notes string
}

// Invocation is one call of an applet.
type Invocation struct {
	Applet *Applet
	// Name is the short name that messages start with.
	Name string
	// Argv0 is how the caller wrote the command: "/usr/bin/unshare", "nskit unshare".
	Argv0 string
	// Args are the words behind it, Argv the whole command line.
	Args, Argv []string
	// Version is nskit's own.
	Version string
	Stdin   io.Reader
	// Stdout is buffered; Main flushes it and reports what went wrong.
	Stdout *bufio.Writer
	Stderr io.Writer
}

// Error is a failure with its message and exit code.
type Error struct {
	// Text says what failed, without the applet's name.
	Text string
	// Err is the cause, printed behind Text as the C library words it; nil for none.
	Err error
	// Then is a second line of the message, also behind the applet's name; "" for none.
	Then string
	// Code is the exit code; 0 stands for 1.
	Code int
	// Hint is one more line that names what would help; "" for none.
	Hint string
	// Usage adds the line that names --help.
	Usage bool
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Text
	}
	return e.Text + ": " + strerror.Of(e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Exit is an error that has been reported already, or needs no report: only
// the exit code is left to say.
type Exit int

func (e Exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// Failf is an Error with exit code 1 and no cause.
func Failf(format string, args ...any) *Error {
	return &Error{Text: fmt.Sprintf(format, args...)}
}

// Main runs an applet and returns the exit code of the process.
func Main(inv *Invocation) int {
	err := inv.Applet.Run(inv)
	if failed := inv.Stdout.Flush(); failed != nil && errors.Is(err, failed) {
		err = nil // said below, once
	}
	code := inv.report(err)
	if err := inv.Stdout.Flush(); err != nil {
		return inv.reportWrite(err, code)
	}
	return code
}

// report prints what err says and returns its exit code.
func (inv *Invocation) report(err error) int {
	var (
		help    Help
		version Version
		exit    Exit
		opt     *getopt.Error
		fault   *Error
		file    *fs.PathError
	)
	switch {
	case err == nil:
		return 0
	case errors.As(err, &help):
		inv.Help(help.Command)
		return 0
	case errors.As(err, &version):
		fmt.Fprintf(inv.Stdout, "%s\n", inv.Applet.AppendVersion(nil, inv.Name, inv.Version))
		return 0
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(err, &opt):
		fmt.Fprintf(inv.Stderr, "%s: %s\n", inv.Argv0, visible.Text(opt.Text))
		return inv.tryHelp()
	case errors.As(err, &fault):
	case errors.As(err, &file):
		fault = fileError(file)
	default:
		fault = &Error{Text: strerror.Of(err)}
	}
	// What was printed before the failure comes out before its message.
	inv.Stdout.Flush()
	fmt.Fprintf(inv.Stderr, "%s: %s\n", inv.Name, visible.Text(fault.Error()))
	if fault.Then != "" {
		fmt.Fprintf(inv.Stderr, "%s: %s\n", inv.Name, visible.Text(fault.Then))
	}
	if fault.Hint != "" && os.Getenv("NSKIT_HINTS") != "0" {
		fmt.Fprintf(inv.Stderr, "%s: hint: %s\n", inv.Name, fault.Hint)
	}
	if fault.Usage {
		return inv.tryHelp()
	}
	return max(fault.Code, 1)
}

// fileError is a failure that nothing more is known about than the file.
func fileError(e *fs.PathError) *Error {
	fault := &Error{Text: "cannot " + e.Op + " " + e.Path, Err: e.Err}
	if e.Path == "/proc" && errors.Is(e, fs.ErrNotExist) {
		fault.Hint = "this is read from /proc, and no proc file system is mounted there"
	}
	return fault
}

// reportWrite turns a failed write of standard output into an exit code. A
// closed pipe or descriptor is the reader's choice and no failure.
func (inv *Invocation) reportWrite(err error, code int) int {
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.EBADF) {
		return code
	}
	fmt.Fprintf(inv.Stderr, "%s: write error: %s\n", inv.Name, strerror.Of(err))
	return 1
}

func (inv *Invocation) tryHelp() int {
	command := inv.Name
	if strings.Contains(inv.Argv0, " ") {
		command = inv.Argv0
	}
	fmt.Fprintf(inv.Stderr, "Try '%s --help' for more information.\n", command)
	return max(inv.Applet.UsageCode, 1)
}

// Help is the error that ends a parse when --help is met; Main answers it.
type Help struct {
	// Command is the subcommand it was asked for, "" for the applet itself.
	Command string
}

func (Help) Error() string { return "help was asked for" }

// Version is the error that ends a parse when --version is met.
type Version struct{}

func (Version) Error() string { return "the version was asked for" }

// AskHelp and AskVersion are what --help and --version do. They act at once,
// as util-linux's do.
func AskHelp(any, *getopt.Option, getopt.Value) error { return Help{} }

// AskVersion is the other one.
func AskVersion(any, *getopt.Option, getopt.Value) error { return Version{} }

// StandardOptions are --help and --version, the end of every option table.
func StandardOptions() []getopt.Option {
	return []getopt.Option{
		{Short: 'h', Long: "help", Help: "display this help", Apply: AskHelp},
		{Short: 'V', Long: "version", Help: "display version", Apply: AskVersion},
	}
}

// AppendVersion appends the answer to --version, without a line end, to line, for
// the applet called by a name. It allocates nothing where line has room.
func (a *Applet) AppendVersion(line []byte, name, version string) []byte {
	line = append(append(append(line, name...), " from nskit "...), version...)
	if a.Compatible != "" {
		line = append(append(append(line, " (compatible with "...), a.Compatible...), ')')
	}
	return line
}

// Help prints the help of one subcommand, "" for the applet itself.
func (inv *Invocation) Help(command string) {
	for _, usage := range inv.Applet.Usages(inv) {
		if usage.Command == command {
			inv.help(usage)
		}
	}
}

func (inv *Invocation) help(usage Usage) {
	words := inv.Name
	if strings.Contains(inv.Argv0, " ") {
		words = inv.Argv0
	}
	if usage.Command != "" {
		words += " " + usage.Command
	}
	summary := usage.Summary
	if summary == "" {
		summary = inv.Applet.Summary
	}
	fmt.Fprintf(inv.Stdout, "\nUsage:\n %s [options] %s\n\n%s\n\nOptions:\n%s", words, usage.Operands, summary, getopt.Help(usage.Options))
	if usage.Notes != "" {
		fmt.Fprintf(inv.Stdout, "\n%s\n", strings.TrimRight(usage.Notes, "\n"))
	}
	fmt.Fprintf(inv.Stdout, "\nFor more details see %s(%d).\n", inv.Applet.Page(), inv.Applet.Section)
}

// Page is the name of the applet's manual page.
func (a *Applet) Page() string {
	if a.Name == "nskit" {
		return a.Name
	}
	return "nskit-" + a.Name
}
