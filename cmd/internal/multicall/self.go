package multicall

import (
	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/trampoline"
	"github.com/nskit/nskit/pkg/launch"
)

// Self is nskit as an applet of its own, with a table like any other.
var Self = applet.Applet{
	Name:    "nskit",
	Section: 1,
	Summary: "Namespace tools in one binary.",
	Usages:  usages,
	Helps:   &helps,
	Decide:  decide,
}

// choices is what the command line of nskit itself asks for.
type choices struct {
	parser      getopt.Parser
	list, force bool
	install     bool
	stub        bool
	dir         string
	target      string // what the links hold, where to this file leads when empty
}

// chosen is the memory of decide.
var chosen choices

// table has the options of nskit itself.
var table = [...]getopt.Option{
	{Long: "list", Help: "list the names of the applets", Apply: setList},
	{Long: "install", Arg: getopt.Required, Value: "dir", Values: getopt.Dirs, Help: "make a symbolic link for each applet in <dir>", Apply: setInstall},
	{Long: "target", Arg: getopt.Required, Value: "path", Values: getopt.Files, Help: "let the links of --install lead to <path>, as it is written", Apply: setTarget},
	{Long: "force", Help: "let --install replace files that are not nskit's", Apply: setForce},
	{Long: "stub", Help: "write the file that is executed in the place of files in memory", Apply: setStub},
	{Short: 'h', Long: "help", Help: "display this help", Apply: applet.AskHelp},
	{Short: 'V', Long: "version", Help: "display version", Apply: applet.AskVersion},
}

func setList(target any, _ *getopt.Option, _ getopt.Value) error {
	target.(*choices).list = true
	return nil
}

func setInstall(target any, _ *getopt.Option, dir getopt.Value) error {
	target.(*choices).install, target.(*choices).dir = true, dir.Text
	return nil
}

func setTarget(target any, _ *getopt.Option, path getopt.Value) error {
	if path.Text == "" {
		return applet.Fail("--target needs a path")
	}
	target.(*choices).target = path.Text
	return nil
}

func setForce(target any, _ *getopt.Option, _ getopt.Value) error {
	target.(*choices).force = true
	return nil
}

func setStub(target any, _ *getopt.Option, _ getopt.Value) error {
	target.(*choices).stub = true
	return nil
}

func usages(string) []applet.Usage {
	return []applet.Usage{{Operands: "[<applet> [<argument>...]]", Options: table[:], Notes: applet.AppletList}}
}

func decide(_ *launch.Workspace, inv *applet.Invocation) (*program.Program, error) {
	chosen = choices{}
	operands, err := chosen.parser.Parse(&chosen, inv.Args, table[:], getopt.StopAtOperand)
	switch {
	case err != nil:
		return nil, err
	case len(operands) > 0:
		return nil, applet.Fail("unexpected operand '", operands[0], "'").WithHelp()
	case chosen.target != "" && !chosen.install:
		return nil, applet.Fail("--target needs --install").WithHelp()
	case chosen.install:
		return nil, applet.Work(runInstall)
	case chosen.stub:
		return nil, applet.Work(writeStub)
	case chosen.list:
		return nil, applet.Text(appendNames)
	}
	return nil, applet.Help{}
}

func runInstall(inv *applet.Invocation) error {
	all := names(inv.All)
	if chosen.target != "" {
		return installTo(chosen.target, chosen.dir, all, chosen.force)
	}
	return install(chosen.dir, all, chosen.force)
}

func writeStub(inv *applet.Invocation) error {
	file, err := trampoline.Stub()
	if err != nil {
		return &applet.Error{Text: "cannot make a stub", Err: err}
	}
	_, err = inv.Stdout.Write(file)
	return err
}

// appendNames appends all names that nskit answers to, one a line.
func appendNames(inv *applet.Invocation, out []byte) []byte {
	for _, a := range inv.All {
		if a.Inner {
			continue
		}
		out = append(append(out, a.Name...), '\n')
		for _, name := range a.Aliases {
			out = append(append(out, name...), '\n')
		}
	}
	return out
}

// names are all the names that nskit answers to, in registry order.
func names(applets []*applet.Applet) []string {
	var all []string
	for _, a := range applets {
		if a.Inner {
			continue
		}
		all = append(append(all, a.Name), a.Aliases...)
	}
	return all
}
