package testkit

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// command is what testscript calls for a line of a script.
type command = func(ts *testscript.TestScript, neg bool, args []string)

// commands are the words that scripts have beside testscript's own.
func commands() map[string]command {
	return map[string]command{
		"needs":    atLeast(1, "needs WHAT [NAME]", needs),
		"exits":    atLeast(2, "exits CODE COMMAND...", exits),
		"same":     atLeast(1, "same COMMAND...", same),
		"waitfor":  waitfor,
		"waitfile": atLeast(1, "waitfile FILE", waitfile),
		"bgpid":    atLeast(1, "bgpid VARIABLE", bgpid),
		"gone":     atLeast(1, "gone PID...", gone),
		"signal":   atLeast(2, "signal NAME PID...", signalTo),
		"readline": atLeast(2, "readline VARIABLE FILE", readline),
		"rootfs":   atLeast(1, "rootfs DIR", rootfs),
	}
}

// atLeast checks what most commands share: no negation, enough words.
func atLeast(words int, usage string, run func(*testscript.TestScript, []string)) command {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) < words {
			ts.Fatalf("usage: %s", usage)
		}
		run(ts, args)
	}
}

// needs skips the script, or fails it, as Require does for a test.
func needs(ts *testscript.TestScript, args []string) {
	reason, err := reasonOf(args[0], strings.Join(args[1:], " "))
	ts.Check(err)
	switch {
	case met(reason):
	case forbidden(reason):
		ts.Fatalf("needs %s, and NSKIT_TEST_MUST_WORK=1 forbids to skip", reason)
	default:
		ts.Value(subtest{}).(testscript.T).Skip("needs " + string(reason))
	}
}

// execute runs a command of the script and returns its exit code. The shell
// between makes argv[0] the bare word, as users have it, and not the path.
func execute(ts *testscript.TestScript, args []string) int {
	err := ts.Exec("sh", append([]string{"-c", `exec "$@"`, "sh"}, args...)...)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &exit):
		ts.Fatalf("%v", err)
	}
	if status := exit.Sys().(syscall.WaitStatus); status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}

func exits(ts *testscript.TestScript, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if code := execute(ts, args[1:]); code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// answer is all that a command says of itself.
type answer struct {
	code           int
	stdout, stderr string
}

// same leaves nskit's hints out: the host's tools have none. Where there is no
// tool to compare with, what follows in the script still judges nskit's answer.
func same(ts *testscript.TestScript, args []string) {
	path := ts.Getenv("PATH")
	args = append([]string{"env", "NSKIT_HINTS=0"}, args...)
	ask := func(path string) answer {
		ts.Setenv("PATH", path)
		code := execute(ts, args)
		return answer{code, ts.ReadFile("stdout"), ts.ReadFile("stderr")}
	}
	compare := hostTool("unshare") != ""
	if !compare && forbidden(NeedsHost("unshare")) {
		ts.Fatalf("nothing to compare with, and NSKIT_TEST_MUST_WORK=1 demands it")
	}
	var theirs answer
	if compare {
		theirs = ask(ts.Getenv(envHost) + ":" + path)
	}
	ours := ask(path)
	if compare && ours != theirs {
		ts.Fatalf("not the same\nhost:  exit %d\n[stdout]\n%s[stderr]\n%s\nnskit: exit %d\n[stdout]\n%s[stderr]\n%s",
			theirs.code, theirs.stdout, theirs.stderr, ours.code, ours.stdout, ours.stderr)
	}
}

func waitfor(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: [!] waitfor COMMAND...")
	}
	if !Poll(func() bool { return (execute(ts, args) == 0) != neg }) {
		ts.Fatalf("still not so after %v", patience())
	}
}

func waitfile(ts *testscript.TestScript, args []string) {
	path := ts.MkAbs(args[0])
	filled := func() bool { info, err := os.Stat(path); return err == nil && info.Size() > 0 }
	if !Poll(filled) {
		ts.Fatalf("%s still empty after %v", path, patience())
	}
}

func bgpid(ts *testscript.TestScript, args []string) {
	running := ts.BackgroundCmds()
	if len(running) == 0 {
		ts.Fatalf("no background command")
	}
	ts.Setenv(args[0], strconv.Itoa(running[len(running)-1].Process.Pid))
}

// pidsOf turns words into PIDs; 0 and below would reach whole groups.
func pidsOf(ts *testscript.TestScript, words []string) []int {
	pids := make([]int, len(words))
	for i, word := range words {
		pid, err := strconv.Atoi(word)
		if err != nil || pid <= 1 {
			ts.Fatalf("no PID: %q", word)
		}
		pids[i] = pid
	}
	return pids
}

func gone(ts *testscript.TestScript, args []string) {
	for _, pid := range pidsOf(ts, args) {
		if !Poll(func() bool { return ended(pid) }) {
			ts.Fatalf("process %s still there after %v", describe(pid), patience())
		}
	}
}

func signalTo(ts *testscript.TestScript, args []string) {
	number := unix.SignalNum("SIG" + args[0])
	if number == 0 {
		ts.Fatalf("no signal: %q", args[0])
	}
	for _, pid := range pidsOf(ts, args[1:]) {
		ts.Check(unix.Kill(pid, number))
	}
}

func readline(ts *testscript.TestScript, args []string) {
	line, _, _ := strings.Cut(ts.ReadFile(args[1]), "\n")
	ts.Setenv(args[0], strings.TrimSpace(line))
}

func rootfs(ts *testscript.TestScript, args []string) {
	dir := ts.MkAbs(args[0])
	ts.Check(Rootfs(dir))
	ts.Check(GiveAway(dir))
}
