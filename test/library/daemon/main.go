// Command daemon is a program that starts commands in other namespaces, a hundred at a
// time: some run to their end with pipes, some are cancelled, some cannot be started. It
// says what differs from os/exec, and what is left of them.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/nsexec"
	"golang.org/x/sys/unix"
)

func main() {
	if err := round(); err != nil { // after which the runtime has all that it keeps
		fail(err)
	}
	before := held()
	for range 2 {
		if err := round(); err != nil {
			fail(err)
		}
	}
	if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); err != unix.ECHILD {
		fail(fmt.Errorf("a child is left: %d, %v", pid, err))
	}
	for patience := time.Now().Add(30 * time.Second); runtime.NumGoroutine() > 1; time.Sleep(time.Millisecond) {
		if time.Now().After(patience) {
			fail(fmt.Errorf("%d goroutines are left", runtime.NumGoroutine()))
		}
	}
	if after := held(); after > before {
		fail(fmt.Errorf("%d descriptors, %d before", after, before))
	}
	fmt.Println("ok")
}

// round runs a hundred commands at once.
func round() error {
	var all sync.WaitGroup
	failed := make([]error, 100)
	for i := range failed {
		all.Go(func() {
			switch i % 4 {
			case 0, 1:
				failed[i] = talk(i)
			case 2:
				failed[i] = cancelled()
			case 3:
				failed[i] = missing()
			}
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

// inside is a command as root of namespaces of its own, every other one in a PID namespace.
func inside(ctx context.Context, i int, words ...string) *nsexec.Cmd {
	zero := launch.IDs{Single: launch.Some(uint32(0))}
	spec := &launch.Spec{Unshare: ns.SetOf(ns.User, ns.UTS), Users: zero, Groups: zero, Command: launch.Command{File: words[0], Args: words}}
	if i%2 == 0 {
		spec.Unshare = spec.Unshare.With(ns.PID).With(ns.Net)
	}
	return nsexec.Command(ctx, spec)
}

// talk writes to a command and reads its answer.
func talk(i int) error {
	cmd := inside(context.Background(), i, "sh", "-c", `read x; echo "$x" "$(id -u)" "$A"; echo err >&2; exit 7`)
	var stderr bytes.Buffer
	cmd.Env, cmd.Stderr = append(os.Environ(), "A=b"), &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	fmt.Fprintln(stdin, i)
	stdin.Close()
	out, err := io.ReadAll(stdout)
	exit := (*exec.ExitError)(nil)
	if waited := cmd.Wait(); !errors.As(waited, &exit) || exit.ExitCode() != 7 || err != nil {
		return fmt.Errorf("ended with %v, %v", waited, err)
	}
	if string(out) != fmt.Sprintln(i, 0, "b") || stderr.String() != "err\n" {
		return fmt.Errorf("said %q, %q", out, stderr.String())
	}
	return nil
}

// cancelled ends a command by its context once it runs.
func cancelled() error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cmd := inside(ctx, 0, "sh", "-c", "echo up; sleep 1000")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	cancel()
	exit := (*exec.ExitError)(nil)
	if err := cmd.Wait(); line != "up\n" || !errors.Is(err, context.Canceled) && !errors.As(err, &exit) {
		return fmt.Errorf("said %q, and ended with %v", line, err)
	}
	if text := cmd.ProcessState.String(); text != "signal: killed" {
		return fmt.Errorf("cancelled, and ended with %s", text)
	}
	return nil
}

// missing wants the error of a command that is not there.
func missing() error {
	err := inside(context.Background(), 0, "/no/such/command").Run()
	failure := (*nsexec.Error)(nil)
	if !errors.Is(err, exec.ErrNotFound) || !errors.As(err, &failure) || failure.Path != "/no/such/command" {
		return fmt.Errorf("not there, and the error is %v", err)
	}
	return nil
}

// held is how many descriptors are open.
func held() int {
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		fail(err)
	}
	return len(all)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
