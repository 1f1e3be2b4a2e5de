package poor

import (
	"bytes"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// TestDeaf sends a signal that the caller has ignored or blocked at every system call
// that commands make, those of the Go runtime's start included. None may notice it.
func TestDeaf(t *testing.T) {
	testkit.Require(t, testkit.NeedsTool("env")) // coreutils 8.31 or later
	commands := []string{"lsns -n -o NS", "unshare --explain true", "vethctl add --dry-run a b", "unshare --version"}
	for _, sig := range []string{"HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "SEGV", "PIPE", "TERM", "STKFLT", "SYS", "USR1", "ALRM", "CHLD", "IO"} {
		for _, how := range []string{"ignore", "block"} {
			for _, command := range commands {
				state, text := bombard(t, unix.SignalNum("SIG"+sig), append([]string{"env", "--" + how + "-signal=" + sig}, strings.Fields(command)...))
				if state.Signaled() || state.ExitStatus() != 0 || text != "" {
					t.Errorf("%s, SIG%s, %s: exit %d, signal %v: %.200s", how, sig, command, state.ExitStatus(), state.Signal(), text)
				}
			}
		}
	}
}

// bombard traces what env executes, sends it the signal at each stop, and returns how
// it ended and what it said.
func bombard(t *testing.T, sig syscall.Signal, argv []string) (syscall.WaitStatus, string) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var errors bytes.Buffer
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stderr = &errors
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	var status syscall.WaitStatus
	executed, options := false, syscall.PTRACE_O_TRACESYSGOOD|syscall.PTRACE_O_TRACEEXEC|unix.PTRACE_O_EXITKILL
	rest := 0 // stops to leave alone, so that a call that the signal has interrupted gets done
	for first := true; ; first = false {
		if _, err := syscall.Wait4(pid, &status, syscall.WALL, nil); err != nil {
			t.Fatal(err)
		}
		if !status.Stopped() {
			break
		}
		if first {
			if err := syscall.PtraceSetOptions(pid, options); err != nil {
				t.Fatal(err)
			}
		}
		pass := 0
		switch stop := status.StopSignal(); {
		case status.TrapCause() == syscall.PTRACE_EVENT_EXEC:
			executed = true
		case !first && stop&0x80 == 0:
			pass, rest = int(stop), 3
		case rest > 0:
			rest--
		case executed:
			syscall.Kill(pid, sig)
		}
		syscall.PtraceSyscall(pid, pass)
	}
	cmd.Wait() // it has been waited for; this closes the pipe
	return status, errors.String()
}

// TestDeafened has an action put back that is changed on the way through the Go runtime.
func TestDeafened(t *testing.T) {
	for _, sig := range []unix.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGTERM, unix.SIGSEGV} {
		show := strings.Fields("grep -h" + strings.Repeat(" -e nothing", 200) + " -e ^SigIgn -e ^SigBlk /proc/self/status")
		want := pending(t, sig, show...)
		if got := pending(t, sig, append([]string{"unshare"}, show...)...); got != want {
			t.Errorf("%v: %q, want %q", sig, got, want)
		}
	}
}
