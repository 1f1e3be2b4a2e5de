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
	return filter(call, errno, unix.SECCOMP_FILTER_FLAG_TSYNC)
}

// RefuseThread does so for the calling thread alone, which is locked to its goroutine, and without
// CAP_SYS_ADMIN: set-user-ID programs lose their privilege there.
func RefuseThread(call uint32, errno unix.Errno) error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl", err)
	}
	return filter(call, errno, 0)
}

func filter(call uint32, errno unix.Errno, flags uintptr) error {
	const number = 0 // offsetof(struct seccomp_data, nr)
	code := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: number},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: call, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(errno)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	if _, _, failed := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&program))); failed != 0 {
		return os.NewSyscallError("seccomp", failed)
	}
	return nil
}
