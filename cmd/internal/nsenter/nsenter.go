// Package nsenter is the applet that runs a program in the namespaces of
// another process, as nsenter(1) of util-linux does.
package nsenter

import (
	"os"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/launchopt"
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/pkg/launch"
)

// Applet is its entry in the registry.
var Applet = applet.Applet{
	Name:       "nsenter",
	Section:    1,
	Summary:    "Run a program with namespaces of other processes.",
	Compatible: "util-linux 2.43",
	Usages:     usages,
	Helps:      &helps,
	Decide:     decide,
}

func usages(string) []applet.Usage {
	return []applet.Usage{{Operands: "[<program> [<argument>...]]", Options: table[:], Notes: notes}}
}

// invocation is all memory that a call of nsenter needs.
type invocation struct {
	launchopt.Memory
	shared *launchopt.Options
	own    options
	target launch.Target
	entry  launch.Entry
}

// memory is what decide works in.
var memory invocation

// decide makes the Program of a command line. Before the Go runtime has started
// it does so where the command line alone decides.
func decide(w *launch.Workspace, inv *applet.Invocation) (*program.Program, error) {
	i := &memory
	if len(inv.Args) == 2 && inv.Args[0] == internalFill {
		return nil, applet.Work(fill)
	}
	operands, err := i.parse(inv)
	if err != nil || i.own.replaces() && !inv.Explain {
		if unopenable := i.own.unopenable(); unopenable != nil {
			return nil, unopenable
		}
	}
	if err != nil {
		return nil, err
	}
	if i.own.each.given && !inv.Explain {
		return nil, applet.Work(i.runEach)
	}
	var seen sight
	switch {
	case i.own.plain():
		seen.target = i.plainTarget()
	case inv.Early:
		return nil, applet.NeedsRuntime
	default:
		if seen, err = i.look(inv.Env); err != nil {
			return nil, err
		}
	}
	if seen.inside != nil {
		seen.env = i.bringCommand(&seen, inv.Env)
	}
	caller := i.shared.Caller(inv.Env)
	if seen.env != nil { // the program is looked for with the target's variables
		quiet := i.shared.Spec.NoHints
		if err := i.shared.Finish(inv, operands, seen.env); err != nil {
			return nil, err
		}
		i.shared.Spec.NoHints = quiet
	}
	if i.own.brings != nil {
		i.shared.Spec.Command = i.own.brings.commandOf(i.shared.Spec.Command, inv.Argv, operands)
	}
	i.own.entry(&i.entry, i.shared, seen)
	if i.own.each.given { // explained: each is entered in this way
		i.entry.Add(launch.Join{Kind: i.own.each.kind, From: launch.FromFile, Path: "/proc/self/fd/(each namespace of type " + i.own.each.kind.String() + ")"})
	}
	return w.Enter(&i.entry, &caller), nil
}

// parse fills in the options from a command line.
func (i *invocation) parse(inv *applet.Invocation) ([]string, error) {
	*i = invocation{}
	i.shared = i.Begin(&i.own)
	operands, err := i.shared.Parser.Parse(i.shared, inv.Args, table[:], getopt.StopAtOperand)
	if err != nil {
		return nil, err
	}
	if err := i.own.check(); err != nil {
		return nil, err
	}
	if i.own.brings != nil {
		i.own.completeBringing(len(operands))
	}
	return operands, i.shared.Finish(inv, operands, inv.Env)
}

// unopenable tries to open the files that were named before an error was met,
// and those that another takes the place of: util-linux opens all of them while
// it reads the command line, so what is wrong with them is said first.
func (o *options) unopenable() error {
	for _, path := range o.named {
		if errno := rawfile.Probe(path); errno != 0 {
			return applet.Fail("cannot open ", path).With(errno)
		}
	}
	return nil
}

// plain says that the command line alone decides everything.
func (o *options) plain() bool {
	return o.target.kind <= byPID && !o.looksFirst() && !o.followContext && o.brings == nil && o.netns == ""
}

// plainTarget is a target that is named by its PID.
func (i *invocation) plainTarget() *launch.Target {
	if i.own.target.kind == none {
		return nil
	}
	i.target = launch.Target{PID: i.own.target.pid, Inode: i.own.target.inode}
	return &i.target
}

// sight is what had to be looked up before anything could be decided.
type sight struct {
	target *launch.Target
	// env is the target's environment, nil if it was not asked for.
	env []string
	// group is the path of the target's cgroup.procs, if it was asked for.
	group launch.Maybe[string]
	// inside is what is brought along, nil for nothing.
	inside *launch.Inside
	// netns is what belongs to a named network namespace, nil for none.
	netns *launch.Netns
	// selinux says that there are SELinux contexts here.
	selinux bool
}

// look reads what the options refer to. For --explain nothing of the target is
// read: it may be closed to the caller, or gone.
func (i *invocation) look(env []string) (sight, error) {
	var s sight
	var err error
	o, explain := &i.own, i.shared.Explain
	if s.target, err = i.find(env); err != nil {
		return s, err
	}
	if s.netns, err = netnsView(o.netns); err != nil {
		return s, err
	}
	if o.followContext {
		_, err := os.Stat("/sys/fs/selinux/enforce")
		s.selinux = err == nil
	}
	if o.joinCgroup {
		s.group.Set = true
		if s.group.Value, err = groupFile(s.target.PID, explain); err != nil {
			return s, err
		}
	}
	if o.env && !explain {
		if s.env, err = i.environ(s.target); err != nil {
			return s, err
		}
	}
	if o.brings != nil {
		s.inside, err = i.lookInside(s.target.PID, env)
	}
	return s, err
}

// looksFirst says whether something of the target is read before it is entered.
func (o *options) looksFirst() bool {
	return o.env || o.joinCgroup || o.netSocket.given || o.brings != nil && o.brings.tools
}
