package testkit

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// defaultSignals takes back every SIG_IGN that the tests were started with, so
// that scripts can say which signals a program must find ignored. Some callers
// leave those that the C library keeps for itself ignored.
func defaultSignals() {
	const ignore = 1
	for sig := uintptr(1); sig <= 64; sig++ {
		var action [4]uint64
		_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, sig, 0, uintptr(unsafe.Pointer(&action)), 8, 0, 0)
		if errno == 0 && action[0] == ignore {
			action = [4]uint64{}
			unix.RawSyscall6(unix.SYS_RT_SIGACTION, sig, uintptr(unsafe.Pointer(&action)), 0, 8, 0, 0)
		}
	}
}

// keepDescriptors keeps the files that the tests were started with from their programs, which count
// descriptors. Linux before 5.11 passes them on.
func keepDescriptors() { _ = unix.CloseRange(3, 1<<31-1, unix.CLOSE_RANGE_CLOEXEC) }
