// Package nsenter is the applet that runs a program in the namespaces of
// another process, as nsenter(1) of util-linux does.
package nsenter

import (
	"os"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/launchopt"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/pkg/launch"
)

// Applet is its entry in the registry.
var Applet = &applet.Applet{
	Name:       "nsenter",
	Section:    1,
	Summary:    "Run a program with namespaces of other processes.",
	Compatible: "util-linux 2.43",
	Usages: func(inv *applet.Invocation) []applet.Usage {
		return []applet.Usage{usage(inv, &options{})}
	},
	Run: run,
}

func run(inv *applet.Invocation) error {
	opts, err := parse(inv)
	if err != nil {
		return err
	}
	env := prestart.Environ()
	seen, err := look(opts, env)
	if err != nil {
		return err
	}
	caller := launchopt.Caller(launch.Spec{KeepCaps: opts.keepCaps}, env)
	if seen.env != nil {
		env = seen.env
	}
	command := launchopt.Command(inv.Argv, opts.command, env, launchopt.LoginShell)
	entry := opts.entry(inv.Name, command, seen)
	entry.NoHints = !launchopt.HintsWanted(prestart.Environ())
	return launchopt.Carry(inv, launch.Enter(entry, caller), opts.explain)
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
func look(opts *options, env []string) (sight, error) {
	var s sight
	var err error
	if s.target, err = find(opts, env); err != nil {
		return s, err
	}
	if opts.followContext {
		_, err := os.Stat("/sys/fs/selinux/enforce")
		s.selinux = err == nil
	}
	if opts.joinCgroup {
		if s.group, err = groupFile(s.target.PID, opts.explain); err != nil {
			return s, err
		}
	}
	if opts.env && !opts.explain {
		s.env, err = environ(opts, s.target)
	}
	return s, err
}

// looksFirst says whether something of the target is read before it is entered.
func (o *options) looksFirst() bool {
	return (o.env || o.joinCgroup || o.netSocket != nil) && !o.explain
}
