package trampoline

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// TestRetry counts how often a step is carried out that fails with EAGAIN so many
// times and then with another error, which stands for success.
func TestRetry(t *testing.T) {
	if os.Getenv("NSKIT_TEST_RETRY") != "" {
		if err := Exec(passing()); err != nil {
			t.Fatal(err)
		}
	}
	testkit.Require(t, testkit.NeedsTool("strace"))
	for failures, want := range map[int]string{0: "done", 3: "done", program.Retries: "done", program.Retries + 1: "test: no: Resource temporarily unavailable\n"} {
		log := t.TempDir() + "/log"
		args := []string{"-f", "-o", log, "-e", "trace=chroot"}
		if failures > 0 {
			args = append(args, "-e", "inject=chroot:error=EAGAIN:when=1.."+strconv.Itoa(failures))
		}
		cmd := exec.Command("strace", append(args, os.Args[0], "-test.run=^TestRetry$")...)
		cmd.Env = append(os.Environ(), "NSKIT_TEST_RETRY=1")
		output, _ := cmd.CombinedOutput()
		if string(output) != want {
			t.Errorf("%d failures: %q, want %q", failures, output, want)
		}
		calls, err := os.ReadFile(log)
		if n := strings.Count(string(calls), "chroot("); err != nil || n != min(failures, program.Retries)+1 {
			t.Errorf("%d failures: called %d times, %v", failures, n, err)
		}
	}
}

// passing is a Program of a call that may fail for a while.
func passing() *program.Program {
	return build(func(b *program.Builder) {
		b.Chroot("/nonexistent/x").Retry(unix.EINTR, unix.EAGAIN).Ignore(unix.ENOENT).Or("no")
		b.Write(program.Int(1), "done").Or("write")
		exit(b, 0)
	})
}

// TestRetryThenIgnored: what an error leads to otherwise is what it leads to in the
// end, whichever was said first.
func TestRetryThenIgnored(t *testing.T) {
	for name, step := range map[string]func(s *program.Step) *program.Step{
		"retry first":  func(s *program.Step) *program.Step { return s.Retry(unix.ENOENT).Ignore(unix.ENOENT) },
		"ignore first": func(s *program.Step) *program.Step { return s.Ignore(unix.ENOENT).Retry(unix.ENOENT) },
		"tolerated":    func(s *program.Step) *program.Step { return s.Retry(unix.ENOENT, unix.EPERM).Tolerate() },
	} {
		out, state := run(t, build(func(b *program.Builder) {
			step(b.Chdir("/nonexistent").Or("no"))
			exit(b, 4)
		}))
		if out != "" || state.ExitCode() != 4 {
			t.Errorf("%s: %q, %v", name, out, state)
		}
	}
}
