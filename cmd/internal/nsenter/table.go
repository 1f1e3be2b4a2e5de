package nsenter

import (
	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/launchopt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// kindFlags are the namespaces in the order of --help.
var kindFlags = [...]struct {
	short byte
	long  string
	kind  ns.Kind
	help  string
}{
	{'m', "mount", ns.Mount, "enter mount namespace"},
	{'u', "uts", ns.UTS, "enter UTS namespace (hostname etc)"},
	{'i', "ipc", ns.IPC, "enter System V IPC namespace"},
	{'n', "net", ns.Net, "enter network namespace"},
	{'p', "pid", ns.PID, "enter pid namespace"},
	{'C', "cgroup", ns.Cgroup, "enter cgroup namespace"},
	{'U', "user", ns.User, "enter user namespace"},
	{'T', "time", ns.Time, "enter time namespace"},
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
	for _, k := range kindFlags {
		values := getopt.Files
		if k.kind == ns.Net {
			values = getopt.NetNamespaces
		}
		all = append(all, getopt.Option{Short: k.short, Long: k.long, Arg: getopt.Optional, Value: "file", Values: values,
			Help: k.help, Set: func(value *string) error { return opts.kinds[k.kind].set(value) }})
		switch k.kind {
		case ns.Net:
			all = append(all, getopt.Option{Short: 'N', Long: "net-socket", Arg: getopt.Required, Value: "fd",
				Help: "enter the network namespace of a socket of the target", Set: opts.setNetSocket})
		case ns.PID:
			all = append(all, getopt.Option{Long: "pid-for-children", Extra: true,
				Help: "enter the pid namespace of the target's children", Set: getopt.Flag(&opts.pidForChildren)})
		case ns.User:
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
		extra(launchopt.KillChild(func(sig unix.Signal) { opts.killChild = sig })),
		extra(launchopt.ForwardSignals(func(sigs []unix.Signal) { opts.forward = sigs })),
		{Long: "explain", Extra: true, Help: "show the system calls instead of making them", Set: getopt.Flag(&opts.explain)},
	}
}

// extra marks an option as one that util-linux's nsenter does not have.
func extra(opt getopt.Option) getopt.Option {
	opt.Extra = true
	return opt
}
