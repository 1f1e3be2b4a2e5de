package unshare

import (
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"unsafe"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// tie asks the kernel to make, for this process, a child that it ends with its parent:
// CLONE_PIDFD_AUTOKILL, since Linux 7.1. That child ends at once. EINVAL is the answer of an
// older kernel, EPERM that to a caller without CAP_SYS_ADMIN.
func tie() syscall.Errno {
	const autoreap, autokill = 1 << 34, 1 << 36
	fd := int32(-1)
	args := [11]uint64{unix.CLONE_PIDFD | autoreap | autokill, uint64(uintptr(unsafe.Pointer(&fd)))}
	pid, _, errno := syscall.RawSyscall(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&args)), unsafe.Sizeof(args), 0)
	if errno != 0 {
		return errno
	}
	if pid == 0 {
		syscall.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
	}
	unix.Close(int(fd))
	return 0
}

// ties reports whether the kernel makes such a child.
func ties() bool { return tie() == 0 }

// untied does something on a thread that cannot have such a child, and neither can what it
// starts: a filter, which is the thread's, makes clone3(2) unknown. The thread ends with it.
func untied(t *testing.T, do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		err := testkit.RefuseThread(unix.SYS_CLONE3, unix.ENOSYS)
		if got := tie(); err != nil || got != syscall.Errno(unix.ENOSYS) {
			t.Errorf("the filter has no effect: %v, clone3: %v", err, got)
			return
		}
		do()
	}()
	<-done
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
