package unshare

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nskit/nskit/internal/testkit"
)

// TestKillChildLeavesNoSurvivor kills the waiting parent at a random moment, from
// its very start to after that of the program. Whatever it had become by then,
// no process may be left.
func TestKillChildLeavesNoSurvivor(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	options := [][]string{
		{"--kill-child"}, {"--kill-child=TERM"}, {"-Ur", "--kill-child"}, {"-Urp", "--kill-child"},
		{"-Ur", "--setuid", "0", "--kill-child=HUP"}, {"-Urmf", "--kill-child=RTMIN+1"},
	}
	span := untilProgramRuns(t)
	var early, late atomic.Int32
	inParallel(func(i int) {
		option := options[i%len(options)]
		delay := time.Duration(rand.Int64N(int64(span)))
		started, ended := killAfter(t, option, delay)
		if !ended {
			t.Errorf("unshare %q, killed after %v: something lives on", option, delay)
		}
		if started {
			late.Add(1)
		} else {
			early.Add(1)
		}
	})
	t.Logf("killed before the program ran: %d, after: %d", early.Load(), late.Load())
	if early.Load() == 0 || late.Load() == 0 {
		t.Errorf("the moments were not random: %d before the program ran, %d after", early.Load(), late.Load())
	}
}

// untilProgramRuns is twice the time that unshare takes to start its program here.
func untilProgramRuns(t *testing.T) time.Duration {
	t.Helper()
	begin := time.Now()
	for range 20 {
		if err := exec.Command("unshare", "-Ur", "--kill-child", "true").Run(); err != nil {
			t.Fatal(err)
		}
	}
	return time.Since(begin) / 10
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
	cmd := exec.Command("unshare", append(option, "sh", "-c", "echo started; exec sleep 1000")...)
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
