// Package vethctl is the applet that makes veth pairs between network
// namespaces: it reads command lines, hands requests to package veth and shows
// what that found.
package vethctl

import (
	"errors"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/veth"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/spf13/pflag"
)

// usageCode is the exit code of wrong usage.
const usageCode = 2

// Applet is its entry in the registry.
var Applet = applet.Applet{
	Name:      "vethctl",
	Section:   8,
	Summary:   "Create, show and remove veth pairs between network namespaces.",
	Usages:    usages,
	UsageCode: usageCode,
	Helps:     &helps,
	Decide:    decide,
}

// command is one of the applet's commands.
type command struct {
	name, operands, summary string
	// least and most are how many operands there may be; most < 0 is no limit.
	least, most int
	options     func(options, *choices)
	run         func(*call) error
}

// commands are all commands in the order of the manual.
func commands() []command {
	return []command{
		{"add", "<endpoint> <endpoint>", "Create a veth pair.", 2, 2, addOptions, add},
		{"list", "", "List the veth pairs of all network namespaces.", 0, 0, listOptions, list},
		{"show", "<endpoint>", "Show a link, and its peer if it has one.", 1, 1, showOptions, show},
		{"peer", "<endpoint>", "Show the peer of an endpoint.", 1, 1, showOptions, peer},
		{"set", "<endpoint> <key>[=<value>]...", "Change a link of any kind.", 2, -1, setOptions, set},
		{"move", "<endpoint> <namespace>[:<newname>]", "Move a link to another network namespace.", 2, 2, moveOptions, move},
		{"rename", "<endpoint> <newname>", "Rename a link.", 2, 2, planOptions, rename},
		{"del", "<endpoint>", "Remove a veth pair or a bridge.", 0, 1, delOptions, del},
		{"wait", "<endpoint>", "Wait until a link has a carrier and its addresses can be used.", 1, 1, waitOptions, wait},
		{"stats", "<endpoint>", "Show the counters of both endpoints.", 1, 1, statsOptions, stats},
		{"batch", "[<file>]", "Run commands from a file, or from standard input.", 0, 1, batchOptions, batch},
	}
}

func findCommand(name string) *command {
	for _, c := range commands() {
		if c.name == name {
			return &c
		}
	}
	return nil
}

// call is one command that is being carried out.
type call struct {
	inv      *applet.Invocation
	session  *veth.Session
	stop     *stop
	chosen   choices
	operands []string
	// pinned is the inode of the namespace that is watched, once it is known.
	pinned uint64
}

// decide leaves everything to the work, for which the libraries need the Go
// runtime. What the first words alone decide is answered before that.
func decide(_ *launch.Workspace, inv *applet.Invocation) (*program.Program, error) {
	if inv.Early {
		if err := brief(inv); err != nil {
			return nil, err
		}
	}
	return nil, applet.Work(run)
}

func run(inv *applet.Invocation) error {
	words, err := ownOptions(inv.Args)
	if err != nil {
		return err
	}
	command, c, err := parse(inv, words, false)
	if err != nil {
		return err
	}
	c.stop = &stop{}
	if err := c.open(); err != nil {
		return fault(err)
	}
	// The end of the process closes the session: whatever comes before that end can
	// be rolled back.
	return c.settle(fault(command.run(c)))
}

// open begins the session, again where it was closed.
func (c *call) open() (err error) {
	c.session, err = veth.Open(veth.Options{AllowOwn: c.chosen.allowOwn, Container: container, ContainerOf: containerNames(), Interrupted: c.stop.interrupted})
	return err
}

// ownOptions reads the applet's own options, which stand before the command.
func ownOptions(words []string) ([]string, error) {
	flags := pflag.NewFlagSet("vethctl", pflag.ContinueOnError)
	flags.SetInterspersed(false)
	flags.Usage = func() {}
	version := flags.BoolP("version", "V", false, "")
	err := parseFlags(flags, words)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return nil, applet.Help{}
	case err != nil:
		return nil, misuse("", err.Error())
	case *version:
		return nil, applet.Version{}
	}
	return flags.Args(), nil
}

// parse reads the words of one command; inBatch leaves out the options that
// belong to the whole batch.
func parse(inv *applet.Invocation, words []string, inBatch bool) (*command, *call, error) {
	if len(words) == 0 {
		return nil, nil, noCommand()
	}
	command := findCommand(words[0])
	if command == nil {
		return nil, nil, unknownCommand(words[0])
	}
	c := &call{inv: inv}
	operands, err := optionsOf(command, &c.chosen, inBatch).parse(words[1:])
	switch {
	case err != nil:
		return nil, nil, err
	case len(operands) < command.least:
		return nil, nil, missingOperand(command.name, command.operands)
	case command.most >= 0 && len(operands) > command.most:
		return nil, nil, misuse(command.name, command.name+": unexpected operand '"+operands[command.most]+"'")
	}
	c.operands = operands
	return command, c, nil
}

// missingOperand is a command line that ends too soon.
func missingOperand(command, operands string) error {
	return misuse(command, command+": an operand is missing: "+operands)
}

// link reads an operand as a link without settings.
func (c *call) link(i int) (veth.End, error) { return veth.ParseLink(c.operands[i]) }
