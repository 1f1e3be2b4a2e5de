package vethctl

import (
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
)

// helpAsked is memory of brief, which cannot allocate any.
var helpAsked applet.Help

// brief answers a command line that asks for help or the version and nothing
// else, and one without a command that exists. nil is for all others.
func brief(inv *applet.Invocation) error {
	args := inv.Args
	last := ""
	if len(args) > 0 {
		last = args[len(args)-1]
	}
	asksHelp := last == "--help" || last == "-h"
	switch {
	case len(args) == 0:
		return noCommand()
	case len(args) == 1 && asksHelp:
		return applet.AskHelp(nil, nil, getopt.Value{})
	case len(args) == 1 && (last == "--version" || last == "-V"):
		return applet.AskVersion(nil, nil, getopt.Value{})
	case strings.HasPrefix(args[0], "-"):
		return nil
	case !exists(args[0]):
		return unknownCommand(args[0])
	case len(args) == 2 && asksHelp:
		helpAsked.Command = args[0]
		return &helpAsked
	}
	return nil
}

// exists says whether there is a command, by its help.
func exists(command string) bool {
	for i := range helps {
		if helps[i].Command == command && command != "" {
			return true
		}
	}
	return false
}

func noCommand() error { return applet.Fail("a command is missing").WithHelp() }

func unknownCommand(name string) error {
	return applet.Fail("unknown command '", name, "'").WithHelp()
}
