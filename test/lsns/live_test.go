package lsns

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

var churn = flag.Int("churn", 100, "how often TestChurn lists a system whose processes come and go")

// lists runs a command and returns what it prints.
func lists(t *testing.T, name string, args ...string) string {
	t.Helper()
	var stderr strings.Builder
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("%s %v: %v: %s", name, args, err, stderr.String())
	}
	return string(out)
}

// forkLoop starts a shell that does nothing but fork, and ends it with the test.
func forkLoop(t *testing.T) {
	loop := exec.Command("sh", "-c", "while :; do (:); done")
	loop.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := loop.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		loop.Process.Kill()
		loop.Wait()
	})
}

// TestChurn lists again and again while processes come and go: no listing
// fails, and each has the rows that are there all the time.
func TestChurn(t *testing.T) {
	var constant []string
	for _, kind := range strings.Fields("mnt net ipc user pid uts cgroup") {
		link, err := os.Readlink("/proc/self/ns/" + kind)
		if err != nil {
			t.Fatal(err)
		}
		inode := strings.TrimSuffix(strings.TrimPrefix(link, kind+":["), "]")
		constant = append(constant, inode+" "+kind+"\n")
	}
	forkLoop(t)
	forkLoop(t)
	for n := range *churn {
		args := []string{"-r", "-n", "-l", "-o", "NS,TYPE"}
		if n%2 == 1 {
			args = []string{"-r", "-n", "-o", "NS,TYPE"}
		}
		listing := lists(t, "lsns", args...)
		for _, row := range constant {
			if !strings.Contains(listing, row) {
				t.Fatalf("run %d lacks %q:\n%s", n, row, listing)
			}
		}
		if n%10 == 0 { // with all that is read of single processes
			lists(t, "lsns", "-o", "NS,PPID,UID,COMMAND,CGROUP,AGE,ROOT")
		}
	}
}
