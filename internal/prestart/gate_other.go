//go:build !(amd64 || arm64 || loong64 || ppc64le || riscv64 || s390x)

package prestart

import "golang.org/x/sys/unix"

// Syscall makes a system call and returns what the kernel does: an error is a negative
// number, see [Errno].
//
//go:uintptrescapes
func Syscall(number, a, b, c, d, e, f uintptr) uintptr {
	result, _, errno := unix.RawSyscall6(number, a, b, c, d, e, f)
	if errno != 0 {
		return -uintptr(errno)
	}
	return result
}
