package multicall

import (
	"fmt"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
)

// choices is what the command line of nskit itself asks for.
type choices struct {
	list    bool
	install *string
	force   bool
}

// nskit is what nskit itself is called.
var nskit = applet.Applet{Name: "nskit", Section: 1, Summary: "Namespace tools in one binary."}

// Self is nskit as an applet of its own, with a table like any other.
func Self(applets []*applet.Applet) *applet.Applet {
	self := nskit
	self.Usages = func(*applet.Invocation) []applet.Usage { return []applet.Usage{usage(applets, &choices{})} }
	self.Run = func(inv *applet.Invocation) error { return run(inv, applets) }
	return &self
}

func usage(applets []*applet.Applet, chosen *choices) applet.Usage {
	notes := "Applets:\n"
	for _, name := range names(applets) {
		notes += fmt.Sprintf(" %-12s %s\n", name, find(applets, name).Summary)
	}
	return applet.Usage{
		Operands: "[<applet> [<argument>...]]",
		Options: append([]getopt.Option{
			{Long: "list", Help: "list the names of the applets", Set: getopt.Flag(&chosen.list)},
			{Long: "install", Arg: getopt.Required, Value: "dir", Values: getopt.Dirs, Help: "make a symbolic link for each applet in <dir>",
				Set: func(value *string) error { chosen.install = value; return nil }},
			{Long: "force", Help: "let --install replace files that are not nskit's", Set: getopt.Flag(&chosen.force)},
		}, applet.StandardOptions()...),
		Notes: notes,
	}
}

// names are all the names that nskit answers to, in registry order.
func names(applets []*applet.Applet) []string {
	var all []string
	for _, a := range applets {
		all = append(append(all, a.Name), a.Aliases...)
	}
	return all
}

func run(inv *applet.Invocation, applets []*applet.Applet) error {
	var chosen choices
	operands, err := getopt.Parse(inv.Args, usage(applets, &chosen).Options, getopt.StopAtOperand)
	switch {
	case err != nil:
		return err
	case len(operands) > 0:
		return &applet.Error{Text: "unexpected operand '" + operands[0] + "'", Usage: true}
	case chosen.install != nil:
		return install(*chosen.install, names(applets), chosen.force)
	case chosen.list:
		for _, name := range names(applets) {
			fmt.Fprintln(inv.Stdout, name)
		}
		return nil
	}
	inv.Help("")
	return nil
}
