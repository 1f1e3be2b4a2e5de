package nsenter

import (
	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/launchopt"
	"github.com/nskit/nskit/pkg/ns"
)

// table has nsenter's options in the order of util-linux, which its lists of
// possibilities follow.
var table = [...]getopt.Option{
	{Short: 'a', Long: "all", Num: flagAll, Apply: setFlag, Help: "enter all namespaces"},
	{Short: 't', Long: "target", Arg: getopt.Required, Value: "target", Values: getopt.PIDs, Apply: setTarget,
		Help: "target process to get namespaces from"},
	{Short: 'm', Long: "mount", Arg: getopt.Optional, Value: "file", Values: getopt.Files, Num: int(ns.Mount), Apply: setKind,
		Help: "enter mount namespace"},
	{Short: 'u', Long: "uts", Arg: getopt.Optional, Value: "file", Values: getopt.Files, Num: int(ns.UTS), Apply: setKind,
		Help: "enter UTS namespace (hostname etc)"},
	{Short: 'i', Long: "ipc", Arg: getopt.Optional, Value: "file", Values: getopt.Files, Num: int(ns.IPC), Apply: setKind,
		Help: "enter System V IPC namespace"},
	{Short: 'n', Long: "net", Arg: getopt.Optional, Value: "file", Values: getopt.NetNamespaces, Num: int(ns.Net), Apply: setKind,
		Help: "enter network namespace"},
	{Short: 'N', Long: "net-socket", Arg: getopt.Required, Value: "fd", Apply: setNetSocket,
		Help: "enter network namespace of the target's socket <fd>"},
	{Short: 'p', Long: "pid", Arg: getopt.Optional, Value: "file", Values: getopt.Files, Num: int(ns.PID), Apply: setKind,
		Help: "enter pid namespace"},
	{Short: 'C', Long: "cgroup", Arg: getopt.Optional, Value: "file", Values: getopt.Files, Num: int(ns.Cgroup), Apply: setKind,
		Help: "enter cgroup namespace"},
	{Short: 'U', Long: "user", Arg: getopt.Optional, Value: "file", Values: getopt.Files, Num: int(ns.User), Apply: setKind,
		Help: "enter user namespace"},
	{Long: "user-parent", Num: flagUserParent, Apply: setFlag,
		Help: "enter parent user namespace"},
	{Short: 'T', Long: "time", Arg: getopt.Optional, Value: "file", Values: getopt.Files, Num: int(ns.Time), Apply: setKind,
		Help: "enter time namespace"},
	{Short: 'S', Long: "setuid", Arg: getopt.Required, Value: "uid", Values: getopt.OneOf, Words: []string{"follow"}, Apply: setUID,
		Help: "set uid in entered namespace: a number, or follow\nfor the target's own"},
	{Short: 'G', Long: "setgid", Arg: getopt.Required, Value: "gid", Values: getopt.OneOf, Words: []string{"follow"}, Apply: setGID,
		Help: "set gid in entered namespace: a number, or follow\nfor the target's own"},
	{Long: "preserve-credentials", Num: flagPreserve, Apply: setFlag,
		Help: "do not touch uids or gids"},
	{Long: "keep-caps", Num: flagKeepCaps, Apply: setFlag,
		Help: "retain capabilities granted in user namespaces"},
	{Short: 'r', Long: "root", Arg: getopt.Optional, Value: "dir", Values: getopt.Dirs, Apply: setRoot,
		Help: "set the root directory"},
	{Short: 'w', Long: "wd", Arg: getopt.Optional, Value: "dir", Values: getopt.Dirs, Apply: setWD,
		Help: "set the working directory"},
	{Short: 'W', Long: "wdns", Arg: getopt.Optional, Value: "dir", Values: getopt.Dirs, Apply: setWDNS,
		Help: "set the working directory in namespace"},
	{Short: 'e', Long: "env", Num: flagEnv, Apply: setFlag,
		Help: "inherit environment variables from target process"},
	{Short: 'F', Long: "no-fork", Num: flagNoFork, Apply: setFlag,
		Help: "do not fork before exec'ing <program>"},
	{Short: 'c', Long: "join-cgroup", Num: flagJoinCgroup, Apply: setFlag,
		Help: "join the cgroup of the target process"},
	{Short: 'Z', Long: "follow-context", Num: flagFollowContext, Apply: setFlag,
		Help: "set SELinux context according to --target PID"},

	{Long: "pid-for-children", Extra: true, Num: flagPIDForChildren, Apply: setFlag,
		Help: "enter the pid namespace of the target's children"},
	{Long: "netns", Extra: true, Arg: getopt.Required, Value: "name", Values: getopt.NetNamespaces, Apply: setNetns,
		Help: "enter a network namespace as ip netns exec does, with\nits own /sys and the files in /etc/netns/<name>"},
	{Long: "in-cgroup", Extra: true, Arg: getopt.Required, Value: "dir", Values: getopt.Dirs, Apply: launchopt.InCgroup,
		Help: "start in the control group of <dir>"},
	{Long: "no-new-privs", Extra: true, Apply: launchopt.NoNewPrivs,
		Help: "set no_new_privs: set-user-ID bits have no effect"},
	{Long: "cap-drop", Extra: true, Arg: getopt.Required, Value: "list|all", Values: getopt.Capabilities, Apply: launchopt.CapDrop,
		Help: "drop capabilities for good"},
	{Long: "cap-keep", Extra: true, Arg: getopt.Required, Value: "list", Values: getopt.Capabilities, Apply: launchopt.CapKeep,
		Help: "drop all capabilities but these"},
	{Long: "each", Extra: true, Arg: getopt.Optional, Value: "type", Values: getopt.OneOf, Words: []string{"net", "mnt", "uts", "ipc", "pid", "cgroup", "user", "time"}, Apply: setEach,
		Help: "run the program in every namespace of a type, network\nnamespaces by default, with its name in front of each line"},
	{Long: "json", Extra: true, Num: flagJSON, Apply: setFlag,
		Help: "with --each: a line of JSON for each namespace"},
	{Long: "wait", Extra: true, Arg: getopt.Optional, Value: "seconds", Apply: setWait,
		Help: "wait until the target exists and has new namespaces,\nfor at most this number of seconds"},
	{Long: "kill-child", Extra: true, Arg: getopt.Optional, Value: "signame", Values: getopt.Signals, Apply: launchopt.KillChild,
		Help: "run a child, and kill it when nsenter dies;\ndefaults to SIGKILL"},
	{Long: "forward-signals", Extra: true, Arg: getopt.Optional, Value: "list", Values: getopt.Signals, Apply: launchopt.ForwardSignals,
		Help: "run a child, and forward signals to it;\ndefaults to SIGTERM and SIGINT"},
	{Long: "tools", Extra: true, Arg: getopt.Optional, Value: "source", Values: getopt.Files, Apply: setTools,
		Help: "give <program> tools that the target lacks: a static\nprogram, a directory or an archive; by default busybox,\nor the programs of the host"},
	{Long: "carry", Extra: true, Arg: getopt.Required, Value: "program", Values: getopt.Files, Apply: setCarry,
		Help: "run a static program of the host, from memory"},
	{Long: "attach", Extra: true, Arg: getopt.Required, Value: "mount", Values: getopt.Files, Apply: setAttach,
		Help: "mount in the running target, which sees it:\n<src>:<dst>[:ro,nosuid,nodev,noexec,rec,mkdir]"},
	{Long: "detach", Extra: true, Arg: getopt.Required, Value: "dir", Apply: setDetach,
		Help: "unmount in the running target"},
	{Long: "explain", Extra: true, Arg: getopt.Optional, Value: "all", Values: getopt.OneOf, Words: []string{"all"}, Apply: launchopt.Explain,
		Help: "show the system calls instead of making them"},

	{Short: 'h', Long: "help", Apply: applet.AskHelp, Help: "display this help"},
	{Short: 'V', Long: "version", Apply: applet.AskVersion, Help: "display version"},
}

// notes stand below the options in --help.
const notes = `Arguments:
 <target> is a process ID, or <pid>:<inode> with the process's number in pidfs,
 fd:<number> for a pidfd, @<file> for a file that holds a process ID, or
 ctr:<name> for a container by its name or the beginning of its ID.`
