package prestart

import "golang.org/x/sys/unix"

// Exit ends the process with success. It is for an early attempt that has done
// all there was to do.
func Exit() {
	for {
		unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
	}
}
