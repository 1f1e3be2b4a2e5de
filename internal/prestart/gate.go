//go:build amd64 || arm64 || loong64 || ppc64le || riscv64 || s390x

package prestart

// Syscall makes a system call and returns what the kernel does: an error is a negative
// number, see [Errno]. It does what unix.RawSyscall6 does, whose code is spread over three
// packages, and so over parts of the file that nothing else needs before the Go runtime starts.
func Syscall(number, a, b, c, d, e, f uintptr) uintptr
