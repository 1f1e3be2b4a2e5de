// Package unshare is the applet that runs a program in new namespaces, as
// unshare(1) of util-linux does.
package unshare

import (
	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/launchopt"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/program"
)

// Applet is its entry in the registry.
var Applet = applet.Applet{
	Name:       "unshare",
	Section:    1,
	Summary:    "Run a program with some namespaces unshared from the parent.",
	Compatible: "util-linux 2.43",
	Usages:     usages,
	Run:        run,
	Plan:       plan,
}

func usages(*applet.Invocation) []applet.Usage {
	return []applet.Usage{{Operands: "[<program> [<argument>...]]", Options: launchopt.Table[:]}}
}

func run(inv *applet.Invocation) error {
	env := prestart.Environ()
	system := launchopt.ThisSystem()
	o := launchopt.Options{System: &system}
	if err := parse(&o, inv.Name, inv.Argv, inv.Args, env); err != nil {
		return err
	}
	return launchopt.Carry(inv, decide(new(launch.Workspace), &o, env), o.Explain)
}

// parse fills in the options from a command line.
func parse(o *launchopt.Options, name string, argv, args, env []string) error {
	operands, err := getopt.ParseInto(o, args, launchopt.Table[:], getopt.StopAtOperand)
	if err != nil {
		return err
	}
	return o.Finish(name, argv, operands, env)
}

// decide makes the Program.
func decide(w *launch.Workspace, o *launchopt.Options, env []string) *program.Program {
	caller := o.Caller(env)
	return w.Unshare(&o.Spec, &caller)
}

// early is the memory of plan, which cannot allocate any.
var early struct {
	options launchopt.Options
	system  launchopt.System
}

// plan is run without its acting part, before the Go runtime starts.
func plan(w *launch.Workspace, name string, argv, args, env []string) *program.Program {
	o := &early.options
	early.system = launchopt.ThisSystem()
	o.System = &early.system
	if err := parse(o, name, argv, args, env); err != nil || o.Explain {
		return nil
	}
	return decide(w, o, env)
}
