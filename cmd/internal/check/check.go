// Package check is `nskit check`: it shows which namespaces its caller may create on this
// host, and which setting forbids the rest. It runs a table of nskit's own command lines,
// each in a child process, and says how each ended; and it reads the settings that
// decide. Nothing that it makes outlives it.
package check

import (
	"os"
	"slices"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/launch"
)

// Applet is its entry in the registry.
var Applet = applet.Applet{
	Name:    "check",
	Inner:   true,
	Section: 1,
	Summary: "Show what you may create on this host, and what forbids the rest.",
	Usages:  usages,
	Helps:   &helps,
	Decide:  decide,
}

// options is what the command line asks for.
type options struct {
	parser     getopt.Parser
	json       bool
	noHeadings bool
}

// optionTable has the options.
var optionTable = [...]getopt.Option{
	{Short: 'J', Long: "json", Help: "use JSON output format", Apply: setJSON},
	{Short: 'n', Long: "noheadings", Help: "don't print the header", Apply: setNoHeadings},
	{Short: 'h', Long: "help", Help: "display this help", Apply: applet.AskHelp},
	{Short: 'V', Long: "version", Help: "display version", Apply: applet.AskVersion},
}

func setJSON(target any, _ *getopt.Option, _ getopt.Value) error {
	target.(*options).json = true
	return nil
}

func setNoHeadings(target any, _ *getopt.Option, _ getopt.Value) error {
	target.(*options).noHeadings = true
	return nil
}

func usages(string) []applet.Usage { return []applet.Usage{{Options: optionTable[:]}} }

// asked is the memory of decide.
var asked options

func decide(_ *launch.Workspace, inv *applet.Invocation) (*program.Program, error) {
	asked = options{}
	operands, err := asked.parser.Parse(&asked, inv.Args, optionTable[:], getopt.Permute)
	if err != nil {
		return nil, err
	}
	if len(operands) > 0 {
		return nil, applet.Fail("unexpected operand '", operands[0], "'").WithHelp()
	}
	return nil, applet.Work(run)
}

// has says whether this binary has an applet.
func has(all []*applet.Applet, name string) bool {
	return slices.ContainsFunc(all, func(a *applet.Applet) bool { return a.Name == name })
}

// run tries, reads and prints.
func run(inv *applet.Invocation) error {
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		self = prestart.Executed() // without /proc
	}
	if self == "" {
		return &applet.Error{Text: "cannot find this program's own file", Err: err}
	}
	place, err := makePlace()
	if err != nil {
		return err
	}
	defer place.remove()
	found := report{who: whoAmI(), settings: readSettings(), runtimes: countRuntimes()}
	for _, p := range probes {
		if has(inv.All, p.words()[0]) {
			found.results = append(found.results, resultOf(p, place.try(self, p)))
		}
	}
	found.print(inv.Stdout, &asked)
	return nil
}
