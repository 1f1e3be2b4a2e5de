//go:build linux

package ns

import (
	"os"

	"golang.org/x/sys/unix"
)

// Hold opens a pidfd of a process, since Linux 5.3 (ENOSYS before), ESRCH if
// there is none: as long as it is open and the process has not ended, its PID
// belongs to no other. The descriptor is not closed by execve(2): it is for
// handing on to a program that closes it, as those of package launch do.
//
// For the same reason every other program that is started meanwhile, by any
// goroutine, inherits it: in a process that starts several call unix.PidfdOpen,
// and hand the descriptor on by os.ProcAttr.Files. EINVAL is for a PID below 1.
// The caller closes the descriptor.
func Hold(pid int) (int, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return -1, os.NewSyscallError("pidfd_open", err)
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0); err != nil {
		unix.Close(fd)
		return -1, os.NewSyscallError("fcntl", err)
	}
	return fd, nil
}
