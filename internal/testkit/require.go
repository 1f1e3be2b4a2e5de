package testkit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Reason says what a test needs and does not have.
type Reason string

const (
	// NeedsRoot is for what no unprivileged user may do, in no namespace.
	NeedsRoot Reason = "root"
	// NeedsOrdinaryUser is for behaviour that root does not see.
	NeedsOrdinaryUser Reason = "an unprivileged user"
	// NeedsUserNamespaces is the right to make user namespaces without privilege.
	NeedsUserNamespaces Reason = "user namespaces"
	// NeedsSubIDs are newuidmap, newgidmap and a subordinate range: as root
	// `withsubids` provides the range, an unprivileged user must have one.
	NeedsSubIDs Reason = "subordinate ids"
	// NeedsAllProcesses is the first PID namespace: nskit deletes nothing where it does not
	// see everybody. A container is no machine meant to run that, so the skip is none that
	// NSKIT_TEST_MUST_WORK forbids.
	NeedsAllProcesses Reason = "a sight of all processes"
	// NeedsGuest is a machine whose settings may be changed: scripts/test-vm's.
	NeedsGuest Reason = "a guest of scripts/test-vm"
)

// The first words of the reasons that have a name behind them.
const (
	tool   = "tool "
	host   = "host tool "
	applet = "applet "
	module = "module "
	kernel = "kernel with "
	older  = "a util-linux older than "
)

// NeedsTool is a program in PATH: busybox, strace, ip.
func NeedsTool(name string) Reason { return Reason(tool + name) }

// NeedsHost is one of the host's own tools that nskit is compared with.
func NeedsHost(name string) Reason { return Reason(host + name) }

// NeedsApplet is an applet of the binary under test.
func NeedsApplet(name string) Reason { return Reason(applet + name) }

// NeedsModule is a Go module, PATH@VERSION, in the go command's cache. nskit itself does
// not use it and nothing here downloads it, so NSKIT_TEST_MUST_WORK does not forbid the skip.
func NeedsModule(name string) Reason { return Reason(module + name) }

// NeedsKernel is a kernel feature, a file of /proc/self/ns or a path that shows
// that it is there: "ns/time", "/proc/sys/net".
func NeedsKernel(path string) Reason { return Reason(kernel + path) }

// NeedsOlder is a util-linux of the host's before a version, or none: "2.41".
func NeedsOlder(version string) Reason { return Reason(older + version) }

// Require skips the test unless the machine has what it needs.
func Require(t testing.TB, reason Reason) {
	t.Helper()
	if !met(reason) {
		Skip(t, reason)
	}
}

// Skip skips the test for a reason that it found out itself. It fails the test
// instead where NSKIT_TEST_MUST_WORK=1, unless another run makes up for it.
func Skip(t testing.TB, reason Reason) {
	t.Helper()
	if forbidden(reason) {
		t.Fatalf("needs %s, and NSKIT_TEST_MUST_WORK=1 forbids to skip", reason)
	}
	t.Skipf("needs %s", reason)
}

// forbidden decides whether a skip is a failure. `make test` as root runs every
// test twice and says so in NSKIT_TEST_RUNS: what one run cannot do the other does.
func forbidden(reason Reason) bool {
	runs := strings.Fields(os.Getenv("NSKIT_TEST_RUNS"))
	switch {
	case os.Getenv("NSKIT_TEST_MUST_WORK") != "1", reason == NeedsAllProcesses, strings.HasPrefix(string(reason), module):
		return false
	case reason == NeedsRoot || reason == NeedsSubIDs && !isRoot():
		return !slices.Contains(runs, "root")
	case reason == NeedsOrdinaryUser:
		return !slices.Contains(runs, "user")
	}
	return true
}

// InGuest says whether this is a guest of scripts/test-vm: a system of its own, and slow.
func InGuest() bool { return os.Getenv("NSKIT_TEST_GUEST") == "1" }

// met probes the machine for one reason.
func met(reason Reason) bool {
	switch reason {
	case NeedsRoot:
		return isRoot()
	case NeedsOrdinaryUser:
		return !isRoot()
	case NeedsUserNamespaces:
		return userNamespaces()
	case NeedsSubIDs:
		return subIDs()
	case NeedsGuest:
		return InGuest()
	}
	if name, ok := strings.CutPrefix(string(reason), host); ok {
		return hostTool(name) != "" || standIn(name) != ""
	}
	if name, ok := strings.CutPrefix(string(reason), applet); ok {
		_, err := os.Lstat(filepath.Join(os.Getenv(envApplets), name))
		return err == nil
	}
	if path, ok := strings.CutPrefix(string(reason), kernel); ok {
		_, err := os.Stat(filepath.Join("/proc/self", path))
		_, errAbs := os.Stat(path)
		return err == nil || errAbs == nil
	}
	if version, ok := strings.CutPrefix(string(reason), older); ok {
		return isOlder(hostVersion(), version)
	}
	return hasTool(strings.TrimPrefix(string(reason), tool))
}

// hostVersion is the version of the host's util-linux, "" where it has none.
func hostVersion() string {
	said, _ := exec.Command(hostTool("unshare"), "--version").Output() // unshare from util-linux 2.38.1
	_, version, _ := strings.Cut(strings.TrimSpace(string(said)), " util-linux ")
	return version
}

// isOlder compares two versions by their first two numbers.
func isOlder(version, other string) bool {
	var a, b [2]int
	_, _ = fmt.Sscanf(version, "%d.%d", &a[0], &a[1]) // what is no number counts as 0
	_, _ = fmt.Sscanf(other, "%d.%d", &b[0], &b[1])
	return slices.Compare(a[:], b[:]) < 0
}

func isRoot() bool { return os.Geteuid() == 0 }

func hasTool(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}

// userNamespaces tries: no file says it for every distribution's restrictions.
// It asks as the unprivileged user, since root may where others may not, and another
// tool than the one under test.
func userNamespaces() bool {
	probe := []string{"busybox", "unshare"}
	if path := hostTool("unshare"); path != "" {
		probe = []string{path}
	}
	cmd := exec.Command(probe[0], append(probe[1:], "--user", "--map-root-user", "true")...)
	cmd.SysProcAttr = ordinary()
	return cmd.Run() == nil
}

// subIDs says whether subordinate ranges can be mapped: root's scripts bring a
// range of their own, a user's need one that is there.
func subIDs() bool {
	if !hasTool("newuidmap") || !hasTool("newgidmap") {
		return false
	}
	if isRoot() {
		_, err := os.Stat("/etc/subuid")
		return err == nil
	}
	return exec.Command("getsubids", os.Getenv("USER")).Run() == nil
}

// hostTool is the path of the host's own tool, "" where it has none. The
// directories are fixed because PATH begins with nskit's applets.
func hostTool(name string) string {
	for _, dir := range []string{"/usr/bin", "/usr/sbin", "/bin", "/sbin"} {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 {
			return path
		}
	}
	return ""
}

// standIn is nskit's own applet in the place of a tool of the host's, "" for
// none: a guest has no others, and scripts that set up fixtures with them are to
// run there, too. There is none for lsns, which is there to be compared with.
func standIn(name string) string {
	path := filepath.Join(os.Getenv(envApplets), name)
	if _, err := os.Lstat(path); err != nil || name == "lsns" || !met(NeedsGuest) {
		return ""
	}
	return path
}

// Number is the value of a variable of the environment, or otherwise if it is
// not set.
func Number(t testing.TB, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}
