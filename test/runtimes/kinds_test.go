package runtimes

// runtime is a container runtime, by shell commands. In their environment W is a directory
// of the test's, with root.tar and oci.tar, and NAME the name of a container.
type runtime struct {
	name  string
	tools []string
	// user is that all of it is done by the unprivileged user.
	user bool
	// daemon runs until it is ended; ready succeeds when it can be used; image makes the
	// image, or else a bundle; after removes what all of this leaves.
	daemon, ready, image, after string
	// kinds are the containers, by what starts one in the background.
	kinds []kind
	// pid prints the PID of a container's init, id its identifier.
	pid, id, remove, restart string
	// label is what lsns calls a container; QUERY are its names, beside NAME.
	label   string
	queries []string
}

type kind struct{ name, run string }

const (
	sleep = " /bin/busybox sleep 100000"
	// podmanHere has podman do without systemd, journald and fuse.
	podmanHere = "podman --cgroup-manager cgroupfs --storage-driver vfs --events-backend none --log-level error"
	// hybrid has crun do without control groups where it refuses both versions side by side.
	hybrid = ` $([ ! -d /sys/fs/cgroup/unified ] || echo --cgroup-manager=disabled) `
	// bundle makes a root directory and a configuration for crun and runc alone.
	bundle = `mkdir -p $W/bundle/rootfs && tar -C $W/bundle/rootfs -xf $W/root.tar && cd $W/bundle && %s spec &&
		sed -i 's/"terminal": true/"terminal": false/; s/"sh"/"\/bin\/busybox", "sleep", "100000"/' config.json`
)

var runtimes = []runtime{
	docker("docker", "", []kind{
		{"bridge", "docker run -d --name $NAME nskit" + sleep},
		{"read-only", "docker run -d --name $NAME --network none --read-only nskit" + sleep},
		{"cap-drop", "docker run -d --name $NAME --network none --cap-drop ALL --security-opt no-new-privileges --user 1234:1234 nskit" + sleep},
	}),
	docker("docker-userns-remap", "--userns-remap nskit-test", []kind{
		{"plain", "docker run -d --name $NAME --network none nskit" + sleep},
		{"read-only", "docker run -d --name $NAME --network none --read-only --cap-drop ALL nskit" + sleep},
	}),
	docker("docker-data-root", "--config-file $W/daemon.json", []kind{
		{"plain", "docker run -d --name $NAME --network none nskit" + sleep},
	}),
	podman("podman", podmanHere, false, []kind{
		{"crun", "--runtime crun run -d --name $NAME --network none nskit"},
		{"runc", "--runtime runc run -d --name $NAME --network none nskit"},
		{"read-only", "run -d --name $NAME --network none --read-only --read-only-tmpfs=false --cap-drop all nskit"},
		{"user-namespace", "run -d --name $NAME --network none --uidmap 0:100000:65536 --gidmap 0:100000:65536 nskit"},
	}),
	podman("podman-roots", podmanHere+" --root $W/own --runroot /run/nskit-podman --tmpdir $W/tmp", false, []kind{
		{"plain", "run -d --name $NAME --network none nskit"},
	}),
	podman("podman-rootless", podmanHere, true, []kind{
		{"crun", "--runtime crun run -d --name $NAME --network none nskit"},
		{"runc", "--runtime runc run -d --name $NAME --network none nskit"},
		{"read-only", "run -d --name $NAME --network none --read-only --read-only-tmpfs=false --cap-drop all nskit"},
		{"keep-id", "run -d --name $NAME --network none --userns keep-id nskit"},
	}),
	containerd("containerd", "", "ctr"),
	containerd("containerd-state", "--root $W/root --state $W/state --address $W/socket", "ctr --address $W/socket -n other"),
	{
		name: "crun", tools: []string{"crun"}, image: sprintf(bundle, "crun"),
		kinds: []kind{{"plain", "crun" + hybrid + "run -d -b $W/bundle $NAME </dev/null >/dev/null 2>&1"}},
		pid:   `tr , '\n' </run/crun/$NAME/status | sed -n 's/.*"pid" *: *//p'`, id: "echo $NAME",
		remove: "crun" + hybrid + "delete -f $NAME", label: "$NAME", queries: []string{"crun/$NAME"},
	},
	{
		name: "runc", tools: []string{"runc"}, image: sprintf(bundle, "runc"),
		kinds: []kind{{"plain", "runc run -d -b $W/bundle $NAME </dev/null >/dev/null 2>&1"}},
		pid:   `runc state $NAME | sed -n 's/.*"pid": \(.*\),/\1/p'`, id: "echo $NAME",
		remove: "runc delete -f $NAME", label: "$NAME", queries: []string{"runc/$NAME"},
	},
	lxc("lxc", ""),
	lxc("lxc-path", "-P $W"),
	nspawn("nspawn", "--register=no --keep-unit --private-network", "-M $NAME"),
	nspawn("nspawn-stub", "--register=no --keep-unit --private-network --as-pid2 --private-users=131072:65536 --private-users-ownership=chown", ""),
}

// docker is a dockerd with all in its usual places, except where the options say otherwise.
func docker(name, options string, kinds []kind) runtime {
	return runtime{
		name: name, tools: []string{"dockerd", "docker", "containerd", "runc", "iptables"},
		daemon: "echo '{\"data-root\": \"'$W/own'\"}' >$W/daemon.json; exec dockerd --storage-driver vfs " + options,
		after:  "ip link del docker0 && for table in nat filter; do iptables -t $table -F && iptables -t $table -X; done",
		ready:  "docker info", image: "docker import $W/root.tar nskit",
		kinds: kinds, pid: "docker inspect -f '{{.State.Pid}}' $NAME", id: "docker inspect -f '{{.Id}}' $NAME",
		remove: "docker rm -f $NAME", restart: "docker restart -t 0 $NAME",
		label: "$NAME", queries: []string{"docker/$NAME", "$(echo $ID | cut -c1-12)", "$ID"},
	}
}

// podman is podman without a daemon, by the command with its options.
func podman(name, command string, user bool, kinds []kind) runtime {
	for i := range kinds {
		kinds[i].run = command + " " + kinds[i].run + sleep
	}
	return runtime{
		name: name, tools: []string{"podman", "conmon", "crun", "runc", "newuidmap"}, user: user,
		image: command + " import $W/root.tar nskit",
		// The process that keeps a user's namespace.
		after: "pause=$XDG_RUNTIME_DIR/libpod/tmp/pause.pid; [ ! -e $pause ] || kill $(cat $pause)",
		kinds: kinds, pid: command + " inspect -f '{{.State.Pid}}' $NAME", id: command + " inspect -f '{{.Id}}' $NAME",
		// A container's end has podman clean up itself, which may be in the way.
		remove: command + " rm -f -t 0 $NAME || " + command + " rm -f -t 0 $NAME || { sleep 1; " + command + " rm -f -t 0 $NAME; }", restart: command + " restart -t 0 $NAME",
		label: "$NAME", queries: []string{"podman/$NAME", "$(echo $ID | cut -c1-12)", "$ID"},
	}
}

// lxc is LXC, whose containers are in the usual place or where the option says.
func lxc(name, option string) runtime {
	dir := "/var/lib/lxc"
	if option != "" {
		dir = "$W"
	}
	return runtime{
		name: name, tools: []string{"lxc-start"},
		image: "mkdir -p $W/root && tar -C $W/root -xf $W/root.tar && mkdir $W/root/proc $W/root/sys $W/root/dev $W/root/tmp",
		kinds: []kind{{"plain", `d=` + dir + `/$NAME && mkdir -p $d && cp -r $W/root $d/rootfs && echo "lxc.rootfs.path = dir:$d/rootfs
lxc.net.0.type = empty
lxc.mount.auto = proc:mixed sys:ro
lxc.init.cmd =` + sleep + `
lxc.apparmor.profile = unconfined" >$d/config && lxc-start ` + option + ` -n $NAME && lxc-wait ` + option + ` -n $NAME -s RUNNING -t 30`}},
		pid: "lxc-info " + option + " -n $NAME -p -H", id: "echo $NAME",
		remove: "lxc-stop " + option + " -k -n $NAME; rm -rf " + dir + "/$NAME",
		label:  "$NAME", queries: []string{"lxc/$NAME"},
	}
}

// nspawn is systemd-nspawn without machined: the container's name is what it was told, or the directory's.
func nspawn(name, options, machine string) runtime {
	return runtime{
		name: name, tools: []string{"systemd-nspawn"},
		image: "mkdir -p $W/root && tar -C $W/root -xf $W/root.tar && cd $W/root && mkdir proc sys dev tmp run etc usr var",
		kinds: []kind{{"plain", `cp -a $W/root $W/$NAME && touch $W/$NAME/etc/os-release && cd / &&
(systemd-nspawn -q ` + options + " " + machine + ` -D $W/$NAME` + sleep + ` </dev/null >$W/$NAME.out 2>&1 &) &&
{ nsenter --wait=30 -t ctr:$NAME -u true || { cat $W/$NAME.out; false; }; }`}},
		pid: `p=$(pgrep -f "^systemd-nspawn .*/$NAME ") && cut -d" " -f1 /proc/$p/task/$p/children`, id: "echo $NAME",
		remove: `p=$(pgrep -f "^systemd-nspawn .*/$NAME ") && kill -KILL $(cat /proc/$p/task/$p/children) && while [ -d /proc/$p ]; do busybox usleep 20000; done; rm -rf $W/$NAME`,
		label:  "$NAME", queries: []string{"machined/$NAME"},
	}
}

// containerd is containerd without Docker; its client says which namespace of its is used.
func containerd(name, options, client string) runtime {
	return runtime{
		name: name, tools: []string{"containerd", "ctr", "runc"},
		daemon: "exec containerd " + options, ready: client + " version", image: client + " image import --snapshotter native $W/oci.tar",
		kinds: []kind{
			{"plain", client + " run --snapshotter native -d docker.io/library/nskit:latest $NAME" + sleep},
			{"read-only", client + " run --snapshotter native -d --read-only docker.io/library/nskit:latest $NAME" + sleep},
		},
		pid: client + " task ls | awk -v name=$NAME '$1 == name { print $2 }'", id: "echo $NAME",
		remove: client + " task rm -f $NAME; " + client + " container rm $NAME",
		label:  "$NAME", queries: []string{"containerd/$NAME"},
	}
}
