package census

import (
	"bytes"
	"encoding/binary"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls of the inner loop take paths that are ready for the kernel, because
// the wrappers of x/sys would copy each one to the heap. They are raw, because
// none of them waits for anything: the scheduler would otherwise be told twice
// for each of tens of thousands of calls, and on a busy machine start threads
// to stand in for the ones that make them.

// readlink reads the link at a zero-terminated path below dir.
func readlink(dir int, path *byte, text []byte) (int, unix.Errno) {
	n, _, err := unix.RawSyscall6(unix.SYS_READLINKAT, uintptr(dir), uintptr(unsafe.Pointer(path)),
		uintptr(unsafe.Pointer(&text[0])), uintptr(len(text)), 0, 0)
	if err != 0 {
		return 0, err
	}
	return int(n), 0
}

// openat opens a zero-terminated path below dir.
func openat(dir int, path *byte, flags int) (int, unix.Errno) {
	fd, _, err := unix.RawSyscall6(unix.SYS_OPENAT, uintptr(dir), uintptr(unsafe.Pointer(path)), uintptr(flags), 0, 0, 0)
	return int(fd), err
}

// lack keeps the error of a descriptor that was lacking: what it was for is missing then, and
// nothing else shows it.
type lack struct{ errno atomic.Int32 }

// note notes an error if it is one.
func (l *lack) note(err unix.Errno) {
	if err == unix.EMFILE || err == unix.ENFILE {
		l.errno.Store(int32(err))
	}
}

// error is nil if none was lacking.
func (l *lack) error(proc string) error {
	if errno := l.errno.Load(); errno != 0 {
		return &os.PathError{Op: "read all of", Path: proc, Err: unix.Errno(errno)}
	}
	return nil
}

// statx asks about a zero-terminated path below dir what the kernel knows of it
// already: no file system is asked, so none of them can keep the caller waiting.
func statx(dir int, path *byte, flags int, st *unix.Statx_t) unix.Errno {
	_, _, err := unix.RawSyscall6(unix.SYS_STATX, uintptr(dir), uintptr(unsafe.Pointer(path)),
		uintptr(flags|unix.AT_STATX_DONT_SYNC), unix.STATX_BASIC_STATS|unix.STATX_MNT_ID, uintptr(unsafe.Pointer(st)), 0)
	return err
}

// read reads the beginning of an open file of /proc.
func read(fd int, buffer []byte) (int, unix.Errno) {
	n, _, err := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)))
	if err != 0 {
		return 0, err
	}
	return int(n), 0
}

// closeRaw closes a directory that was opened by openat.
func closeRaw(fd int) { unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) }

func getdents(dir int, buffer []byte) (int, unix.Errno) {
	n, _, err := unix.RawSyscall(unix.SYS_GETDENTS64, uintptr(dir), uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)))
	return int(n), err
}

// The layout of struct linux_dirent64, getdents64(2).
const (
	direntLength = 16
	direntName   = 19
)

// readDir calls each for the names in a directory, "." and ".." excepted. A
// name is followed by a zero byte and is valid until each returns. Only a call that reads nothing is the
// end: a signal makes the kernel return what it has (fs/readdir.c), as if nothing followed.
func readDir(dir int, buffer []byte, each func(name []byte)) error {
	for {
		n, err := getdents(dir, buffer)
		if err == unix.EINTR {
			continue
		}
		if err != 0 {
			return err
		}
		if n == 0 {
			return nil
		}
		for entries := buffer[:n]; len(entries) > direntName; {
			length := int(binary.NativeEndian.Uint16(entries[direntLength:]))
			name := entries[direntName:length]
			if end := bytes.IndexByte(name, 0); end > 0 && name[0] != '.' {
				each(name[:end])
			}
			entries = entries[length:]
		}
	}
}
