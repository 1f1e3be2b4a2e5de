package unshare

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// runs is how often what depends on a moment is done.
func runs() int {
	if testing.Short() {
		return 40
	}
	return 1000
}

// TestForkMirrorsTheEnd lets children end in every way there is, a thousand times:
// unshare must end just so, by exit code or by signal.
func TestForkMirrorsTheEnd(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	options := [][]string{{"--fork"}, {"-Ur", "--fork"}, {"--kill-child"}, {"--forward-signals"}, {"-Urp", "--fork"}}
	ends := ends()
	rand.Shuffle(len(ends), func(i, j int) { ends[i], ends[j] = ends[j], ends[i] })
	inParallel(func(i int) {
		end := ends[i%len(ends)]
		option := options[rand.IntN(len(options))]
		if len(option[0]) == 4 && end.signal != 0 {
			option = options[0] // PID 1 of a namespace can hardly kill itself
		}
		argv := append(option, "sh", "-c", end.script())
		cmd := exec.Command("unshare", argv...)
		cmd.Stderr = os.Stderr
		_ = cmd.Run() // its end is what is looked at
		if got := endOf(cmd.ProcessState); got != end {
			t.Errorf("unshare %q: %v, want %v", argv, got, end)
		}
	})
}

// end is how a process ends: by exit code, or by a signal.
type end struct {
	code   int
	signal syscall.Signal
}

func (e end) String() string {
	if e.signal != 0 {
		return fmt.Sprintf("signal %d", int(e.signal))
	}
	return fmt.Sprintf("exit code %d", e.code)
}

// script is what a shell does to end so; it leaves no core.
func (e end) script() string {
	if e.signal != 0 {
		return fmt.Sprintf("ulimit -c 0; kill -%d $$", int(e.signal))
	}
	return fmt.Sprintf("exit %d", e.code)
}

func endOf(state *os.ProcessState) end {
	status := state.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return end{signal: status.Signal()}
	}
	return end{code: status.ExitStatus()}
}

// ends are all exit codes, and all signals that end a process.
func ends() []end {
	var all []end
	for code := range 256 {
		all = append(all, end{code: code})
	}
	for signal := syscall.Signal(1); signal <= 64; signal++ {
		switch signal {
		case syscall.SIGCHLD, syscall.SIGCONT, syscall.SIGURG, syscall.SIGWINCH, // do nothing
			syscall.SIGSTOP, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU: // stop
		default:
			all = append(all, end{signal: signal})
		}
	}
	return all
}

// inParallel does one thing runs times, four at a time.
func inParallel(do func(i int)) {
	var wait sync.WaitGroup
	next := make(chan int)
	for range 4 {
		wait.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range runs() {
		next <- i
	}
	close(next)
	wait.Wait()
}
