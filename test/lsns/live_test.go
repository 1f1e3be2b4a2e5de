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

// loop starts a shell that does nothing but run a command, and ends it with the test.
func loop(t *testing.T, command string) {
	loop := exec.Command("sh", "-c", "while :; do "+command+"; done")
	loop.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := loop.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		loop.Process.Kill()
		loop.Wait()
	})
}

// TestChurn lists again and again while processes and namespaces come and go: no
// listing fails, each has the rows that are there all the time, and none a row
// of a process of which nothing is known.
func TestChurn(t *testing.T) {
	var constant []string
	for _, kind := range strings.Fields("mnt net ipc user pid uts cgroup") {
		link, err := os.Readlink("/proc/self/ns/" + kind)
		if err != nil {
			t.Fatal(err)
		}
		inode := strings.TrimSuffix(strings.TrimPrefix(link, kind+":["), "]")
		constant = append(constant, inode+" "+kind+" ")
	}
	loop(t, "(:)")
	loop(t, "unshare -Urnu true")
	for n := range *churn {
		args := []string{"-r", "-n", "-o", "NS,TYPE,NPROCS,USER,COMMAND"}
		if n%2 == 1 {
			args = append(args, "-l")
		}
		listing := lists(t, "lsns", args...)
		for _, row := range constant {
			if !strings.Contains(listing, row) {
				t.Fatalf("run %d lacks %q:\n%s", n, row, listing)
			}
		}
		for line := range strings.Lines(listing) {
			cells := strings.Split(strings.TrimSuffix(line, "\n"), " ")
			if len(cells) != 5 || cells[2] != "0" && (cells[3] == "" || cells[4] == "") {
				t.Errorf("run %d: %q", n, line)
			}
		}
		if n%10 == 0 { // with all that is read of single processes
			lists(t, "lsns", "-o", "NS,PPID,UID,COMMAND,CGROUP,AGE,ROOT")
		}
	}
}
