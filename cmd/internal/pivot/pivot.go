// Package pivot is the applet that changes the root: pivot_root(8) of
// util-linux by that name, and by its own name a program on a new root of which
// nothing leads back to the old one.
package pivot

import (
	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/launchopt"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/launch"
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
	Summary:    "Run a program on a new root, and remove the old one.",
	Compatible: "util-linux 2.43",
	Usages:     usages,
	Helps:      &helps,
	Decide:     decide,
}

func usages(name string) []applet.Usage {
	switch name {
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

// memory is what decide works in.
var memory struct {
	launchopt.Memory
	own   own
	table [96]getopt.Option
}

// decide makes the Program of a command line, or finds what the applet's own
// Programs call it for.
func decide(w *launch.Workspace, inv *applet.Invocation) (*program.Program, error) {
	if work := internal(inv.Args); work != nil {
		return nil, work
	}
	memory.own = own{}
	o := memory.Begin(&memory.own)
	if err := parse(o, inv); err != nil {
		return nil, err
	}
	if inv.Early && of(o).needsSelf() {
		return nil, applet.NeedsRuntime
	}
	if err := locate(of(o), inv.Name); err != nil {
		return nil, err
	}
	return programOf(w, o, inv.Env), nil
}

// internal is what the applet's own Programs call it for.
func internal(args []string) applet.Work {
	switch {
	case len(args) != 1:
	case args[0] == internalUnpack:
		return unpack
	case args[0] == internalClear:
		return emptyOld
	}
	return nil
}

// parse fills in the options from a command line.
func parse(o *launchopt.Options, inv *applet.Invocation) error {
	switch inv.Name {
	case switchName:
		return parseSwitch(o, inv)
	case bareName:
		return parseBare(o, inv)
	}
	operands, err := o.Parser.Parse(o, inv.Args, table(memory.table[:0]), getopt.StopAtOperand)
	if err != nil {
		return err
	}
	v := of(o)
	if v.bare {
		return bare(o, inv, operands)
	}
	if v.spec.Archive == "" {
		if len(operands) == 0 {
			return applet.Fail("no new root given").WithHelp()
		}
		v.spec.Root, operands = operands[0], operands[1:]
	}
	if err := v.check(); err != nil {
		return err
	}
	if !o.Explain {
		if err := v.checkKept(); err != nil {
			return err
		}
	}
	o.Spec.Pivot = &v.spec
	return o.Finish(inv, operands, inv.Env)
}

// parseBare reads the command line of pivot_root(8), which takes two words and
// nothing else, not even "--".
func parseBare(o *launchopt.Options, inv *applet.Invocation) error {
	_, posix := prestart.Getenv(inv.Env, "POSIXLY_CORRECT")
	operands, err := o.Parser.Parse(o, inv.Args, bareTable[:], getopt.Permuting(posix))
	if err != nil {
		return err
	}
	if o.Explain && len(operands) == 2 {
		return bare(o, inv, operands)
	}
	if len(inv.Args) != 2 || len(operands) != 2 {
		return badUsage()
	}
	return bare(o, inv, inv.Args) // the same words, where the command line has them
}

// parseSwitch reads the command line of switch_root(8).
func parseSwitch(o *launchopt.Options, inv *applet.Invocation) error {
	args := inv.Args
	if len(args) > 0 && args[0] != "--" {
		if _, err := o.Parser.Parse(o, args, bareTable[:], getopt.StopAtOperand); err != nil {
			return err
		}
		if o.Explain {
			args = args[1:]
		}
	}
	switch {
	case len(args) < 2:
		return applet.Fail("not enough arguments").WithHelp()
	case args[0] == "" || args[1] == "":
		return badUsage()
	}
	v := of(o)
	v.spec.Root, v.spec.Switch = args[0], true
	o.Spec.Pivot = &v.spec
	if err := o.Finish(inv, args[1:], inv.Env); err != nil {
		return err
	}
	o.Spec.Command.Direct = true
	return nil
}

func badUsage() error { return applet.Fail("bad usage").WithHelp() }

// bare notes what is to be pivoted.
func bare(o *launchopt.Options, inv *applet.Invocation, operands []string) error {
	if len(operands) != 2 {
		return badUsage()
	}
	v := of(o)
	v.bare = true
	v.spec.Root, v.spec.PutOld = operands[0], operands[1]
	o.Spec.Pivot = &v.spec
	return o.Finish(inv, operands, inv.Env)
}

// programOf makes the Program of options.
func programOf(w *launch.Workspace, o *launchopt.Options, env []string) *program.Program {
	if of(o).bare {
		return w.PivotRoot(&o.Spec)
	}
	caller := o.Caller(env)
	if o.Spec.Name == switchName {
		return launch.SwitchRoot(&o.Spec, &caller)
	}
	return w.Pivot(&o.Spec, &caller)
}
