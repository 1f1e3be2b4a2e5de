package launch_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/internal/trampoline"
	"github.com/nskit/nskit/pkg/containers"
	"github.com/nskit/nskit/pkg/launch"
)

// TestTargetThatChanges decides about a process, which then becomes another kind
// of place before the Program runs: nothing is entered.
func TestTargetThatChanges(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	for _, change := range []string{"exec unshare -m sh -c 'echo; exec cat'", "mkdir -p $ROOT/bin && cp \"$(command -v busybox)\" $ROOT/bin && exec chroot $ROOT /bin/busybox sh -c 'echo; exec /bin/busybox cat'"} {
		cmd := exec.Command("sh", "-c", "echo; read go; "+change)
		cmd.Env = append(os.Environ(), "ROOT="+t.TempDir())
		in, _ := cmd.StdinPipe()
		out, _ := cmd.StdoutPipe()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			in.Close()
			cmd.Wait()
		}()
		lines := bufio.NewReader(out)
		await := func() {
			t.Helper()
			if _, err := lines.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		await()
		p, err := containers.Look(cmd.Process.Pid)
		if err != nil || p.Mount == 0 {
			t.Fatalf("Look = %v, %v", p, err)
		}
		seen := &launch.Seen{Mount: p.Mount, Device: p.Root.Device, Root: p.Root.Inode}
		entry := &launch.Entry{Name: "nsenter", Target: &launch.Target{PID: p.PID, Seen: seen}, All: true, Command: shell("echo inside")}
		if code, text := outcome(t, entry); code != 0 || text != "inside" {
			t.Errorf("unchanged: %d, %q", code, text)
		}
		io.WriteString(in, "\n")
		await()
		if code, text := outcome(t, entry); code != 1 || !strings.Contains(text, "has changed since it was looked up") {
			t.Errorf("after %q: %d, %q", change, code, text)
		}
	}
}

// outcome carries an Entry out and returns the exit code and what was printed.
func outcome(t *testing.T, e *launch.Entry) (int, string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	child, err := trampoline.Start(launch.Enter(e, &launch.Caller{}), &os.ProcAttr{Files: []*os.File{nil, w, w}})
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(r)
	state, err := child.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return state.ExitCode(), strings.TrimSpace(string(text))
}
