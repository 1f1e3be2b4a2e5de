package testkit

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// TestRefuseThread: the call is refused to the thread, which ends with its goroutine, and to no other.
func TestRefuseThread(t *testing.T) {
	memfd := func() error {
		fd, err := unix.MemfdCreate("", unix.MFD_CLOEXEC)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}
	there := make(chan [2]error)
	go func() {
		runtime.LockOSThread()
		there <- [2]error{RefuseThread(unix.SYS_MEMFD_CREATE, unix.EDOM), memfd()}
	}()
	if got := <-there; got != [2]error{nil, unix.EDOM} {
		t.Errorf("on the thread: %v", got)
	}
	if err := memfd(); err != nil {
		t.Errorf("elsewhere: %v", err)
	}
}
