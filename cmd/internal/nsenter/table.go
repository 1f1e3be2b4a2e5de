package nsenter

import (
	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
)

// kindFlags are the namespaces in the order of --help: their option letter,
// long name, name in /proc/PID/ns and description.
var kindFlags = [...]struct {
	short      byte
	long, file string
	help       string
}{
	{'m', "mount", "mnt", "enter mount namespace"},
	{'u', "uts", "uts", "enter UTS namespace (hostname etc)"},
	{'i', "ipc", "ipc", "enter System V IPC namespace"},
	{'n', "net", "net", "enter network namespace"},
	{'p', "pid", "pid", "enter pid namespace"},
	{'C', "cgroup", "cgroup", "enter cgroup namespace"},
	{'U', "user", "user", "enter user namespace"},
	{'T', "time", "time", "enter time namespace"},
}

// usage is the option table, in util-linux's order, bound to opts.
func usage(inv *applet.Invocation, opts *options) applet.Usage {
	return applet.Usage{
		Operands: "[<program> [<argument>...]]",
		Options: append(append(append(targetOptions(opts), kindOptions(opts)...),
			append(identityOptions(opts), otherOptions(opts)...)...), inv.StandardOptions()...),
		Notes: targetNotes,
	}
}

// targetNotes stands below the options in --help.
const targetNotes = `Arguments:
 <target> is a process ID, <pid>:<inode> to make sure of it by its number in pidfs,
 fd:<number> for a pidfd, @<file> for a file that holds a process ID,
 or ctr:<name> for a container by its name or the beginning of its ID`

func targetOptions(opts *options) []getopt.Option {
	return []getopt.Option{
		{Short: 'a', Long: "all", Help: "enter all namespaces", Set: getopt.Flag(&opts.all)},
		{Short: 't', Long: "target", Arg: getopt.Required, Value: "target", Values: getopt.PIDs,
			Help: "target process to get namespaces from", Set: opts.setTarget},
	}
}

// kindOptions has a line for each namespace; --net-socket stands behind --net
// and --user-parent behind --user.
func kindOptions(opts *options) []getopt.Option {
	var all []getopt.Option
	for i, k := range kindFlags {
		values := getopt.Files
		if k.long == "net" {
			values = getopt.NetNamespaces
		}
		all = append(all, getopt.Option{Short: k.short, Long: k.long, Arg: getopt.Optional, Value: "file", Values: values,
			Help: k.help, Set: func(value *string) error { return opts.kinds[i].set(value) }})
		switch k.long {
		case "net":
			all = append(all, getopt.Option{Short: 'N', Long: "net-socket", Arg: getopt.Required, Value: "fd",
				Help: "enter the network namespace of a socket of the target", Set: opts.setNetSocket})
		case "pid":
			all = append(all, getopt.Option{Long: "pid-for-children", Extra: true,
				Help: "enter the pid namespace of the target's children", Set: getopt.Flag(&opts.pidForChildren)})
		case "user":
			all = append(all, getopt.Option{Long: "user-parent",
				Help: "enter the parent of the user namespace", Set: getopt.Flag(&opts.userParent)})
		}
	}
	return all
}

func identityOptions(opts *options) []getopt.Option {
	return []getopt.Option{
		{Short: 'S', Long: "setuid", Arg: getopt.Required, Value: "uid", Values: getopt.Users,
			Help: "set uid in entered namespace (a number, or follow\nfor the target's)", Set: setIdentity("uid", &opts.uid)},
		{Short: 'G', Long: "setgid", Arg: getopt.Required, Value: "gid", Values: getopt.Groups,
			Help: "set gid in entered namespace (a number, or follow\nfor the target's)", Set: setIdentity("gid", &opts.gid)},
		{Long: "preserve-credentials", Help: "do not touch uids or gids", Set: getopt.Flag(&opts.preserve)},
		{Long: "keep-caps", Help: "retain capabilities granted in user namespaces", Set: getopt.Flag(&opts.keepCaps)},
	}
}

func otherOptions(opts *options) []getopt.Option {
	return []getopt.Option{
		{Short: 'r', Long: "root", Arg: getopt.Optional, Value: "dir", Values: getopt.Dirs, Help: "set the root directory", Set: opts.setRoot},
		{Short: 'w', Long: "wd", Arg: getopt.Optional, Value: "dir", Values: getopt.Dirs, Help: "set the working directory", Set: opts.setWD},
		{Short: 'W', Long: "wdns", Arg: getopt.Optional, Value: "dir", Values: getopt.Dirs, Help: "set the working directory in namespace", Set: opts.setWDNS},
		{Short: 'e', Long: "env", Help: "inherit environment variables from target process", Set: getopt.Flag(&opts.env)},
		{Short: 'F', Long: "no-fork", Help: "do not fork before exec'ing <program>", Set: getopt.Flag(&opts.noFork)},
		{Short: 'c', Long: "join-cgroup", Help: "join the cgroup of the target process", Set: getopt.Flag(&opts.joinCgroup)},
		{Short: 'Z', Long: "follow-context", Help: "set SELinux context according to --target PID", Set: getopt.Flag(&opts.followContext)},
		{Long: "kill-child", Extra: true, Arg: getopt.Optional, Value: "signame", Values: getopt.Signals,
			Help: "when dying, kill the forked child; implies --fork", Set: func(value *string) error { opts.killChild = orEmpty(value); return nil }},
		{Long: "forward-signals", Extra: true, Arg: getopt.Optional, Value: "list", Values: getopt.ListOf,
			Help: "forward signals to the child; implies --fork", Set: func(value *string) error { opts.forwardSignals = orEmpty(value); return nil }},
		{Long: "explain", Extra: true, Help: "show what would be done, and do nothing", Set: getopt.Flag(&opts.explain)},
	}
}

// orEmpty is the value of an option that was given.
func orEmpty(value *string) *string {
	if value == nil {
		return new(string)
	}
	return value
}
