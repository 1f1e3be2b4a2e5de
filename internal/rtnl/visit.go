package rtnl

import (
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// threadNS is the namespace of the calling thread, which may be locked to a
// goroutine that has gone elsewhere.
var threadNS = [...]byte{'/', 'p', 'r', 'o', 'c', '/', 't', 'h', 'r', 'e', 'a', 'd', '-', 's', 'e', 'l', 'f', '/', 'n', 's', '/', 'n', 'e', 't', 0}

// away is locked while a thread may be elsewhere: it may be the first one, whose
// namespace is the process's in /proc.
var away sync.Mutex

// comeBackTries is how often a thread tries to come back. Nothing but a lack of
// memory can be in its way, having come back once already.
const comeBackTries = 1000

// visit makes a netlink socket in the namespace of fd on the calling thread,
// which comes back to its own. It returns false, and has changed nothing, where
// a thread could not come back: whoever has entered a user namespace may not
// enter the network namespace again that he is in.
//
// No other goroutine must see the thread elsewhere, and this one must not wake
// up on another thread. Locking would do, but costs a second thread that Go
// then keeps in reserve. So Go gets no chance: there is no call in here at which
// a goroutine could be taken off its thread, and no signal that would do it.
//
//go:nosplit
func visit(fd, protocol int) (sock int, errno syscall.Errno, back bool) {
	all, old := ^uint64(0), uint64(0)
	if _, _, errno = syscall.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK,
		uintptr(unsafe.Pointer(&all)), uintptr(unsafe.Pointer(&old)), unsafe.Sizeof(all), 0, 0); errno != 0 {
		return -1, errno, false
	}
	sock, errno, back = there(fd, protocol)
	syscall.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&old)), 0, unsafe.Sizeof(old), 0, 0)
	return sock, errno, back
}

// there is what visit does while nothing can interrupt it.
//
//go:nosplit
func there(fd, protocol int) (sock int, errno syscall.Errno, back bool) {
	const flags = unix.O_RDONLY | unix.O_CLOEXEC
	at := unix.AT_FDCWD
	home, _, errno := syscall.RawSyscall6(unix.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(&threadNS)), flags, 0, 0, 0)
	if errno != 0 {
		return -1, errno, false
	}
	if _, _, errno = syscall.RawSyscall(unix.SYS_SETNS, home, unix.CLONE_NEWNET, 0); errno == 0 {
		back = true
		_, _, errno = syscall.RawSyscall(unix.SYS_SETNS, uintptr(fd), unix.CLONE_NEWNET, 0)
	}
	if errno == 0 {
		var result uintptr
		result, _, errno = syscall.RawSyscall(unix.SYS_SOCKET, unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, uintptr(protocol))
		sock, back = int(result), false
		for i := 0; !back && i < comeBackTries; i++ {
			_, _, failed := syscall.RawSyscall(unix.SYS_SETNS, home, unix.CLONE_NEWNET, 0)
			back = failed == 0
		}
		if !back {
			panic("rtnl: a thread cannot come back from another network namespace")
		}
	}
	syscall.RawSyscall(unix.SYS_CLOSE, home, 0, 0)
	if errno != 0 {
		sock = -1
	}
	return sock, errno, back
}
