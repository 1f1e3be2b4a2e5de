package faults

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// waiting are commands that leave a process waiting for its child in one way or
// another; self is the test.
var waiting = [][]string{
	{"unshare", "-f"},
	{"unshare", "-Urpmf", "--mount-proc"},
	{"unshare", "-Ur", "--kill-child"},
	{"unshare", "-Urpf", "--forward-signals=USR1,TERM"},
	{"nsenter", "-t", "self", "-p"},
	{"nsenter", "-t", "self", "-p", "--forward-signals=USR1,TERM"},
}

// harmless are signals that do not end who waits: they interrupt, or stop and
// continue it.
var harmless = []syscall.Signal{syscall.SIGCHLD, syscall.SIGWINCH, syscall.SIGURG, syscall.SIGSTOP, syscall.SIGCONT, syscall.SIGINT, syscall.SIGTERM}

// TestStorm showers who waits with signals: it waits on, and ends as the child does.
func TestStorm(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	for _, words := range waiting {
		t.Run(strings.Join(words, " "), func(t *testing.T) {
			if words[0] == "nsenter" {
				testkit.Require(t, testkit.NeedsRoot)
			}
			storm(t, words)
		})
	}
}

func storm(t *testing.T, words []string) {
	words = append([]string(nil), words...)
	for i := range words {
		if words[i] == "self" {
			words[i] = strconv.Itoa(os.Getpid())
		}
	}
	cmd := exec.Command(words[0], append(words[1:], "sh", "-c", `trap "" TERM USR1 INT; echo up; read line; exit 7`)...)
	in, err := cmd.StdinPipe()
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	reader := bufio.NewReader(out)
	if line, err := reader.ReadString('\n'); line != "up\n" {
		t.Fatal(line, err)
	}
	signals := harmless
	if words[0] == "nsenter" {
		signals = signals[:5] // it blocks none of the others, as util-linux
	}
	for i := range 3000 {
		check(t, cmd.Process.Signal(signals[i%len(signals)]))
	}
	check(t, cmd.Process.Signal(syscall.SIGCONT))
	_, err = io.WriteString(in, "go\n")
	check(t, err)
	rest, _ := io.ReadAll(reader)
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 7 || len(rest) > 0 {
		t.Errorf("%q: %v, want exit code 7; %s", words, err, rest)
	}
	if left := testkit.Children(); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
