package prestart

import "golang.org/x/sys/unix"

// maxErrno is the largest number that the kernel returns as an error.
const maxErrno = 4095

// Errno is the error in the result of a system call, 0 for none.
func Errno(result uintptr) unix.Errno {
	if -result <= maxErrno && result != 0 {
		return unix.Errno(-result)
	}
	return 0
}
