package prestart

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Write writes all of a text to a descriptor. It is for what is answered before
// the Go runtime starts, and returns the error number, 0 for none.
func Write(fd int, text []byte) unix.Errno {
	for len(text) > 0 {
		n := Syscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&text[0])), uintptr(len(text)), 0, 0, 0)
		switch errno := Errno(n); errno {
		case 0:
			text = text[n:]
		case unix.EINTR:
		case unix.EAGAIN: // the other end has made the pipe or terminal one that does not wait
			awaitRoom(fd)
		default:
			return errno
		}
	}
	return 0
}

// awaitRoom waits until something can be written.
func awaitRoom(fd int) {
	poll := struct {
		fd              int32
		events, revents int16
	}{int32(fd), unix.POLLOUT, 0}
	Syscall(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&poll)), 1, 0, 0, 0, 0)
}

// Exit ends the process before the Go runtime has started.
func Exit(code int) {
	for {
		Syscall(unix.SYS_EXIT_GROUP, uintptr(code), 0, 0, 0, 0, 0)
	}
}
