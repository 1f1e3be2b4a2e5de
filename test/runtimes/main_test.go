// Package runtimes runs nskit against the containers of real container runtimes: Docker, podman,
// containerd, crun, runc, LXC and systemd-nspawn, with and without root. Each feature is tried with each kind of container.
package runtimes

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// envSurroundings says that the process is where daemons may be started.
const envSurroundings = "NSKIT_TEST_SURROUNDINGS"

// TestMain runs the tests where daemons change nothing of the host, and compares the host
// before and after.
func TestMain(m *testing.M) {
	switch {
	case os.Geteuid() != 0:
		testkit.Main(m)
	case os.Getenv(envSurroundings) != "":
		testkit.MainBelow(m, "withsubids")
	}
	os.Exit(outside())
}

// outside runs this program again in the surroundings.
func outside() int {
	before := host()
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, "runtimes:", err)
		return 1
	}
	cmd := exec.Command("./surroundings", append([]string{self}, os.Args[1:]...)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", envSurroundings, os.Getpid()))
	if os.Getenv("NSKIT_TEST_DEADLINE") == "" {
		cmd.Env = append(cmd.Env, "NSKIT_TEST_DEADLINE=15m") // daemons run longer than a test's helpers do
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	err = cmd.Run()
	code := cmd.ProcessState.ExitCode()
	if err != nil && code <= 0 {
		fmt.Fprintln(os.Stderr, "runtimes:", err)
		code = 1
	}
	for _, line := range changed(before, host()) {
		fmt.Fprintln(os.Stderr, "runtimes: not as before:", line)
		code = max(code, 1)
	}
	return code
}

// host is what the runtimes could leave on the host: network interfaces, firewall rules, control
// groups, mounts, files in their usual places, one line each.
func host() map[string]bool {
	lines := map[string]bool{}
	for _, command := range []string{"ip -o link", "ip route", "iptables -S", "iptables -t nat -S", "ip6tables -S"} {
		words := strings.Fields(command)
		text, _ := exec.Command(words[0], words[1:]...).Output() // a host without one has no such rules
		for line := range strings.Lines(string(text)) {
			lines[command+": "+strings.TrimSpace(line)] = true
		}
	}
	for _, pattern := range []string{
		"/sys/fs/cgroup/*", "/sys/fs/cgroup/*/*", "/sys/fs/cgroup/*/*/nskit-test-*",
		"/var/lib/docker*", "/var/lib/containe*", "/var/lib/containers/*", "/var/lib/cni*", "/var/lib/nskit*",
		"/run/docker*", "/run/systemd/nspawn", "/run/containe*", "/run/crun*", "/run/runc*", "/run/podman*", "/run/libpod*", "/run/netns*", "/run/user/*/*",
		"/etc/docker/*", "/etc/containe*/*", "/etc/cni/*/*", "/etc/cdi*", "/opt/*", "/root/.local/share/*", "/root/.docker*", "/root/.config/*",
		"/dev/shm/*podlock*", "/dev/shm/libpod*",
	} {
		names, _ := filepath.Glob(pattern)
		for _, name := range names {
			lines["file: "+name] = true
		}
	}
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	for line := range strings.Lines(string(mounts)) {
		_, line, _ = strings.Cut(line, " ")
		lines["mount: "+strings.TrimSpace(line)] = true
	}
	return lines
}

// changed lists what is in only one of two.
func changed(before, after map[string]bool) []string {
	var lines []string
	for line := range before {
		if !after[line] {
			lines = append(lines, "gone: "+line)
		}
	}
	for line := range after {
		if !before[line] {
			lines = append(lines, "new: "+line)
		}
	}
	return slices.Sorted(maps.Keys(ours(lines)))
}

// names are how the runtimes call what they make, and what others who use this machine
// meanwhile do not.
var names = regexp.MustCompile(`(?i)docker|containe|podman|libpod|podlock|lxc|crun|runc|/c[nd]i|nspawn|nsk`)

// ours leaves out what others do meanwhile: other test runs, too.
func ours(lines []string) map[string]bool {
	left := map[string]bool{}
	for _, line := range lines {
		others := strings.Contains(line, "nskit-test-") || strings.Contains(line, "/tmp/")
		if own := strings.HasSuffix(line, fmt.Sprintf("nskit-test-%d", os.Getpid())); own || !others && names.MatchString(line) {
			left[line] = true
		}
	}
	return left
}

// TestOurs tells what the runtimes have left from what others do meanwhile.
func TestOurs(t *testing.T) {
	own := fmt.Sprintf("file: /sys/fs/cgroup/pids/nskit-test-%d", os.Getpid())
	for line, want := range map[string]bool{
		own:        true,
		own + "-x": false,
		"ip -o link: 7: docker0: <BROADCAST> mtu 1500":         true,
		"ip -o link: 7: eth9: <BROADCAST> mtu 1500":            false,
		"iptables -t nat -S: -N DOCKER":                        true,
		"iptables -S: -A INPUT -j ACCEPT":                      false,
		"file: /sys/fs/cgroup/unified/libpod_parent":           true,
		"file: /sys/fs/cgroup/unified/user.slice":              false,
		"file: /var/lib/containerd":                            true,
		"mount: 1 0:9 / /srv/data rw - tmpfs none rw":          false,
		"mount: 1 0:9 / /tmp/docker/x rw - tmpfs none rw":      false,
		"mount: 1 0:9 / /run/docker/netns/1 rw - nsfs nsfs rw": true,
	} {
		if got := len(ours([]string{line})) > 0; got != want {
			t.Errorf("%s: %t", line, got)
		}
	}
}
