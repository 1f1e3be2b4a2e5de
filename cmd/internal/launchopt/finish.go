package launchopt

import (
	"path"
	"slices"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
)

// binfmtDir is where binfmt_misc belongs.
const binfmtDir = "/proc/sys/fs/binfmt_misc"

// Finish decides what the options mean together: what they imply, what they
// exclude, and the command.
func (o *Options) Finish(name string, command launch.Command, env []string, hints bool) error {
	s := &o.Spec
	if (s.Monotonic != nil || s.Boottime != nil) && !s.Unshare.Has(ns.Time) {
		return applet.Failf("options --monotonic and --boottime require unsharing of a time namespace (-T)")
	}
	if s.Loopback && !s.Unshare.Has(ns.Net) {
		return applet.Failf("option --loopback requires unsharing of a network namespace (-n)")
	}
	if o.mountBinfmt && s.Binfmt == nil {
		dir := binfmtDir
		s.Binfmt = &dir
		s.Proc = orDefault(s.Proc, "/proc")
	}
	s.Name, s.Command, s.NoHints = name, command, !hints
	if o.clearEnv {
		s.Env = kept(env, o.keepEnv)
		s.Command.Path = variable(s.Env, "PATH")
	}
	return nil
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

// Command decides what is run: the operands, or a login shell without any.
// argv is the whole command line, which a waiting parent keeps showing.
func Command(argv, operands, env []string, shell func() string) launch.Command {
	if len(operands) > 0 {
		return launch.Command{File: operands[0], Args: operands, Title: argv[:len(argv)-len(operands)], Path: variable(env, "PATH")}
	}
	file, ok := prestart.Getenv(env, "SHELL")
	if !ok || file == "" {
		file = shell()
	}
	return launch.Command{File: file, Args: []string{"-" + path.Base(file)}, Title: argv, Direct: true}
}

// variable looks up a variable that may be unset.
func variable(env []string, name string) *string {
	if value, ok := prestart.Getenv(env, name); ok {
		return &value
	}
	return nil
}

// HintsWanted reports whether the environment leaves hints switched on.
func HintsWanted(env []string) bool {
	value, _ := prestart.Getenv(env, "NSKIT_HINTS")
	return strings.TrimSpace(value) != "0"
}
