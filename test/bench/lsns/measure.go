package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/nskit/nskit/internal/bench"
)

// peak is the largest resident set of a run of a candidate, in KiB. It is read
// while the program runs: what wait4(2) reports begins with the size of the
// process that started it.
func peak(c bench.Candidate) (float64, error) {
	cmd := exec.Cmd{Path: c.Path, Args: c.Argv}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	self, _ := os.Executable()
	dir := fmt.Sprintf("/proc/%d/", cmd.Process.Pid)
	for last := 0; ; {
		select {
		case err := <-done:
			return float64(last), err
		case <-time.After(500 * time.Microsecond):
			text, err := os.ReadFile(dir + "status")
			exe, _ := os.Readlink(dir + "exe")
			// Before its exec the child still has the size of this program.
			if err == nil && exe != self && highWater(text) > 0 {
				last = highWater(text)
			}
		}
	}
}

// highWater reads VmHWM, proc_pid_status(5).
func highWater(status []byte) int {
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(string(fields[0]))
	return n
}
