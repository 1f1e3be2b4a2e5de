// Package launchopt has what the applets that start a program share: the
// options that describe new namespaces, the command line behind them, and what
// becomes of the decision, which is to be explained or carried out.
package launchopt

import (
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/values"
	"github.com/nskit/nskit/pkg/idmap"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// Options is what a command line asks for, as far as it describes a Spec.
type Options struct {
	// Spec is filled in option by option; Finish adds what they imply.
	Spec launch.Spec
	// Explain prints the Program instead of carrying it out.
	Explain bool

	clearEnv bool
	keepEnv  []string
	// mountBinfmt is set when binfmt_misc is to be mounted on its usual place,
	// which needs a /proc.
	mountBinfmt bool
}

// namespace is the option that makes one kind of namespace.
func (o *Options) namespace(short byte, long string, kind ns.Kind, title string) getopt.Option {
	return getopt.Option{
		Short: short, Long: long, Arg: getopt.OptionalLong, Value: "file", Values: getopt.Files,
		Help: "unshare " + title + " namespace",
		Set: func(file *string) error {
			o.Spec.Unshare = o.Spec.Unshare.With(kind)
			if file != nil {
				o.Spec.Persist = append(o.Spec.Persist, launch.Persist{Kind: kind, Path: *file})
			}
			return nil
		},
	}
}

// Unshare is the table of unshare's options, in its order. env looks up what
// values refer to.
func (o *Options) Unshare(env Lookups) []getopt.Option {
	s := &o.Spec
	return append([]getopt.Option{
		o.namespace('m', "mount", ns.Mount, "mounts"),
		o.namespace('u', "uts", ns.UTS, "UTS"),
		o.namespace('i', "ipc", ns.IPC, "System V IPC"),
		o.namespace('n', "net", ns.Net, "network"),
		o.namespace('p', "pid", ns.PID, "pid"),
		o.namespace('U', "user", ns.User, "user"),
		o.namespace('C', "cgroup", ns.Cgroup, "cgroup"),
		o.namespace('T', "time", ns.Time, "time"),
		{Short: 'f', Long: "fork", Help: "fork before launching <program>", Set: getopt.Flag(&s.Fork)},
		o.killChild(),
		o.forwardSignals(),
		{Long: "mount-proc", Arg: getopt.Optional, Value: "dir", Values: getopt.Dirs, Help: "mount proc filesystem first (implies --mount)",
			Set: func(dir *string) error {
				s.Unshare = s.Unshare.With(ns.Mount)
				s.Proc = orDefault(dir, "/proc")
				return nil
			}},
		{Long: "mount-binfmt", Arg: getopt.Optional, Value: "dir", Values: getopt.Dirs,
			Help: "mount binfmt filesystem first (implies --user and --mount)",
			Set: func(dir *string) error {
				o.implyBinfmt()
				if dir != nil {
					s.Binfmt = dir
				}
				o.mountBinfmt = o.mountBinfmt || dir == nil
				return nil
			}},
		{Long: "map-user", Arg: getopt.Required, Value: "uid|name", Values: getopt.Users, Help: "map current user to uid (implies --user)",
			Set: func(text *string) error { return o.single(&s.Users, *text, "uid", env.User) }},
		{Long: "map-users", Arg: getopt.Required, Value: "inneruid:outeruid:count", Values: getopt.OneOf, Words: mapWords,
			Help: "map count users from outeruid to inneruid\n(implies --user); also auto, subids or all",
			Set:  func(text *string) error { return o.blocks(&s.Users, *text, env, env.SubUIDs, "/proc/self/uid_map") }},
		{Long: "map-group", Arg: getopt.Required, Value: "gid|name", Values: getopt.Groups, Help: "map current group to gid (implies --user)",
			Set: func(text *string) error { return o.single(&s.Groups, *text, "gid", env.Group) }},
		{Long: "map-groups", Arg: getopt.Required, Value: "innergid:outergid:count", Values: getopt.OneOf, Words: mapWords,
			Help: "map count groups from outergid to innergid\n(implies --user); also auto, subids or all",
			Set:  func(text *string) error { return o.blocks(&s.Groups, *text, env, env.SubGIDs, "/proc/self/gid_map") }},
		{Short: 'r', Long: "map-root-user", Help: "map current user to root (implies --user)",
			Set: func(*string) error { return o.mapBoth(0, 0) }},
		{Short: 'c', Long: "map-current-user", Help: "map current user to itself (implies --user)",
			Set: func(*string) error { return o.mapBoth(env.UID, env.GID) }},
		{Long: "map-auto", Help: "map users and groups automatically (implies --user)",
			Set: func(*string) error { return o.bothBlocks("auto", env) }},
		{Long: "map-subids", Help: "identity map subordinate ids (implies --user)",
			Set: func(*string) error { return o.bothBlocks("subids", env) }},
		{Long: "owner", Arg: getopt.Required, Value: "uid:gid", Help: "set user namespace owner (implies --user)", Set: o.owner},
		{Long: "propagation", Arg: getopt.Required, Value: "slave|shared|private|unchanged", Values: getopt.OneOf, Words: propagationWords(),
			Help: "modify mount propagation in mount namespace", Set: o.propagation},
		{Long: "setgroups", Arg: getopt.Required, Value: "allow|deny", Values: getopt.OneOf, Words: []string{"allow", "deny"},
			Help: "control the setgroups syscall in user namespaces", Set: o.setgroups},
		{Long: "keep-caps", Help: "retain capabilities granted in user namespaces", Set: getopt.Flag(&s.KeepCaps)},
		{Short: 'S', Long: "setuid", Arg: getopt.Required, Value: "uid", Help: "set uid in entered namespace", Set: ID(&s.UID, "uid")},
		{Short: 'G', Long: "setgid", Arg: getopt.Required, Value: "gid", Help: "set gid in entered namespace", Set: ID(&s.GID, "gid")},
		{Short: 'R', Long: "root", Arg: getopt.Required, Value: "dir", Values: getopt.Dirs, Help: "run the command with root directory set to <dir>",
			Set: keep(&s.Root)},
		{Short: 'w', Long: "wd", Arg: getopt.Required, Value: "dir", Values: getopt.Dirs, Help: "change working directory to <dir>",
			Set: keep(&s.Dir)},
		{Long: "monotonic", Arg: getopt.Required, Value: "offset", Help: "set clock monotonic offset (seconds) in time namespaces",
			Set: clock(&s.Monotonic, "monotonic")},
		{Long: "boottime", Arg: getopt.Required, Value: "offset", Help: "set clock boottime offset (seconds) in time namespaces",
			Set: clock(&s.Boottime, "boottime")},
		{Short: 'l', Long: "load-interp", Arg: getopt.Required, Value: "string", Help: "load binfmt definition in the namespace (implies --mount-binfmt)",
			Set: func(line *string) error {
				o.implyBinfmt()
				s.Interpreter = line
				o.mountBinfmt = o.mountBinfmt || s.Binfmt == nil
				return nil
			}},
		{Long: "clear-env", Help: "clear all environment variables", Set: getopt.Flag(&o.clearEnv)},
		{Long: "whitelist-env", Arg: getopt.Required, Value: "list", Help: "clear the environment but for these variables", Set: o.whitelist},
	}, o.extras()...)
}

// extras are the options that util-linux does not have.
func (o *Options) extras() []getopt.Option {
	s := &o.Spec
	return []getopt.Option{
		{Long: "hostname", Extra: true, Arg: getopt.Required, Value: "name", Help: "set the host name (implies --uts)",
			Set: func(name *string) error {
				s.Unshare = s.Unshare.With(ns.UTS)
				s.Hostname = name
				return nil
			}},
		{Long: "loopback", Extra: true, Help: "bring the loopback interface up (needs --net)", Set: getopt.Flag(&s.Loopback)},
		{Long: "explain", Extra: true, Help: "show the system calls instead of making them", Set: getopt.Flag(&o.Explain)},
	}
}

// mapWords stand for ranges of their own.
var mapWords = []string{"auto", "subids", "all"}

func propagationWords() []string {
	var words []string
	for _, p := range mnt.Propagations() {
		words = append(words, string(p))
	}
	return words
}

func (o *Options) killChild() getopt.Option {
	return getopt.Option{
		Long: "kill-child", Arg: getopt.Optional, Value: "signame", Values: getopt.Signals,
		Help: "when dying, kill the forked child (implies --fork)\ndefaults to SIGKILL",
		Set: func(name *string) error {
			sig, err := values.Signal(*orDefault(name, "KILL"))
			o.Spec.Fork, o.Spec.KillChild = true, sig
			return err
		},
	}
}

func (o *Options) forwardSignals() getopt.Option {
	return getopt.Option{
		Long: "forward-signals", Arg: getopt.Optional, Value: "list", Values: getopt.Signals,
		Help: "forward signals to the child (implies --fork)\ndefaults to SIGTERM and SIGINT",
		Set: func(list *string) error {
			sigs, err := values.Signals(*orDefault(list, "TERM,INT"))
			if err == nil {
				err = forwardable(sigs)
			}
			o.Spec.Fork, o.Spec.Forward = true, sigs
			return err
		},
	}
}

// forwardable refuses what no process can catch.
func forwardable(sigs []unix.Signal) error {
	for _, sig := range sigs {
		if sig == unix.SIGKILL || sig == unix.SIGSTOP || sig == unix.SIGCHLD {
			return applet.Failf("cannot forward signal: %s", strings.TrimPrefix(unix.SignalName(sig), "SIG"))
		}
	}
	return nil
}

func (o *Options) implyBinfmt() {
	o.Spec.Unshare = o.Spec.Unshare.With(ns.Mount).With(ns.User)
}

// user notes that an option implies --user.
func (o *Options) user() { o.Spec.Unshare = o.Spec.Unshare.With(ns.User) }

// mapBoth maps the caller's own user and group.
func (o *Options) mapBoth(uid, gid uint32) error {
	o.user()
	o.Spec.Users.Single, o.Spec.Groups.Single = &uid, &gid
	return nil
}

// single maps one ID, given by number or by name. 4294967295 means "none" to
// the kernel and cannot be mapped.
func (o *Options) single(ids *launch.IDs, text, what string, byName func(string) (uint32, bool)) error {
	o.user()
	id, ok := byName(text)
	if !ok {
		var err error
		if id, err = values.Uint32(text, what); err != nil || id == 1<<32-1 {
			return &applet.Error{Text: "failed to parse " + what + " '" + text + "'", Err: unix.EINVAL}
		}
	}
	ids.Single = &id
	return nil
}

// blocks adds ranges: written out, or those of a file.
func (o *Options) blocks(ids *launch.IDs, text string, env Lookups, subIDs func() (idmap.Range, error), own string) error {
	o.user()
	switch text {
	case "auto", "subids":
		r, err := subIDs()
		if err != nil {
			return err
		}
		if text == "subids" {
			r.Inner = r.Outer
		}
		ids.Blocks = append(ids.Blocks, idmap.Block{Range: r, Grows: true})
		return nil
	case "all":
		all, err := env.Identity(own)
		ids.Blocks = append(ids.Blocks, all...)
		return err
	}
	r, ok := idmap.Parse(text)
	if !ok {
		return applet.Failf("invalid mapping '%s'", text)
	}
	ids.Blocks = append(ids.Blocks, idmap.Block{Range: r})
	return nil
}

func (o *Options) bothBlocks(word string, env Lookups) error {
	if err := o.blocks(&o.Spec.Users, word, env, env.SubUIDs, ""); err != nil {
		return err
	}
	return o.blocks(&o.Spec.Groups, word, env, env.SubGIDs, "")
}

func (o *Options) owner(text *string) error {
	o.user()
	uid, gid, found := strings.Cut(*text, ":")
	u, err1 := values.Uint32(uid, "owner")
	g, err2 := values.Uint32(gid, "owner")
	if !found || err1 != nil || err2 != nil {
		return applet.Failf("failed to parse owner")
	}
	o.Spec.Owner = &launch.Owner{UID: u, GID: g}
	return nil
}

func (o *Options) propagation(name *string) error {
	p, ok := mnt.ParsePropagation(*name)
	if !ok {
		return applet.Failf("unsupported propagation mode: %s", *name)
	}
	o.Spec.Propagation = p
	return nil
}

func (o *Options) setgroups(word *string) error {
	switch s := launch.Setgroups(*word); s {
	case launch.SetgroupsAllow, launch.SetgroupsDeny:
		o.Spec.Setgroups = s
		return nil
	}
	return applet.Failf("unsupported --setgroups argument '%s'", *word)
}

// whitelist adds variables to keep; an empty list asks for nothing.
func (o *Options) whitelist(list *string) error {
	if *list != "" {
		o.clearEnv = true
		o.keepEnv = append(o.keepEnv, strings.Split(*list, ",")...)
	}
	return nil
}

// ID is a Set that reads a user or group ID.
func ID(id **uint32, what string) func(*string) error {
	return func(text *string) error {
		n, err := values.Uint32(*text, what)
		*id = &n
		return err
	}
}

func clock(offset **int64, what string) func(*string) error {
	return func(text *string) error {
		n, err := values.Int64(*text, what+" offset")
		*offset = &n
		return err
	}
}

func keep(kept **string) func(*string) error {
	return func(value *string) error {
		*kept = value
		return nil
	}
}

func orDefault(value *string, otherwise string) *string {
	if value != nil {
		return value
	}
	return &otherwise
}
