package rtnl

import (
	"os"

	"github.com/nskit/nskit/internal/passing"
	"golang.org/x/sys/unix"
)

// Inside does something on a thread that is in the network namespace of fd, which is
// entered where the thread is elsewhere, and is thrown away afterwards. It is for
// /proc/sys/net, which shows the namespace of the thread that looks.
func Inside(fd int, work func()) error {
	done := make(chan error)
	go Aside(func() {
		var err error
		if !Here(fd) {
			err = passing.Retry(func() error { return os.NewSyscallError("setns", unix.Setns(fd, unix.CLONE_NEWNET)) })
		}
		if err == nil {
			work()
		}
		done <- err
	})
	return <-done
}
