package launchopt

import (
	"path"
	"slices"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// Finish decides what the options mean together: what they imply, what they
// exclude, the command, and who the caller is. operands are the end of the
// command line, whose whole a waiting parent keeps showing.
func (o *Options) Finish(inv *applet.Invocation, operands, env []string) error {
	name, argv := inv.Name, inv.Argv
	inv.Explain, inv.ExplainAll = o.Explain, o.ExplainAll
	s := &o.Spec
	s.Name, s.NoHints = name, !hintsWanted(env)
	if err := o.check(); err != nil {
		return err
	}
	if o.mountBinfmt && !s.Binfmt.Set {
		s.Binfmt = launch.Some(mnt.BinfmtDir)
		if !s.Proc.Set {
			s.Proc = launch.Some("/proc")
		}
	}
	o.command(argv, operands, env)
	if o.clearEnv {
		s.Env = kept(env, o.keepEnv)
		o.searchPath(s.Env)
	}
	return nil
}

// check refuses options that need others.
func (o *Options) check() error {
	s := &o.Spec
	if (s.Monotonic.Set || s.Boottime.Set) && !s.Unshare.Has(ns.Time) {
		return applet.Fail("options --monotonic and --boottime require unsharing of a time namespace (-T)")
	}
	if s.Loopback && !s.Unshare.Has(ns.Net) {
		return applet.Fail("option --loopback requires unsharing of a network namespace (-n)")
	}
	o.finishCaps()
	if err := o.checkSysctls(); err != nil {
		return err
	}
	if err := o.checkNetns(); err != nil {
		return err
	}
	return o.checkReady()
}

// command decides what is run: the operands, or a login shell without any.
func (o *Options) command(argv, operands, env []string) {
	o.searchPath(env)
	c := &o.Spec.Command
	c.Login, c.Direct = false, false // nsenter decides twice, with another environment
	if len(operands) > 0 {
		c.File, c.Args, c.Title = operands[0], operands, argv[:len(argv)-len(operands)]
		return
	}
	file, _ := prestart.Getenv(env, "SHELL")
	switch {
	case file != "":
	case o.elsewhere():
		file, c.Login = "/bin/sh", true
	default:
		file = o.System.LoginShell()
	}
	c.File, c.Args, c.Title, c.Direct = file, []string{"-" + path.Base(file)}, argv, true
}

// elsewhere reports whether the command may begin with another root or as
// another user, whose login shell only that root knows.
func (o *Options) elsewhere() bool {
	s := &o.Spec
	mapped := s.Users.Single.Set || len(s.Users.Blocks) > 0
	return o.Own != nil || s.Root.Set || s.UID.Set || s.Unshare.Has(ns.User) && mapped
}

// searchPath takes PATH from an environment.
func (o *Options) searchPath(env []string) {
	o.Spec.Command.Path = variable(env, "PATH")
}

// kept is an environment of the named variables that env has; as upstream's,
// it comes out in the reverse order of the names.
func kept(env, names []string) []string {
	left := []string{}
	var seen []string
	for i := len(names) - 1; i >= 0; i-- {
		value, ok := prestart.Getenv(env, names[i])
		if ok && !slices.Contains(seen, names[i]) {
			left = append(left, names[i]+"="+value)
			seen = append(seen, names[i])
		}
	}
	return left
}

// hintsWanted reports whether the environment leaves hints switched on.
func hintsWanted(env []string) bool {
	value, _ := prestart.Getenv(env, "NSKIT_HINTS")
	return value != "0"
}

// Caller describes this process to package launch. Only what the Spec needs is
// looked up.
func (o *Options) Caller(env []string) launch.Caller {
	c := launch.Caller{PID: int(prestart.Syscall(unix.SYS_GETPID, 0, 0, 0, 0, 0, 0))}
	c.UID, c.GID = o.System.IDs()
	c.Path = variable(env, "PATH")
	if o.Spec.KeepCaps || o.Spec.Drop != 0 {
		c.LastCap = o.System.LastCap()
	}
	return c
}

// variable is one of an environment.
func variable(env []string, name string) launch.Maybe[string] {
	value, set := prestart.Getenv(env, name)
	return launch.Maybe[string]{Value: value, Set: set}
}
