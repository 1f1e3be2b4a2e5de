package poor

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/trampoline"
	"golang.org/x/sys/unix"
)

// TestPendingSignals starts nskit with each signal blocked and pending. It neither
// dies of one nor loses it: the program that it starts finds it pending as it would
// without nskit.
func TestPendingSignals(t *testing.T) {
	show := strings.Fields("grep -h ^ShdPnd /proc/self/status")
	many := strings.Fields("unshare grep -h" + strings.Repeat(" -e nothing", 200) + " -e ^ShdPnd /proc/self/status")
	for sig := unix.Signal(1); sig <= 64; sig++ {
		if sig == unix.SIGKILL || sig == unix.SIGSTOP {
			continue
		}
		want := pending(t, sig, show...)
		if sig == unix.SIGCHLD { // unshare(1) resets its action, which discards it
			want = "ShdPnd:\t0000000000000000\n"
		}
		for _, command := range [][]string{
			append([]string{"unshare"}, show...),
			many, // more than there is room for before the Go runtime
		} {
			if got := pending(t, sig, command...); got != want {
				t.Errorf("%d, %s: %q, want %q", int(sig), command[:3], got, want)
			}
		}
		for _, command := range [][]string{{"unshare", "--fork", "true"}, {"unshare", "--help"}, {"unshare", "--version"}, {"lsns", "-n", "-o", "NS"}, {"unshare", "--explain", "true"}} {
			pending(t, sig, command...)
		}
	}
}

// pending executes a command with a signal that is blocked and pending, and returns
// what it prints. It must end with success.
func pending(t *testing.T, sig unix.Signal, command ...string) string {
	t.Helper()
	path, err := exec.LookPath(command[0])
	if err != nil {
		t.Fatal(err)
	}
	b := program.New("test")
	b.Cmdline(command)
	pid := b.Var("pid")
	b.Sigprocmask(unix.SIG_SETMASK, []unix.Signal{sig}, program.Var{}).Or("sigprocmask")
	b.Getpid().Into(pid)
	b.Kill(program.Value(pid), program.Signal(sig)).Or("kill")
	b.Execve(path, program.Argv(0), program.Envp()).Or("execve")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	child, err := trampoline.Start(b.Program(), &os.ProcAttr{Files: []*os.File{nil, w, os.Stderr}})
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	output, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if state, err := child.Wait(); err != nil || !state.Success() {
		t.Errorf("%d, %s: %v, %v", int(sig), command[:min(3, len(command))], state, err)
	}
	return string(output)
}
