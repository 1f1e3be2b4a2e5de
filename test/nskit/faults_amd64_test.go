package nskit

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestStartFaults holds how many page faults nskit adds to the start of a program,
// and takes to answer: what a start without the Go runtime costs. The limits leave room
// for another layout of the binary; with the runtime it would be 200 more. They are counts of amd64's pages.
func TestStartFaults(t *testing.T) {
	nskit := os.Getenv("NSKIT")
	none := fewestFaults(t, 0, "/bin/true")
	for _, tt := range []struct {
		most int
		argv []string
	}{
		{28, []string{nskit, "unshare", "--version"}},
		{32, []string{nskit, "unshare", "--help"}},
		{none + 42, []string{nskit, "unshare", "/bin/true"}},
	} {
		if n := fewestFaults(t, tt.most, tt.argv...); n > tt.most {
			t.Errorf("%q: %d page faults, at most %d are expected", tt.argv[1:], n, tt.most)
		}
	}
}

// fewestFaults is the least of eight runs, or of forty if it is too many: where a
// stack begins is random, and pages of the file may be out of memory for a moment.
func fewestFaults(t *testing.T, enough int, argv ...string) int {
	least := int64(1 << 32)
	for n := 0; n < 8 || n < 40 && enough > 0 && least > int64(enough); n++ {
		cmd := exec.Command(argv[0], argv[1:]...)
		if out, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState == nil {
			t.Fatalf("%q: %v, %s", argv, err, out)
		}
		least = min(least, cmd.ProcessState.SysUsage().(*syscall.Rusage).Minflt)
	}
	return int(least)
}
