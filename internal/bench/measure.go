package bench

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Measure runs a candidate once and returns what it cost.
type Measure func(Candidate) (float64, error)

// devNull is what the candidates read from and write to.
var devNull, errDevNull = os.OpenFile(os.DevNull, os.O_RDWR, 0)

// start starts a candidate with the least that a start can cost.
func start(c Candidate) (pid int, err error) {
	if errDevNull != nil {
		return 0, errDevNull
	}
	null := devNull.Fd()
	return syscall.ForkExec(c.Path, c.Argv, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{null, null, null}})
}

// wait waits for a candidate, which must succeed.
func wait(pid int) error {
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(pid, &status, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err == nil && status != 0 {
			err = fmt.Errorf("fails with status %#x", uint32(status))
		}
		return err
	}
}

// Wall is the time from the start of the process to its end, in milliseconds.
func Wall(c Candidate) (float64, error) {
	began := time.Now()
	pid, err := start(c)
	if err != nil {
		return 0, err
	}
	err = wait(pid)
	return float64(time.Since(began)) / float64(time.Millisecond), err
}

// WaitingRSS is the resident memory, in KiB, of a process that waits for its
// only child, which must be a `sleep`. Both are killed.
func WaitingRSS(c Candidate) (float64, error) {
	pid, err := start(c)
	if err != nil {
		return 0, err
	}
	defer func() {
		_ = syscall.Kill(pid, syscall.SIGKILL) // gone is as good
		_ = wait(pid)                          // ended by the signal, of course
	}()
	child, err := sleepingChild(pid)
	if err != nil {
		return 0, err
	}
	defer func() { _ = syscall.Kill(child, syscall.SIGKILL) }()
	return resident(pid)
}

// sleepingChild waits until the process has a child that became `sleep`.
func sleepingChild(pid int) (int, error) {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
		if err != nil {
			return 0, err
		}
		child, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			continue // none yet
		}
		name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", child)) // it may just end
		if string(name) == "sleep\n" {
			return child, nil
		}
	}
	return 0, errors.New("has no sleeping child after 10 s")
}

// resident adds up the pages; VmRSS of /proc/PID/status is off by some.
func resident(pid int) (float64, error) { return rollup(pid, "Rss") }

// rollup is a line of /proc/PID/smaps_rollup.
func rollup(pid int, name string) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, err
	}
	_, after, _ := bytes.Cut(text, []byte("\n"+name+":"))
	fields := strings.Fields(string(after))
	if len(fields) == 0 {
		return 0, fmt.Errorf("no %s in smaps_rollup", name)
	}
	return strconv.ParseFloat(fields[0], 64)
}

// WithMounts are a mount namespace that has count mounts more. They need root.
// The namespace is a thread's own, and ends with it.
func WithMounts(count int) *Surroundings {
	return &Surroundings{func(run func()) error {
		dir, err := os.MkdirTemp("", "nskit-bench-")
		if err != nil {
			return err
		}
		defer os.Remove(dir) // the other namespace's mounts do not hold it
		done := make(chan error)
		go func() {
			runtime.LockOSThread() // never unlocked: the thread cannot go back
			err := addMounts(dir, count)
			if err == nil {
				run()
			}
			done <- err
		}()
		return <-done
	}}
}

// addMounts gives the thread a private mount namespace and fills it.
func addMounts(dir string, count int) error {
	if err := unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("new mount namespace: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := unix.Mount("nskit-bench", dir, "tmpfs", 0, ""); err != nil {
		return err
	}
	for i := range count {
		point := filepath.Join(dir, strconv.Itoa(i))
		if err := os.Mkdir(point, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(dir, point, "", unix.MS_BIND, ""); err != nil {
			return err
		}
	}
	return nil
}
