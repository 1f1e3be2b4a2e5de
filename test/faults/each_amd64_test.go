package faults

import (
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// ofEach are the calls that nsenter --each makes itself; what it makes in a namespace is in
// an image. The others are those of the Go
// runtime, whose threads come by the same clone(2), and the reading of /proc.
var ofEach = []string{"pipe2", "memfd_create", "execve", "execveat", "wait4", "waitid", "pidfd_open"}

// TestEach has the calls of nsenter --each fail, one after the other: it says so and fails, or
// has run the program in every namespace. No process stays.
func TestEach(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	other := exec.Command("unshare", "-u", "sleep", "infinity")
	check(t, other.Start())
	defer func() { other.Process.Kill(); other.Wait() }()
	if !testkit.Poll(func() bool { return exec.Command("runs", "sleep", strconv.Itoa(other.Process.Pid)).Run() == nil }) {
		t.Fatal("no second namespace")
	}
	line := []string{"--each=uts", "busybox", "echo", "here"}
	plain, err := testkit.Inject(exec.Command("nsenter", line...))
	check(t, err)
	if plain.Code != 0 || strings.Count(plain.Stdout, ": here\n") < 2 {
		t.Fatalf("without a fault: %d %s%s", plain.Code, plain.Stdout, plain.Stderr)
	}
	tried := 0
	for _, call := range plain.Calls {
		image := strings.HasPrefix(call.Image, "memfd:nskit")
		if !image && !(call.Image == "nskit" && slices.Contains(ofEach, call.Name)) {
			continue
		}
		for _, errno := range []syscall.Errno{unix.EPERM, unix.ENOMEM} {
			tried++
			trace, err := testkit.Inject(exec.Command("nsenter", line...), testkit.Fault{Call: call, Errno: errno})
			check(t, err)
			judgeEach(t, call, errno, plain, trace)
		}
	}
	if tried < 20 {
		t.Errorf("only %d faults: something is not recognised", tried)
	}
}

// judgeEach holds one outcome to what may come of it.
func judgeEach(t *testing.T, call testkit.Call, errno syscall.Errno, plain, trace *testkit.Trace) {
	t.Helper()
	complain := func(why string) {
		t.Errorf("%v %s: %s: exit code %d\n%s%s", call, unix.ErrnoName(errno), why, trace.Code, trace.Stdout, trace.Stderr)
	}
	switch {
	case len(trace.Stuck) > 0:
		complain("stays: " + strings.Join(trace.Stuck, "; "))
	case trace.Code == 0 && trace.Stdout != plain.Stdout:
		complain("a success, but not in every namespace")
	case trace.Code != 0 && !strings.Contains(trace.Stderr, "nsenter: "):
		complain("nothing is said")
	case strings.Contains(trace.Stderr, "panic") || strings.Contains(trace.Stderr, "goroutine"):
		complain("the Go runtime speaks")
	}
}
