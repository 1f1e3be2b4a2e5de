package faults

// row is the command line behind a golden Program.
type row struct {
	golden string
	// user is for the unprivileged user.
	user bool
	// line is the command in words. $W is the directory of the row, $T the
	// target, $OWN and $SOCKET the test's own process and a socket of it, $INODE
	// the target's number in pidfs, $NSID the identifier of its network namespace.
	line string
	// env is a variable more, "-PATH" for none at all.
	env string
	// deep also has the calls of a start through the Go runtime fail that only a first
	// failure leads to. Once is enough: they are the same for all.
	deep bool
}

// inNamespace keeps the root of the test itself.
const inNamespace = "$HOST/unshare --mount "

// mounts has one of each kind, most at places that are missing.
const mounts = "--bind=$W/src:/made/by/bind:rec,noexec --bind=$W/src/file:/made/file:ro --tmpfs=/made/tmpfs --file=text:/etc/made.conf " +
	"--proc --sys --dev --read-only "

// rows has a line for every golden Program.
var rows = []row{
	{golden: "nothing", user: true, line: "unshare $W/probe"},
	{golden: "uts", line: "unshare -u $W/probe"},
	{golden: "all-kinds", line: "unshare -muinpUCTf $W/probe"},
	{golden: "pid-without-fork", line: "unshare -p $W/probe"},
	{golden: "no-hints", line: "unshare -Urp $W/probe", env: "NSKIT_HINTS=0"},
	{golden: "fork", line: "unshare -f $W/probe"},
	{golden: "init", line: "unshare -p --init $W/probe"},
	{golden: "kill-child", line: "unshare --kill-child $W/probe"},
	{golden: "kill-child-term-setuid", line: "unshare --kill-child=TERM -S 7 -G 8 $W/probe"},
	{golden: "forward-signals", line: "unshare --forward-signals=TERM,HUP $W/probe"},
	{golden: "map-root-user", user: true, line: "unshare -Ur $W/probe"},
	{golden: "map-group-setgroups-allow", line: "unshare --map-groups=0:0:1 --setgroups=allow $W/probe"},
	{golden: "setgroups-deny", user: true, line: "unshare -U --setgroups=deny $W/probe"},
	// Their set-user-ID helpers are what they are only if root has begun to trace.
	{golden: "map-auto", line: "asuser unshare --map-auto $W/probe"},
	{golden: "map-auto-root-user", line: "asuser unshare --map-auto -r $W/probe"},
	{golden: "map-users-as-root", line: "unshare --map-users=0:5:6 $W/probe", deep: true},
	{golden: "owner", line: "unshare --owner=1000:1001 --map-user=0 $W/probe"},
	{golden: "keep-caps", user: true, line: "unshare -U --keep-caps $W/probe"},
	{golden: "keep-caps-setuid", line: "unshare --map-users=0:0:10 --keep-caps -S 7 $W/probe"},
	{golden: "keep-caps-without-user", line: "unshare --keep-caps $W/probe"},
	{golden: "clocks", line: "unshare -T --monotonic=3 --boottime=5 $W/probe"},
	{golden: "hostname-loopback", line: "unshare -n --hostname=box --loopback $W/probe"},
	{golden: "persist", line: "unshare --net=$W/private/net $W/probe"},
	{golden: "persist-two-fork", line: "unshare -f --net=$W/private/net --pid=$W/private/pid $W/probe"},
	// On one CPU: Linux 6.18 refuses, at random, to bind a mount namespace that
	// was made on another one than the caller's.
	{golden: "persist-mount", line: "taskset -c 0 " + inNamespace + "--propagation unchanged unshare --mount=$W/private/mnt $W/probe"},
	{golden: "netns", line: "$W/apart unshare --netns blue $W/probe"},
	{golden: "netns-mount-fork", line: "$W/apart unshare -mf --netns blue $W/probe"},
	{golden: "netns-user", line: "$W/apart unshare -U --netns blue $W/probe"},
	{golden: "privileges", line: "unshare --no-new-privs --cap-keep=net_bind_service -S 7 $W/probe"},
	{golden: "sysctl-cgroup", line: "unshare -n --in-cgroup=$W/group --sysctl=net.ipv4.ip_forward=1 $W/probe"},
	{golden: "ready", line: "$W/with3 unshare -nf --ready-fd 3 --pidfile $W/private/x.pid $W/probe"},
	{golden: "ready-time", user: true, line: "$W/with3 unshare -UT --ready-fd 3 $W/probe"},
	{golden: "propagation-slave", line: "unshare -m --propagation=slave $W/probe"},
	{golden: "propagation-unchanged", line: "unshare -m --propagation=unchanged $W/probe"},
	{golden: "mount-proc-shared", line: "unshare -m --propagation=shared --mount-proc $W/probe"},
	{golden: "root", line: "unshare --root=$W/new /probe"},
	{golden: "root-wd", line: "unshare --root=$W/new --wd=/d /probe"},
	{golden: "binfmt", user: true, line: "unshare -Urpf --mount-proc --mount-binfmt --load-interp=:x:M::y::/bin/z: $W/probe"},
	{golden: "binfmt-opened-early", user: true, line: "unshare -Ur --root=$W/new --mount-binfmt=/d --load-interp=:x:M::y::/probe:OCF /probe"},
	{golden: "clear-env", line: "unshare --whitelist-env=A $W/probe", env: "A=1"},
	{golden: "search", line: "unshare -f probe", env: "PATH=/nowhere:$W/closed:$W"},
	{golden: "search-without-path", line: "unshare --root=$W/new probe", env: "-PATH"},
	{golden: "login-shell", line: "unshare", env: "SHELL=$W/probe"},
	{golden: "account-shell", line: "unshare --root=$W/new", env: "SHELL="},
	{golden: "container", user: true, line: "unshare -Urmpf --mount-proc $W/probe"},

	{golden: "enter-uts-net", line: "nsenter -t $T -u -n $W/probe"},
	{golden: "enter-user", line: "nsenter -t $T -U $W/probe"},
	{golden: "enter-user-mount-two-passes", line: "nsenter -t $T -U -m -u $W/probe"},
	{golden: "enter-user-uts-one-kind-first", line: "nsenter -t $T -U -u $W/probe"},
	{golden: "enter-all", line: "nsenter -t $T -a $W/probe"},
	{golden: "enter-all-preserve-one-file", line: "nsenter -t $T -a --preserve-credentials --uts=/proc/$T/ns/uts $W/probe"},
	{golden: "enter-files", line: "nsenter --net=/proc/$T/ns/net --ipc=/proc/$T/ns/ipc $W/probe"},
	{golden: "enter-files-with-user", line: "nsenter --user=/proc/$T/ns/user --net=/proc/$T/ns/net $W/probe"},
	{golden: "enter-file-and-target", line: "nsenter -t $T -n --user=/proc/$T/ns/user --ipc=/proc/$T/ns/ipc $W/probe"},
	{golden: "enter-order-of-command-line", line: "nsenter -t $T --wd=/ --net=/proc/$T/ns/net --root=/ --user=/proc/$T/ns/user -u $W/probe"},
	{golden: "enter-id", line: "nsenter --net=:$NSID $W/probe"},
	{golden: "enter-net-socket", line: "nsenter -t $OWN --net-socket=$SOCKET $W/probe"},
	{golden: "enter-user-parent", line: "nsenter -t $T --user-parent $W/probe"},
	{golden: "enter-user-parent-of-file", line: "nsenter --user-parent --user=/proc/$T/ns/user $W/probe"},
	{golden: "enter-pid", line: "nsenter -t $T -p $W/probe"},
	{golden: "enter-pid-no-fork", line: "nsenter -t $T -p -F $W/probe"},
	{golden: "enter-pid-for-children", line: "nsenter -t $T --pid-for-children $W/probe"},
	{golden: "enter-netns", line: "$W/named nsenter --netns blue $W/probe"},
	{golden: "enter-privileges", line: "nsenter -t $T -u --no-new-privs --cap-drop=sys_admin $W/probe"},
	{golden: "enter-wait", line: "nsenter -t $T -U -n --wait=20 $W/probe"},
	{golden: "enter-wait-all", line: "nsenter -t $T -a --preserve-credentials --wait $W/probe"},
	{golden: "enter-kill-child", line: "nsenter -t $T -u --kill-child $W/probe"},
	{golden: "enter-forward-signals", line: "nsenter -t $T -p --forward-signals=TERM,HUP $W/probe"},
	{golden: "enter-setuid-setgid", line: "nsenter -t $T -u -S 7 -G 8 $W/probe"},
	{golden: "enter-follow", line: "nsenter -t $T -U -S follow -G follow $W/probe"},
	{golden: "enter-preserve", line: "nsenter -t $T -U --preserve-credentials $W/probe"},
	{golden: "enter-keep-caps", line: "nsenter -t $T -U --keep-caps -S 0 $W/probe"},
	{golden: "enter-root-wd-of-target", line: "nsenter -t $T -m -r -w $W/probe"},
	{golden: "enter-root", line: "nsenter --root=$W/new /probe"},
	{golden: "enter-wdns", line: "nsenter -t $T -m --wdns=/tmp $W/probe"},
	{golden: "enter-cgroup", line: "nsenter -t $T -c $W/probe"},
	{golden: "enter-context", line: "nsenter -t $T -u -Z $W/probe"},
	{golden: "enter-env", line: "nsenter -t $T -u -e $W/probe"},
	{golden: "enter-environ", line: "asuser nsenter -t $T5 -U -e $W/probe"},
	{golden: "enter-pidfd-of-caller", line: "nsenter -t fd:3 -u $W/probe"},
	{golden: "enter-inode", line: "nsenter -t $T:$INODE -u $W/probe"},
	{golden: "enter-tools", line: "nsenter -t $T --tools=$W/probe --wd $W/probe"},
	{golden: "enter-tools-shown", line: "nsenter -t $T -m -U --tools=$W/src --wdns=/etc $W/probe"},
	{golden: "enter-carry", line: "nsenter -t $T --carry $W/probe"},
	{golden: "enter-attach", line: "nsenter -t $T --attach=$W/src:$W/one:ro --attach=$W/src/file:$W/made/file:rec,mkdir"},
	{golden: "enter-attach-and-run", line: "nsenter -t $T -m -U --attach=$W/src:$W/one $W/probe"},
	{golden: "enter-detach", line: "nsenter -t $T --detach=$W/one --detach=$W/two"},
	{golden: "enter-enter-no-hints", line: "nsenter -t $T -u $W/probe", env: "NSKIT_HINTS=0"},
	{golden: "enter-nothing-but-ids", line: "nsenter -S 7 $W/probe"},

	{golden: "pivot-nothing", line: "pivot new /probe"},
	{golden: "pivot-init", line: "pivot -p --init new /probe"},
	{golden: "pivot-user", user: true, line: "pivot -Urpf " + mounts + "new /probe"},
	{golden: "pivot-mounts", line: "pivot --bind=$W/src:/a/b:rec,ro,nodev --bind=$W/src/file:/made/file:noexec --file=text:/etc/f --sys --tmpfs=/t:size=1m --put-old=/old --read-only new /probe"},
	{golden: "pivot-read-only", user: true, line: "pivot -U --read-only new /probe"},
	{golden: "pivot-overlay", user: true, line: "pivot -Urpf --layer=$W/one --layer=$W/two --put-old=/kept/old " + mounts + "new /probe"},
	{golden: "pivot-overlay-root", line: "pivot -f --layer=$W/one --proc new /probe"},
	{golden: "pivot-upper", line: "pivot --overlay=upper=$W/upper,work=$W/work new /probe"},
	{golden: "pivot-archive", line: "pivot -Urpf --rootfs-from=root.tar " + mounts + "/probe"},
	{golden: "pivot-switch", line: "pivot -Urpf --switch " + mounts + "new /probe"},
	{golden: "pivot-plain", line: "$W/with3 pivot --keep-fd=3 --dir=/made/dir:mode=1777 --symlink=usr/bin:/made/link --bind=$W/src:/d:try $W/new /probe"},
	{golden: "pivot-idmap", line: "pivot --bind=$W/src:/d:rec,idmap=0:100000:65536 $W/new /probe"},
	{golden: "pivot-ready", line: "$W/with3 pivot --ready-fd 3 --pidfile $W/private/x.pid --tmpfs=/made/tmpfs $W/new /probe"},
	{golden: "pivot-shared", line: "pivot --propagation=shared new /probe", env: "NSKIT_HINTS=0"},
	{golden: "pivot_root", line: inNamespace + "pivot_root $W/private $W/private/old"},
	{golden: "pivot_root-outside", line: inNamespace + "pivot_root $W/private $W/old"},
	// As an unprivileged user, who owns nothing of the old root: it is to be emptied.
	{golden: "switch_root", user: true, line: "$HOST/unshare -Urmpf $W/bound switch_root $W/new /probe"},
}
