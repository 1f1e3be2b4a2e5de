package rawfile

import (
	"os"

	"golang.org/x/sys/unix"
)

// StartPoller starts Go's poller, or fails where descriptors are wanting. Else
// the first file of package os that may be polled starts it, and the runtime
// ends the process where that fails: call this before.
func StartPoller() error {
	first, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return err
	}
	if err := spare(); err != nil {
		unix.Close(first)
		return err
	}
	// What does not block is polled.
	return os.NewFile(uintptr(first), "").Close()
}

// spare fails unless two descriptors more are free: runtime.netpollinit takes
// an epoll and an eventfd.
func spare() error {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	defer unix.Close(epoll)
	event, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return err
	}
	return unix.Close(event)
}
