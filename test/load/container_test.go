package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// says runs a command and fails unless it exits with a code and has nothing to
// say on descriptor 2, or everything.
func says(code int, name string, args ...string) (string, error) {
	var out, errs bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Args[0] = name
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "", err
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		return "", fmt.Errorf("%s %q: exit code %d, want %d: %s%s", name, args, got, code, &out, &errs)
	}
	if code == 0 && errs.Len() > 0 {
		return "", fmt.Errorf("%s %q: %s", name, args, &errs)
	}
	return out.String(), nil
}

// container is one that runs: sleep(1) in namespaces of its own.
type container struct {
	cmd *exec.Cmd
	// pid is the process inside, which need not be the one that was started.
	pid int
	// leads says that the process in front takes it along when it ends.
	leads bool
}

// start starts a container and returns when its program runs.
func start(name string, args ...string) (*container, error) {
	cmd := exec.Command(name, append(args, "sh", "-c", "echo up; exec sleep 1000")...)
	cmd.Args[0] = name
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if line != "up\n" {
		return nil, fmt.Errorf("%s %q: not up: %v, %v %s", name, args, err, cmd.Wait(), &errs)
	}
	c := &container{cmd: cmd, pid: cmd.Process.Pid}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", c.pid, c.pid))
	if err != nil {
		return nil, err
	}
	if child := strings.TrimSpace(string(children)); child != "" {
		c.pid, err = strconv.Atoi(child)
	}
	c.leads = strings.Contains(strings.Join(args, " "), "--kill-child")
	return c, err
}

// end kills the program, or the process in front if that one takes it along.
func (c *container) end(front bool) error {
	victim := c.pid
	if front && c.leads {
		victim = c.cmd.Process.Pid
	}
	if err := syscall.Kill(victim, syscall.SIGKILL); err != nil {
		return err
	}
	var exit *exec.ExitError
	if err := c.cmd.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		return fmt.Errorf("%q was killed, and ended with: %v", c.cmd.Args, err)
	}
	return nil
}
