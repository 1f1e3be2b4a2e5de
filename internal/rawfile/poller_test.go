package rawfile_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/rawfile"
	"golang.org/x/sys/unix"
)

// TestStartPoller leaves 0 to 4 descriptors free, each time in a process of its
// own: the runtime must not end it.
func TestStartPoller(t *testing.T) {
	if free := os.Getenv("NSKIT_TEST_FREE"); free != "" {
		withFree(t, int(free[0]-'0'))
		return
	}
	for _, free := range []string{"0", "1", "2", "3", "4"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestStartPoller$", "-test.v")
		cmd.Env = append(os.Environ(), "NSKIT_TEST_FREE="+free)
		text, err := cmd.CombinedOutput()
		if want := map[bool]string{true: "started: <nil>", false: "started: too many open files"}[free >= "3"]; err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s free: %v, want %q in\n%s", free, err, want, text)
		}
	}
}

// withFree starts the poller with so many descriptors free.
func withFree(t *testing.T, free int) {
	next, err := unix.Dup(0)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(next)
	limit := unix.Rlimit{Cur: uint64(next + free), Max: uint64(next + free)}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	t.Log("started:", rawfile.StartPoller())
}
