package testkit

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long a condition may take to come true, half a minute or what
// NSKIT_TEST_PATIENCE says. No test waits so long unless it is about to fail.
func patience() time.Duration {
	if limit, err := time.ParseDuration(os.Getenv("NSKIT_TEST_PATIENCE")); err == nil {
		return limit
	}
	return 30 * time.Second
}

// envStage says which of the processes of a run this one is; see [Main].
const envStage = "NSKIT_TEST_STAGE"

// The stages of a run. The first one has no name.
const (
	stageWatch = "watch" // watches over the tests, in namespaces of its own where it may
	stageTest  = "test"  // runs them, or one script
)

// Main is the TestMain of a black-box package; it does not return. The tests run
// in a process of their own below one that watches over them, inherits
// their orphans and fails the run if anything is left behind. As root both are in new
// namespaces, so that nobody else's processes, mounts, interfaces and
// names are seen, and the processes end with the run.
func Main(m *testing.M) { runTests(m, apartPossible()) }

// MainInPlace is [Main] for tests that look at the machine as it is. What others do
// there must make no difference to them.
func MainInPlace(m *testing.M) { runTests(m, false) }

func runTests(m *testing.M, apart bool) {
	defaultSignals()
	keepDescriptors()
	switch stage, script := take(envStage), take(envScript); {
	case stage == stageTest && script != "":
		os.Exit(testScript(script))
	case stage == stageTest:
		os.Exit(m.Run())
	case stage == stageWatch && script != "":
		os.Exit(watchScript(script))
	case stage == stageWatch || !apart:
		os.Exit(watchPackage())
	}
	os.Exit(watchApart())
}

// watchApart runs the tests of the package in new namespaces.
func watchApart() int {
	if os.Getenv("NSKIT_BIN") == "" { // in there is no network, should the go command need a module
		dir, err := os.MkdirTemp("", "nskit-test-bin-")
		if err == nil {
			defer os.RemoveAll(dir)
			err = placeBinary(filepath.Join(dir, "nskit"))
		}
		if err != nil {
			return report(0, err)
		}
		os.Setenv("NSKIT_BIN", filepath.Join(dir, "nskit"))
	}
	cmd := self(stageWatch)
	apart(cmd)
	return report(start(cmd))
}

// take reads a variable that is meant for this process alone.
func take(name string) string {
	defer os.Unsetenv(name)
	return os.Getenv(name)
}

// watchPackage runs the tests of the package and checks what they leave.
func watchPackage() int {
	if err := prepare(); err != nil {
		fmt.Fprintln(os.Stderr, "testkit:", err)
		return 1
	}
	root, err := place()
	if err != nil {
		fmt.Fprintln(os.Stderr, "testkit:", err)
		remove(root)
		return 1
	}
	before := look()
	late := watchHelpers()
	code := report(start(self(stageTest)))
	if found := waitForLeaks(before, root); reportLeaks(found) || late() {
		code = max(code, 1)
	}
	if err := remove(root); err != nil {
		fmt.Fprintln(os.Stderr, "testkit:", err)
		return 1
	}
	return code
}

// prepare makes this process one that watches: orphans become its children.
func prepare() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no child subreaper: %w", err)
	}
	return furnish()
}

// reportLeaks says what was left behind, if anything was.
func reportLeaks(found []string) bool {
	for _, leak := range found {
		fmt.Fprintln(os.Stderr, "testkit: left behind:", leak)
	}
	return len(found) > 0
}

// self is this program with its own arguments, for another stage.
func self(stage string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), envStage+"="+stage)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if stage == stageWatch {
		cmd.SysProcAttr.Pdeathsig = syscall.SIGTERM
	}
	return cmd
}

// start runs a command of [self], reaps whatever ends meanwhile, and returns how
// the command ended.
func start(cmd *exec.Cmd) (unix.WaitStatus, error) {
	runtime.LockOSThread() // the command dies with the thread that started it
	defer runtime.UnlockOSThread()
	signals := make(chan os.Signal, 1) // before there is anything that a signal should end
	signal.Notify(signals, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGINT)
	defer func() { signal.Stop(signals); close(signals) }()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	go relay(signals, cmd.Process.Pid)
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return 0, fmt.Errorf("wait: %w", err)
		case pid == cmd.Process.Pid:
			return status, nil
		}
	}
}

// report turns how a run ended into an exit code, and says so if it had none.
func report(status unix.WaitStatus, err error) int {
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "testkit:", err)
		return 1
	case status.Signaled():
		fmt.Fprintln(os.Stderr, "testkit: the tests ended by", status.Signal())
		return 1
	}
	return status.ExitStatus()
}

// relay hands on the signals by which `go test` and terminals end a run. SIGTERM,
// which comes when the process above has died, ends all that is below.
func relay(signals <-chan os.Signal, pid int) {
	for s := range signals {
		if s == syscall.SIGTERM {
			endAll()
		}
		_ = syscall.Kill(pid, s.(syscall.Signal)) // it may have ended just now
	}
}

// endAll kills what is below this process, children before parents: with the oldest of them this process
// ends, too. It looks again, since a list lacks what starts meanwhile.
func endAll() {
	for end := time.Now().Add(grace); time.Now().Before(end); time.Sleep(time.Millisecond) {
		below := descendants(os.Getpid(), open)
		if len(below) == 0 {
			return
		}
		slices.Reverse(below)
		killAll(below)
	}
}

// remove deletes a run's directory, never through a mount.
func remove(root string) error {
	if root == "" {
		return nil
	}
	detach(mountsBelow(root))
	if left := mountsBelow(root); len(left) > 0 {
		return fmt.Errorf("%s stays, %s is mounted there", root, left[0])
	}
	return os.RemoveAll(root)
}
