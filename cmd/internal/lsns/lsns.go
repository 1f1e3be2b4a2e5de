// Package lsns lists the namespaces of the system: it decides what a command
// line asks for, has [census] read that and nothing else, and makes tables,
// trees and JSON of the answer.
package lsns

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/pkg/census"
)

// Applet is its entry in the registry.
var Applet = applet.Applet{
	Name:       "lsns",
	Section:    8,
	Summary:    "List system namespaces.",
	Compatible: "util-linux 2.43",
	Usages:     usages,
	Run:        run,
}

func usages(*applet.Invocation) []applet.Usage {
	return []applet.Usage{{Operands: "[<namespace>]", Options: new(options).table(), Notes: columnNotes()}}
}

// parse reads the command line.
func parse(inv *applet.Invocation) (*options, error) {
	o := &options{}
	_, posix := os.LookupEnv("POSIXLY_CORRECT")
	operands, err := getopt.Parse(inv.Args, o.table(), getopt.Permuting(posix))
	if err != nil {
		return nil, err
	}
	return o, o.finish(operands)
}

func run(inv *applet.Invocation) error {
	o, err := parse(inv)
	if err != nil {
		return err
	}
	if o.listColumns {
		listColumns(inv.Stdout, o)
		return nil
	}
	p, err := decide(o)
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
	prestart.ReleaseCode() // the rows come beside it
	rows, err := v.rows()
	if err != nil {
		return err
	}
	t := p.table(v.arrange(rows))
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

// columnNotes is the part of --help below the options.
func columnNotes() string {
	notes := "Available output columns:\n"
	for i := range columns {
		notes += fmt.Sprintf(" %12s  %s\n", columns[i].Name, columns[i].help)
	}
	return notes
}
