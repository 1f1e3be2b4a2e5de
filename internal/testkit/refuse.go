package testkit

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Refuse has the kernel answer a system call of this process, in all its threads and in all that
// it executes from now on, with an error number: a filter of seccomp(2), as the runtimes of
// containers have them. It takes CAP_SYS_ADMIN, and leaves set-user-ID programs their privilege.
func Refuse(call uint32, errno unix.Errno) error {
	const number = 0 // offsetof(struct seccomp_data, nr)
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: number},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: call, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(errno)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	_, _, failed := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if failed != 0 {
		return os.NewSyscallError("seccomp", failed)
	}
	return nil
}
