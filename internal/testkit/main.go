package testkit

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
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

// Main is the TestMain of a black-box package; it does not return. The tests
// run in a second process below this one, which inherits their orphans and
// fails the run if anything is left behind.
func Main(m *testing.M) {
	defaultSignals()
	if os.Getenv(envRoot) != "" {
		os.Exit(m.Run())
	}
	os.Exit(supervise())
}

// supervise runs this test binary once more and checks what it leaves.
func supervise() int {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		fmt.Fprintln(os.Stderr, "testkit: no child subreaper:", err)
		return 1
	}
	root, err := place()
	if err != nil {
		fmt.Fprintln(os.Stderr, "testkit:", err)
		remove(root)
		return 1
	}
	before := look()
	code := again()
	leaks := waitForLeaks(before, root)
	for _, leak := range leaks {
		fmt.Fprintln(os.Stderr, "testkit: left behind:", leak)
	}
	if err := remove(root); err != nil {
		fmt.Fprintln(os.Stderr, "testkit:", err)
		return 1
	}
	if len(leaks) > 0 {
		return 1
	}
	return code
}

// again runs this program with its own arguments, reaps whatever ends meanwhile,
// and returns the exit code of the run itself.
func again() int {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "testkit:", err)
		return 1
	}
	stop := relay(cmd.Process.Pid)
	defer stop()
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			fmt.Fprintln(os.Stderr, "testkit: wait:", err)
			return 1
		case pid == cmd.Process.Pid && status.Signaled():
			fmt.Fprintln(os.Stderr, "testkit: the tests ended by", status.Signal())
			return 1
		case pid == cmd.Process.Pid:
			return status.ExitStatus()
		}
	}
}

// relay hands on the signals by which `go test` and terminals end a run.
func relay(pid int) (stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		for s := range signals {
			_ = syscall.Kill(pid, s.(syscall.Signal)) // it may have ended just now
		}
	}()
	return func() { signal.Stop(signals); close(signals) }
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
