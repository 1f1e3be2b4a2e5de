// Package unshare is the applet that runs a program in new namespaces, as
// unshare(1) of util-linux does.
package unshare

import (
	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/launchopt"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/pkg/launch"
)

// Applet is its entry in the registry.
var Applet = &applet.Applet{
	Name:       "unshare",
	Section:    1,
	Summary:    "Run a program with some namespaces unshared from the parent.",
	Compatible: "util-linux 2.43",
	Usages: func(inv *applet.Invocation) []applet.Usage {
		return []applet.Usage{{
			Operands: "[<program> [<argument>...]]",
			Options:  table(inv, &launchopt.Options{}, launchopt.Lookups{}),
		}}
	},
	Run: run,
}

// table is the option table of unshare.
func table(inv *applet.Invocation, o *launchopt.Options, env launchopt.Lookups) []getopt.Option {
	return append(o.Unshare(env), inv.StandardOptions()...)
}

func run(inv *applet.Invocation) error {
	var o launchopt.Options
	operands, err := getopt.Parse(inv.Args, table(inv, &o, launchopt.System()), getopt.StopAtOperand)
	if err != nil {
		return err
	}
	env := prestart.Environ()
	command := launchopt.Command(inv.Argv, operands, env, launchopt.LoginShell)
	if err := o.Finish(inv.Name, command, env, launchopt.HintsWanted(env)); err != nil {
		return err
	}
	return launchopt.Carry(inv, launch.Unshare(o.Spec, launchopt.Caller(o.Spec, env)), o.Explain)
}
