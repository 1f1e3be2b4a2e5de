package testkit

import (
	"errors"
	"os/exec"
	"runtime"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// turn picks the next CPU.
var turn atomic.Uint32

// StartPinned starts a command on one CPU, each on the next one: the kernel numbers mount namespaces by
// CPU, and refuses to bind one to a file in another that has a higher number.
func StartPinned(cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return err
	}
	for skip := int(turn.Add(1)) % runtime.NumCPU(); ; skip++ {
		if all.IsSet(skip) {
			one.Set(skip)
			break
		}
	}
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return err
	}
	err := cmd.Start()
	return errors.Join(err, unix.SchedSetaffinity(0, &all))
}
