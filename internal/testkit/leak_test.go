package testkit

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

// leaderless makes this test binary a process whose first thread has ended.
const leaderless = "NSKIT_TEST_LEADERLESS"

func init() {
	if os.Getenv(leaderless) != "" { // init runs in the first thread
		go func() { select {} }()
		unix.RawSyscall(unix.SYS_EXIT, 0, 0, 0)
	}
}

// TestEnded looks at a process whose first thread is a zombie while others run.
func TestEnded(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), leaderless+"=1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	zombie := func() bool { fields := stat(pid); return len(fields) > 0 && fields[0] == "Z" }
	if !Poll(zombie) {
		t.Error("its first thread does not end")
	}
	if ended(pid) {
		t.Error("a process with running threads counts as ended")
	}
	_ = cmd.Process.Kill()
	if !Poll(func() bool { return ended(pid) }) {
		t.Error("a process that nobody waited for does not count as ended")
	}
	_ = cmd.Wait()
	if !ended(pid) {
		t.Error("a process that is gone does not count as ended")
	}
}
