// Package applet is the contract between the multicall binary and its applets:
// what an applet is, what it is given, and how what it returns becomes a
// Program that is carried out, or texts and an exit code.
package applet

import (
	"bufio"
	"io"

	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/launch"
)

// Applet is one tool of the multicall binary.
type Applet struct {
	// Name is the name it is called by; Aliases are further ones.
	Name    string
	Aliases []string
	// Inner says that it is called as an argument of nskit alone, and has no link.
	Inner bool
	// Section is the manual's section, 1 or 8.
	Section int
	// Summary is the sentence of --help and of the manual's NAME section.
	Summary string
	// Compatible names the tool and version it stands in for, "" for none.
	Compatible string
	// Usages returns one entry for each form of use under one of the names, for
	// documentation; most applets have one.
	Usages func(name string) []Usage
	// Helps are the texts of --help, which nskit-docs makes of Usages. It is an address,
	// which needs no code to fill it in: a copy of the slice would, as soon as the
	// package has one variable that needs some, and be empty before the runtime.
	Helps *[]HelpText
	// UsageCode is the exit code of wrong usage; 0 stands for 1.
	UsageCode int
	// Decide reads the command line and decides what is done: a Program to carry
	// out, or an error, of which [Help], [Version] and [Work] are no failures. It
	// is called before the Go runtime starts: what allocates there is not wrong,
	// but has the same command line decided once more with the runtime, and so has
	// [NeedsRuntime]. It is called at most twice in a process, and may keep what it
	// needs in variables of its package.
	Decide func(*launch.Workspace, *Invocation) (*program.Program, error)
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

// HelpText is what --help prints behind the words of the command.
type HelpText struct {
	// Name is the name that the applet is called by, Command the subcommand.
	Name, Command string
	Text          string
}

// Invocation is one call of an applet.
type Invocation struct {
	Applet *Applet
	// All are the applets of this binary.
	All []*Applet
	// Name is the short name that messages start with.
	Name string
	// Argv is the whole command line, Args what stands behind the words that
	// name the applet.
	Argv, Args []string
	// File is the path that was executed, "" if it is not known.
	File string
	// ByNskit says that the name is an argument of nskit: "nskit unshare".
	ByNskit bool
	// Env is the environment.
	Env []string
	// Version is nskit's own.
	Version string
	// Early says that the Go runtime has not started yet.
	Early bool
	// Memory is what is decided in, nil for the heap's.
	Memory *launch.Workspace
	// Options is what options are read into, a *launchopt.Memory; nil for the heap's.
	Options any
	// Explain is set by Decide: the Program is printed instead of carried out, with
	// ExplainAll every place where a program is searched.
	Explain, ExplainAll bool

	Stdin io.Reader
	// Stdout is buffered; Main flushes it and reports what went wrong.
	Stdout *bufio.Writer
	Stderr io.Writer
}

// Page is the name of the applet's manual page.
func (a *Applet) Page() string {
	if a.Name == "nskit" {
		return a.Name
	}
	return "nskit-" + a.Name
}

// StandardOptions are --help and --version, the end of every option table.
func StandardOptions() []getopt.Option {
	return []getopt.Option{
		{Short: 'h', Long: "help", Help: "display this help", Apply: AskHelp},
		{Short: 'V', Long: "version", Help: "display version", Apply: AskVersion},
	}
}

// AskHelp and AskVersion are what --help and --version do. They act at once,
// as util-linux's do.
func AskHelp(any, *getopt.Option, getopt.Value) error { return help }

// AskVersion is the other one.
func AskVersion(any, *getopt.Option, getopt.Value) error { return version }
