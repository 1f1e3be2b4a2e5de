//go:build amd64 || arm64 || loong64 || ppc64le || riscv64 || s390x

package prestart

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestSyscall holds the order of the six arguments, and how results and errors
// come back.
func TestSyscall(t *testing.T) {
	if pid := Syscall(unix.SYS_GETPID, 0, 0, 0, 0, 0, 0); int(pid) != os.Getpid() || Errno(pid) != 0 {
		t.Errorf("getpid: %d", int(pid))
	}
	nowhere := -1
	if r := Syscall(unix.SYS_CLOSE, uintptr(nowhere), 0, 0, 0, 0, 0); Errno(r) != unix.EBADF {
		t.Errorf("close of -1: %d", int(r))
	}
	if runtime.GOARCH == "s390x" { // mmap(2) has its arguments in memory there
		return
	}
	page := os.Getpagesize()
	data := make([]byte, 2*page)
	data[page] = 'x'
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	at := Syscall(unix.SYS_MMAP, 0, uintptr(page), unix.PROT_READ, unix.MAP_PRIVATE, file.Fd(), uintptr(page))
	if Errno(at) != 0 {
		t.Fatal(Errno(at))
	}
	if b := *(*byte)(Pointer(at)); b != 'x' {
		t.Errorf("the second page begins with %q", b)
	}
	if r := Syscall(unix.SYS_MUNMAP, at, uintptr(page), 0, 0, 0, 0); r != 0 {
		t.Errorf("munmap: %d", int(r))
	}
	var limit unix.Rlimit
	if r := Syscall(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_CORE, 0, uintptr(unsafe.Pointer(&limit)), 0, 0); r != 0 || limit.Cur > limit.Max {
		t.Errorf("prlimit: %d, %v", int(r), limit)
	}
}
