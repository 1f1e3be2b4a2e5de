// Package pivot is the applet that changes the root: pivot_root(8) of
// util-linux by that name, and by its own name a program on a new root of which
// nothing leads back to the old one.
package pivot

import (
	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/launchopt"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/program"
)

// The names of the applet; the further ones change what it is.
const (
	ownName    = "pivot"
	bareName   = "pivot_root"
	switchName = "switch_root"
)

// Applet is its entry in the registry.
var Applet = applet.Applet{
	Name:       ownName,
	Aliases:    []string{bareName, switchName},
	Section:    8,
	Summary:    "Run a program on a new root, with nothing of the old one in reach.",
	Compatible: "util-linux 2.43",
	Usages:     usages,
	Run:        run,
	Plan:       plan,
}

func usages(inv *applet.Invocation) []applet.Usage {
	switch inv.Name {
	case bareName:
		return []applet.Usage{{Operands: "new_root put_old", Summary: "Change the root filesystem.", Options: bareTable[:]}}
	case switchName:
		return []applet.Usage{{Operands: "<newrootdir> <init> <args to init>",
			Summary: "Switch to another filesystem as the root of the mount tree.", Options: bareTable[:]}}
	}
	return []applet.Usage{{Operands: "<new root> [<program> [<argument>...]]", Options: table(nil), Notes: notes}}
}

const notes = `Mounts are made in the order given. By the name pivot_root, or with --bare, only
pivot_root(2) is called; by the name switch_root the new root is moved over /.`

func run(inv *applet.Invocation) error {
	if inner, err := internal(inv); inner {
		return err
	}
	env := prestart.Environ()
	system := launchopt.ThisSystem()
	o := launchopt.Options{System: &system, Own: new(own)}
	if err := parse(&o, table(nil), inv.Name, inv.Argv, inv.Args, env); err != nil {
		return err
	}
	if err := locate(of(&o)); err != nil {
		return err
	}
	return launchopt.Carry(inv, decide(new(launch.Workspace), &o, env), o.Explain)
}

// internal does what the applet's own Programs call it for.
func internal(inv *applet.Invocation) (bool, error) {
	switch {
	case len(inv.Args) != 1:
		return false, nil
	case inv.Args[0] == internalUnpack:
		return true, unpack(inv.Stdin)
	case inv.Args[0] == internalClear:
		return true, emptyOld()
	}
	return false, nil
}

// parse fills in the options from a command line.
func parse(o *launchopt.Options, options []getopt.Option, name string, argv, args, env []string) error {
	switch name {
	case switchName:
		return parseSwitch(o, name, argv, args, env)
	case bareName:
		return parseBare(o, name, argv, args, env)
	}
	operands, err := getopt.ParseInto(o, args, options, getopt.StopAtOperand)
	if err != nil {
		return err
	}
	v := of(o)
	if v.bare {
		return bare(o, name, argv, operands, env)
	}
	if v.spec.Archive == "" {
		if len(operands) == 0 {
			return &applet.Error{Text: "no new root given", Usage: true}
		}
		v.spec.Root, operands = operands[0], operands[1:]
	}
	if err := v.check(); err != nil {
		return err
	}
	o.Spec.Pivot = &v.spec
	return o.Finish(name, argv, operands, env)
}

// parseBare reads the command line of pivot_root(8), which takes two words and
// nothing else, not even "--".
func parseBare(o *launchopt.Options, name string, argv, args, env []string) error {
	_, posix := prestart.Getenv(env, "POSIXLY_CORRECT")
	operands, err := getopt.ParseInto(o, args, bareTable[:], getopt.Permuting(posix))
	if err != nil {
		return err
	}
	if len(args) != 2 {
		return errBadUsage
	}
	return bare(o, name, argv, operands, env)
}

// parseSwitch reads the command line of switch_root(8).
func parseSwitch(o *launchopt.Options, name string, argv, args, env []string) error {
	if len(args) > 0 && args[0] != "--" {
		if _, err := getopt.ParseInto(o, args, bareTable[:], getopt.StopAtOperand); err != nil {
			return err
		}
	}
	switch {
	case len(args) < 2:
		return &applet.Error{Text: "not enough arguments", Usage: true}
	case args[0] == "" || args[1] == "":
		return errBadUsage
	}
	v := of(o)
	v.spec.Root, v.spec.Switch = args[0], true
	o.Spec.Pivot = &v.spec
	if err := o.Finish(name, argv, args[1:], env); err != nil {
		return err
	}
	o.Spec.Command.Direct = true
	return nil
}

var errBadUsage = &applet.Error{Text: "bad usage", Usage: true}

// bare notes what is to be pivoted.
func bare(o *launchopt.Options, name string, argv, operands, env []string) error {
	if len(operands) != 2 {
		return errBadUsage
	}
	v := of(o)
	v.bare = true
	v.spec.Root, v.spec.PutOld = operands[0], operands[1]
	o.Spec.Pivot = &v.spec
	return o.Finish(name, argv, operands, env)
}

// decide makes the Program.
func decide(w *launch.Workspace, o *launchopt.Options, env []string) *program.Program {
	if of(o).bare {
		return w.PivotRoot(&o.Spec)
	}
	caller := o.Caller(env)
	if o.Spec.Name == switchName {
		return launch.SwitchRoot(&o.Spec, &caller)
	}
	return w.Pivot(&o.Spec, &caller)
}

// early is the memory of plan, which cannot allocate any.
var early struct {
	options launchopt.Options
	system  launchopt.System
	own     own
	table   [96]getopt.Option
}

// plan is run without its acting part, before the Go runtime starts.
func plan(w *launch.Workspace, name string, argv, args, env []string) *program.Program {
	if name == switchName || len(args) == 1 {
		return nil
	}
	o := &early.options
	early.system = launchopt.ThisSystem()
	o.System, o.Own = &early.system, &early.own
	err := parse(o, table(early.table[:0]), name, argv, args, env)
	if err != nil || o.Explain || early.own.spec.Archive != "" || early.own.spec.Switch {
		return nil
	}
	return decide(w, o, env)
}
