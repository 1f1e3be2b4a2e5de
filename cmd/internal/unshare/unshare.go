// Package unshare is the applet that runs a program in new namespaces, as
// unshare(1) of util-linux does.
package unshare

import (
	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/launchopt"
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/launch"
)

// Applet is its entry in the registry.
var Applet = applet.Applet{
	Name:       "unshare",
	Section:    1,
	Summary:    "Run a program with some namespaces unshared from the parent.",
	Compatible: "util-linux 2.43",
	Usages:     usages,
	Helps:      &helps,
	Decide:     decide,
}

func usages(string) []applet.Usage {
	return []applet.Usage{{Operands: "[<program> [<argument>...]]", Options: launchopt.Table[:]}}
}

// decide makes the Program of a command line.
func decide(w *launch.Workspace, inv *applet.Invocation) (*program.Program, error) {
	memory, ok := inv.Options.(*launchopt.Memory)
	if !ok {
		memory = new(launchopt.Memory)
	}
	o := memory.Begin(nil)
	operands, err := o.Parser.Parse(o, inv.Args, launchopt.Table[:], getopt.StopAtOperand)
	if err != nil {
		return nil, err
	}
	if err := o.Finish(inv, operands, inv.Env); err != nil {
		return nil, err
	}
	caller := o.Caller(inv.Env)
	return w.Unshare(&o.Spec, &caller), nil
}
