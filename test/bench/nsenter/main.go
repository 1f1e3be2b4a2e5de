// Command nsenter measures the applet nsenter against util-linux and busybox,
// with a process in namespaces of its own as the target. It must run as root.
package main

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"github.com/nskit/nskit/internal/bench"
)

func main() { bench.Main(cases) }

func cases(nskit string) []bench.Case {
	pid := new(target)
	nsenter := func(args ...string) []bench.Candidate {
		return bench.Trio(nskit, "nsenter", append([]string{"-t", pid.start()}, args...)...)
	}
	truth := bench.Host("true")
	return []bench.Case{
		{Name: "nsenter -u -n true", Candidates: nsenter("-u", "-n", truth)},
		{Name: "nsenter -a true", Candidates: nsenter("-a", truth)[:2]}, // busybox has no -a
		{Name: "nsenter -U true", Candidates: nsenter("-U", truth)},
		{Name: "nsenter -m -r -w true", Candidates: nsenter("-m", "-r", "-w", truth)},
		{Name: "nsenter -p sleep: waiting parent", Candidates: nsenter("-p", bench.Host("sleep"), "1000"),
			Measure: bench.WaitingRSS, Unit: "KiB", Rounds: 5},
	}
}

// target is a process in namespaces of all kinds. It ends with this one.
type target struct{ pid string }

// start starts it once and returns its PID.
func (t *target) start() string {
	if t.pid != "" {
		return t.pid
	}
	cmd := exec.Command(bench.Host("sleep"), "1000")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC |
			syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWCGROUP,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	if err := cmd.Start(); err != nil {
		return "the target does not start: " + err.Error()
	}
	t.pid = strconv.Itoa(cmd.Process.Pid)
	return t.pid
}
