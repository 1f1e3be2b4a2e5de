package testkit_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// TestInjectLeavesOtherChildren has a child of the tracer's own thread end while a
// command is traced: whoever started it can still wait for it.
func TestInjectLeavesOtherChildren(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	other := exec.Command("true")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	var status unix.Siginfo
	if err := unix.Waitid(unix.P_PID, other.Process.Pid, &status, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	trace, err := testkit.Inject(exec.Command("touch", file))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err != nil || trace.Code != 0 {
		t.Errorf("exit code %d, %v", trace.Code, err)
	}
	if err := other.Wait(); err != nil {
		t.Errorf("the other child: %v", err)
	}
}
