package bench

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Peak is the largest resident set of a run of a candidate, in KiB: VmHWM of
// proc_pid_status(5), read when the program is about to end. What wait4(2)
// reports begins with the size of the process that started it.
func Peak(c Candidate) (float64, error) { return atEnd(c, highWater) }

// Share is the memory that a candidate has to itself when it is about to end, in
// KiB: Pss of proc_pid_smaps(5), in which a page that three processes map counts a third.
func Share(c Candidate) (float64, error) {
	return atEnd(c, func(pid int) (float64, error) { return rollup(pid, "Pss") })
}

// atEnd runs a candidate and takes its measure when it is about to end.
func atEnd(c Candidate, measure func(pid int) (float64, error)) (float64, error) {
	// Only the thread that started a program may trace it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid, err := startTraced(c)
	if err != nil {
		return 0, err
	}
	if err := unix.PtraceSetOptions(pid, unix.PTRACE_O_TRACEEXIT|unix.PTRACE_O_EXITKILL); err != nil {
		return 0, err
	}
	value := 0.0
	err = follow(pid, func() error {
		value, err = measure(pid)
		return err
	})
	return value, err
}

// startTraced starts a candidate and stops it behind its execve(2).
func startTraced(c Candidate) (pid int, err error) {
	if errDevNull != nil {
		return 0, errDevNull
	}
	null := devNull.Fd()
	pid, err = syscall.ForkExec(c.Path, c.Argv, &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{null, null, null}, Sys: &syscall.SysProcAttr{Ptrace: true}})
	if err != nil {
		return 0, err
	}
	var status unix.WaitStatus
	_, err = unix.Wait4(pid, &status, 0, nil)
	if err == nil && !status.Stopped() {
		err = fmt.Errorf("ends with status %#x instead of stopping", uint32(status))
	}
	return pid, err
}

// follow lets a traced program run to its end, which must be success. atExit is
// called while its memory is still there.
func follow(pid int, atExit func() error) error {
	for signal := 0; ; {
		if err := unix.PtraceCont(pid, signal); err != nil {
			return err
		}
		var status unix.WaitStatus
		if _, err := unix.Wait4(pid, &status, 0, nil); err != nil {
			return err
		}
		switch {
		case !status.Stopped() && status != 0:
			return fmt.Errorf("fails with status %#x", uint32(status))
		case !status.Stopped():
			return nil
		case status.TrapCause() == unix.PTRACE_EVENT_EXIT && atExit != nil:
			if err := atExit(); err != nil {
				return err
			}
			signal = 0
		case status.StopSignal() == unix.SIGTRAP: // a further execve(2)
			signal = 0
		default:
			signal = int(status.StopSignal())
		}
	}
}

func highWater(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(text, []byte("\nVmHWM:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0, errors.New("no VmHWM in its status")
	}
	return strconv.ParseFloat(string(fields[0]), 64)
}
