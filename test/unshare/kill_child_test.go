package unshare

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/internal/trampoline"
	"github.com/nskit/nskit/pkg/launch"
	"golang.org/x/sys/unix"
)

// TestKillChildLeavesNoSurvivor kills the waiting parent at a random moment, from
// its very start to after that of the program. Whatever it had become by then,
// no process may be left. Where the kernel can tie the child to its parent this is done
// without that as well.
func TestKillChildLeavesNoSurvivor(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	options := [][]string{
		{"--kill-child"}, {"--kill-child=TERM"}, {"-Ur", "--kill-child"}, {"-Urp", "--kill-child"},
		{"-Ur", "--setuid", "0", "--kill-child=HUP"}, {"-Urmf", "--kill-child=RTMIN+1"},
	}
	t.Logf("the kernel ties the child to its parent: %v", tie())
	t.Run("as it can", func(t *testing.T) { killAtRandom(t, append(options, changed()...), killAfter) })
	if errno := tie(); errno == unix.EINVAL || errno == unix.ENOSYS {
		return // it was done just now
	}
	t.Run("by the signal", func(t *testing.T) {
		killAtRandom(t, options, func(t *testing.T, option []string, delay time.Duration) (started, ended bool) {
			untied(t, func() { started, ended = killAfter(t, option, delay) })
			return started, ended
		})
	})
}

// killAtRandom has the parent killed at random moments. They are drawn from a span that grows
// while they come before the program runs and shrinks while they come after, whatever else
// the machine does: half are of each.
func killAtRandom(t *testing.T, options [][]string, kill func(t *testing.T, option []string, delay time.Duration) (started, ended bool)) {
	var early, late atomic.Int32
	var span atomic.Int64
	span.Store(int64(4 * time.Millisecond))
	inParallel(func(i int) {
		option := options[i%len(options)]
		now := span.Load()
		delay := time.Duration(rand.Int64N(now))
		started, ended := kill(t, option, delay)
		if !ended {
			t.Errorf("unshare %q, killed after %v: something lives on", option, delay)
		}
		if started {
			late.Add(1)
			span.Store(max(now-now/8, 1000))
		} else {
			early.Add(1)
			span.Store(min(now+now/8, int64(10*time.Second))) // an emulated machine is slow
		}
	})
	t.Logf("killed before the program ran: %d, after: %d", early.Load(), late.Load())
	if !testing.Short() && (early.Load() == 0 || late.Load() == 0) { // a few rounds may fall on one side
		t.Errorf("the moments were not random: %d before the program ran, %d after", early.Load(), late.Load())
	}
}

// killAfter starts a program that would stay for good, kills unshare, and reports
// whether the program had started and whether everything ended. They all hold
// the writing end of a pipe: its end of file is theirs.
func killAfter(t *testing.T, option []string, delay time.Duration) (started, ended bool) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Error(err)
		return false, false
	}
	defer read.Close()
	cmd := exec.Command("unshare", append(slices.Clip(option), "sh", "-c", "echo started; exec sleep 1000")...)
	cmd.Stdout = write
	err = cmd.Start()
	write.Close()
	if err != nil {
		t.Error(err)
		return false, false
	}
	time.Sleep(delay)
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	_ = read.SetReadDeadline(time.Now().Add(30 * time.Second))
	text, err := io.ReadAll(read)
	return len(text) > 0, !errors.Is(err, os.ErrDeadlineExceeded)
}

// TestKillChildTooLate stops the child before it asks to end with its parent, and
// kills the parent meanwhile: the child must notice, and not run the program.
func TestKillChildTooLate(t *testing.T) {
	for _, sig := range []unix.Signal{unix.SIGKILL, unix.SIGTERM} {
		p := launch.Unshare(&launch.Spec{Name: "unshare", Fork: true, KillChild: sig,
			Command: launch.Command{File: "/bin/echo", Args: []string{"echo", "it ran"}}}, &launch.Caller{})
		openItself(t, p)
		stopInChild(t, p)
		refuseTie(p)
		if output := withoutParent(t, p); output != "" {
			t.Errorf("%v: %s", sig, output)
		}
	}
}

// step finds the first step that fits.
func step(t *testing.T, p *program.Program, fits func(*program.Step) bool) *program.Step {
	t.Helper()
	i := slices.IndexFunc(p.Steps, fits)
	if i < 0 {
		t.Fatal("there is no such step")
	}
	return p.Steps[i]
}

// openItself makes the parent open a pidfd of the process that it turns out to
// be: it asks in the step that would set its name.
func openItself(t *testing.T, p *program.Program) {
	calls := func(op program.Op) func(*program.Step) bool {
		return func(s *program.Step) bool { return s.Op == op }
	}
	name, pidfd, fork := step(t, p, calls(program.SysPrctl)), step(t, p, calls(program.SysPidfdOpen)), step(t, p, calls(program.SysClone))
	name.Op, name.Args, name.Result = program.SysGetpid, nil, fork.Result
	pidfd.Args[0] = program.Value(fork.Result)
}

// refuseTie has the kernel refuse to tie the child to its parent, as before Linux 7.1.
func refuseTie(p *program.Program) {
	for _, s := range p.Steps {
		if s.Op == program.SysClone3 {
			s.Args[0] = program.Null()
		}
	}
}

// stopInChild makes the child stop itself and its parent, a process group of
// their own, where it restores the signal mask: before it looks at its parent.
func stopInChild(t *testing.T, p *program.Program) {
	s := step(t, p, func(s *program.Step) bool { return s.Section == "the child" })
	s.Op, s.Args = program.SysKill, []program.Arg{program.Int(0), program.Signal(unix.SIGSTOP)}
}

// withoutParent starts a Program that stops, kills the parent, and returns what
// the child says when it goes on.
func withoutParent(t *testing.T, p *program.Program) string {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	parent, err := trampoline.Start(p, &os.ProcAttr{Files: []*os.File{nil, write, write}, Sys: &syscall.SysProcAttr{Setpgid: true}})
	write.Close()
	if err != nil {
		t.Fatal(err)
	}
	var status unix.WaitStatus
	if _, err := unix.Wait4(parent.Pid, &status, unix.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatalf("the parent has not stopped: %v, %v", status, err)
	}
	_ = parent.Kill()
	if _, err := parent.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := unix.Kill(-parent.Pid, unix.SIGCONT); err != nil {
		t.Fatal("the child is gone already: ", err)
	}
	text, err := io.ReadAll(read)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
