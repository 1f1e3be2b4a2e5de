// Package lsns lists the namespaces of the system: it decides what a command
// line asks for, has [census] read that and nothing else, and makes tables,
// trees and JSON of the answer.
package lsns

import (
	"os"
	"runtime"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/containers"
	"github.com/nskit/nskit/pkg/launch"
)

// Applet is its entry in the registry.
var Applet = applet.Applet{
	Name:       "lsns",
	Section:    8,
	Summary:    "List system namespaces.",
	Compatible: "util-linux 2.43",
	Usages:     usages,
	Helps:      &helps,
	Decide:     decide,
}

func usages(string) []applet.Usage {
	options := slices.Clone(optionTable[:])
	for i := range options {
		if options[i].Long == "output" {
			options[i].Words = columns.Names()
		}
	}
	return []applet.Usage{{Operands: "[<namespace>]", Options: options, Notes: "Available output columns:\n" + columns.Notes(13) +
		"\nOutput columns of --holding:\n" + heldColumns.Notes(13) +
		"\nOutput columns of --limits:\n" + limitColumns.Notes(13)}}
}

// memory is what decide works in.
var memory options

// decide reads the command line; the rest is work.
func decide(_ *launch.Workspace, inv *applet.Invocation) (*program.Program, error) {
	memory = options{}
	if err := memory.parse(inv); err != nil {
		return nil, err
	}
	return nil, applet.Work(run)
}

// parse reads the command line.
func (o *options) parse(inv *applet.Invocation) error {
	_, posix := prestart.Getenv(inv.Env, "POSIXLY_CORRECT")
	operands, err := o.parser.Parse(o, inv.Args, optionTable[:], getopt.Permuting(posix))
	if err != nil {
		return err
	}
	return o.finish(operands)
}

func run(inv *applet.Invocation) error {
	o := &memory
	switch {
	case o.listColumns && o.holding.Given:
		listAnswerColumns(inv.Stdout, o, heldColumns)
		return nil
	case o.listColumns && o.limits:
		listAnswerColumns(inv.Stdout, o, limitColumns)
		return nil
	case o.listColumns:
		listColumns(inv.Stdout, o)
		return nil
	case o.holding.Given:
		return showHolding(inv, o)
	case o.limits:
		return showLimits(inv, o)
	}
	if o.metrics {
		useAllCPUs()
		return metrics(inv)
	}
	if o.container != "" {
		c, err := containers.Find(containers.UserPlaces(os.Getenv), o.container)
		if err != nil {
			return &applet.Error{Text: err.Error()}
		}
		o.task = c.PID
	}
	p, err := queryOf(o)
	if err != nil {
		return err
	}
	useAllCPUs()
	switch {
	case o.watch > 0:
		return watch(inv, p)
	case o.diff != "":
		return difference(inv, p)
	}
	return show(inv, p)
}

// useAllCPUs lets the scan use every CPU that the caller may use. The binary
// starts confined to one, because that is faster for everything else.
func useAllCPUs() {
	prestart.UnpinAll()
	var cpus unix.CPUSet
	if unix.SchedGetaffinity(0, &cpus) == nil {
		runtime.GOMAXPROCS(cpus.Count())
	}
}

// show prints the namespaces as they are now.
func show(inv *applet.Invocation, p *plan) error {
	v, err := look(p)
	if err != nil {
		return err
	}
	rows, err := v.rows()
	if err != nil {
		return err
	}
	t := p.table(v.arrange(rows))
	if err := v.reader.Err(); err != nil {
		return err
	}
	t.Write(inv.Stdout, p.layout)
	return nil
}

// look takes the snapshot that a plan needs, relations included.
func look(p *plan) (*view, error) {
	snapshot, err := census.Take(p.reading)
	if err != nil {
		return nil, err
	}
	v := newView(p, snapshot)
	if err := v.relate(); err != nil {
		return nil, &applet.Error{Text: err.Error(), Code: exitUnsupported}
	}
	if p.namespace != 0 && snapshot.Find(p.namespace) == nil {
		return nil, applet.Failf("not found namespace: %d", p.namespace)
	}
	return v, nil
}

// exitUnsupported is the exit code for a kernel without a request that is needed.
const exitUnsupported = 2
