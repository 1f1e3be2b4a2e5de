package unshare

import (
	"strconv"
	"syscall"
	"unsafe"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// ties reports whether the kernel makes, for this process, a child that it ends with its
// parent: CLONE_PIDFD_AUTOKILL, since Linux 7.1. The child that tells so ends at once.
func ties() bool {
	const autoreap, autokill = 1 << 34, 1 << 36
	fd := int32(-1)
	args := [11]uint64{unix.CLONE_PIDFD | autoreap | autokill, uint64(uintptr(unsafe.Pointer(&fd)))}
	pid, _, errno := syscall.RawSyscall(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&args)), unsafe.Sizeof(args), 0)
	if errno != 0 {
		return false
	}
	if pid == 0 {
		syscall.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
	}
	unix.Close(int(fd))
	return true
}

// changed are command lines whose program changes its credentials, which makes the kernel
// forget the signal at the parent's death; none where the kernel does not tie the child.
func changed() [][]string {
	if unix.Geteuid() != 0 || !ties() {
		return nil
	}
	id := strconv.Itoa(int(testkit.Ordinary().Uid))
	setpriv := []string{"setpriv", "--reuid", id, "--regid", id, "--clear-groups"}
	return [][]string{append([]string{"--kill-child"}, setpriv...), append([]string{"-mn", "--kill-child"}, setpriv...)}
}
