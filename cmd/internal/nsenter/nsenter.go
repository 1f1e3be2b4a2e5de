// Package nsenter is the applet that runs a program in the namespaces of
// another process, as nsenter(1) of util-linux does.
package nsenter

import (
	"cmp"
	"errors"
	"io/fs"
	"os"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/launchopt"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/program"
	"golang.org/x/sys/unix"
)

// Applet is its entry in the registry.
var Applet = applet.Applet{
	Name:       "nsenter",
	Section:    1,
	Summary:    "Run a program with namespaces of other processes.",
	Compatible: "util-linux 2.43",
	Usages:     usages,
	Run:        run,
	Plan:       plan,
}

func usages(*applet.Invocation) []applet.Usage {
	return []applet.Usage{{Operands: "[<program> [<argument>...]]", Options: table[:], Notes: notes}}
}

// invocation is all memory that a call of nsenter needs.
type invocation struct {
	shared launchopt.Options
	system launchopt.System
	own    options
	target launch.Target
	entry  launch.Entry
}

func run(inv *applet.Invocation) error {
	var i invocation
	env := prestart.Environ()
	operands, err := i.parse(inv.Name, inv.Argv, inv.Args, env)
	if err != nil {
		return cmp.Or(i.own.unopenable(), err)
	}
	if i.own.replaces() && !i.shared.Explain {
		if err := i.own.unopenable(); err != nil {
			return err
		}
	}
	seen, err := i.look(env)
	if err != nil {
		return err
	}
	caller := i.shared.Caller(env)
	if seen.env != nil { // the program is looked for with the target's variables
		quiet := i.shared.Spec.NoHints
		if err := i.shared.Finish(inv.Name, inv.Argv, operands, seen.env); err != nil {
			return err
		}
		i.shared.Spec.NoHints = quiet
	}
	i.own.entry(&i.entry, &i.shared, seen)
	return launchopt.Carry(inv, launch.Enter(&i.entry, &caller), i.shared.Explain)
}

// parse fills in the options from a command line.
func (i *invocation) parse(name string, argv, args, env []string) ([]string, error) {
	i.system = launchopt.ThisSystem()
	i.shared.System, i.shared.Own = &i.system, &i.own
	operands, err := getopt.ParseInto(&i.shared, args, table[:], getopt.StopAtOperand)
	if err != nil {
		return nil, err
	}
	if err := i.own.check(); err != nil {
		return nil, err
	}
	return operands, i.shared.Finish(name, argv, operands, env)
}

// unopenable tries to open the files that were named before an error was met,
// and those that another takes the place of: util-linux opens all of them while
// it reads the command line, so what is wrong with them is said first.
func (o *options) unopenable() error {
	for _, path := range o.named {
		file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
		var cause *fs.PathError
		if errors.As(err, &cause) {
			return &applet.Error{Text: "cannot open " + path, Err: cause.Err}
		}
		file.Close()
	}
	return nil
}

// early is the memory of plan, which cannot allocate any.
var early invocation

// plan is run where nothing has to be looked at first and nothing is explained.
func plan(w *launch.Workspace, name string, argv, args, env []string) *program.Program {
	i := &early
	*i = invocation{}
	if _, err := i.parse(name, argv, args, env); err != nil || i.shared.Explain || !i.own.plain() {
		return nil
	}
	caller := i.shared.Caller(env)
	i.own.entry(&i.entry, &i.shared, sight{target: i.plainTarget()})
	return w.Enter(&i.entry, &caller)
}

// plain says that the command line alone decides everything.
func (o *options) plain() bool {
	return !o.replaces() && o.target.kind <= byPID && !o.looksFirst() && !o.followContext
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
	// group is the path of the target's cgroup.procs, nil if it was not asked for.
	group *string
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
	if o.followContext {
		_, err := os.Stat("/sys/fs/selinux/enforce")
		s.selinux = err == nil
	}
	if o.joinCgroup {
		if s.group, err = groupFile(s.target.PID, explain); err != nil {
			return s, err
		}
	}
	if o.env && !explain {
		s.env, err = i.environ(s.target)
	}
	return s, err
}

// looksFirst says whether something of the target is read before it is entered.
func (o *options) looksFirst() bool { return o.env || o.joinCgroup || o.netSocket.given }
