package census

import (
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// TestListsUnderSignals: a signal in the middle of a list does not end it.
func TestListsUnderSignals(t *testing.T) {
	for range 20 {
		file, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func(pid, tid int) {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				_ = unix.Tgkill(pid, tid, unix.SIGURG) // the runtime ignores those that it has not sent
			}
		}
	}(unix.Getpid(), unix.Gettid())
	defer func() { close(stop); <-stopped }()
	buffer := make([]byte, 1<<10)
	for range 3000 {
		dir, err := unix.Open("/proc/self/fd", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		names := 0
		err = readDir(dir, buffer, func([]byte) { names++ })
		unix.Close(dir)
		if names < 23 || err != nil {
			t.Fatalf("%d descriptors, %v: three and 20 more are open", names, err)
		}
	}
}
