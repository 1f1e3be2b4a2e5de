package hunt

import (
	"slices"
	"strings"

	"github.com/nskit/nskit/test/lines"
	"github.com/nskit/nskit/test/odd"
)

// quiet are the hosts on which tools that are not util-linux's can do their work as well.
var quiet = []string{"plain", "hidepid", "no-tmp", "shared", "many-mounts", "locked-memory", "no-environment", "umask",
	"stopped-target", "linux32", "read-implies-exec", "far-pids", "one-cpu", "all-ignored", "sealed-memfd"}

// otherLine makes a line for another tool that does the same: busybox's unshare and nsenter,
// and bwrap beside pivot. They succeed or fail together, and print the same.
func otherLine(c lines.Chooser, host string) (odd.Line, bool) {
	if !slices.Contains(quiet, host) {
		return odd.Line{}, false
	}
	l := odd.Line{As: c.Of("root", "root", "user")}
	program := c.Of("true", "id -u", "hostname", "/nosuch", "sh -c 'exit 3'", "cat /proc/self/setgroups", "sh -c 'ulimit -n'", "pwd")
	switch c.IntN(4) {
	case 0:
		l.Text = "unshare " + some(c, "-m -u -i -n -U -r -p -f --mount-proc --propagation=private --propagation=slave --setgroups=deny", 5) + " " + program
	case 1:
		l.Text = "nsenter -t " + c.Of("$T", "$T", "$U") + " " + some(c, "-m -u -i -n -p -U -F -r -w -w/ --preserve-credentials", 5) + " " + program
	default:
		return pivotLine(c, l), true
	}
	l.Like = "busybox " + l.Text
	return l, true
}

// pivotLine has an option of pivot's and bwrap's for each wish.
func pivotLine(c lines.Chooser, l odd.Line) odd.Line {
	wishes := []struct{ pivot, bwrap string }{
		{"--proc", "--proc /proc"}, {"--tmpfs /tmp", "--tmpfs /tmp"}, {"--tmpfs /new/dir", "--tmpfs /new/dir"}, {"-n", "--unshare-net"}, {"-u", "--unshare-uts"},
		{"-i", "--unshare-ipc"}, {"-C", "--unshare-cgroup"}, {"-pf", "--unshare-pid --as-pid-1"}, {"--hostname other", "--unshare-uts --hostname other"},
		{"--dir /tmp/one", "--dir /tmp/one"}, {"--symlink /etc:/tmp/two", "--symlink /etc /tmp/two"}, {"--bind /etc:/tmp/three", "--bind /etc /tmp/three"},
		{"--bind /etc:/tmp/four:ro", "--ro-bind /etc /tmp/four"}, {"--bind /nosuch:/tmp/five", "--bind /nosuch /tmp/five"}, {"--bind /nosuch:/tmp/six:try", "--bind-try /nosuch /tmp/six"},
		{"--clear-env", "--clearenv"}, {"--cap-drop all", "--cap-drop ALL"}, {"-U --map-user 5 --map-group 6", "--unshare-user --uid 5 --gid 6"},
	}
	// The mounts in /tmp are made after what else is in it has been thrown away.
	pivot, bwrap := []string{"--tmpfs /tmp"}, []string{"--tmpfs /tmp"}
	if l.As == "user" {
		pivot, bwrap = append(pivot, "-c"), append(bwrap, "--unshare-user")
	}
	for range c.IntN(6) {
		wish := wishes[c.IntN(len(wishes))]
		if wish.pivot == "-c" || l.As == "user" && strings.HasPrefix(wish.pivot, "-U") || slices.Contains(pivot, wish.pivot) {
			continue
		}
		pivot, bwrap = append(pivot, wish.pivot), append(bwrap, wish.bwrap)
	}
	program := c.Of("/bin/true", "/usr/bin/id -u", "/usr/bin/id -g", "/bin/ls / /tmp", "/bin/hostname", "/nosuch", "/bin/sh -c 'exit 3'", "/bin/touch /tmp/four/x",
		"/bin/cat /tmp/three/passwd", "/bin/cat /proc/self/uid_map", "/bin/sh -c 'echo $$'", "/usr/bin/readlink /tmp/two")
	l.Text = "pivot " + strings.Join(pivot, " ") + " /w/r " + program
	l.Like = "bwrap --bind /w/r / --chdir / " + strings.Join(bwrap, " ") + " -- " + program
	return l
}
