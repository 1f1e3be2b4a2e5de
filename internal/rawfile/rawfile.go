// Package rawfile reads small files with plain system calls. os.ReadFile starts
// Go's poller, which takes descriptors of its own, and a caller with few of
// them would see the runtime crash.
package rawfile

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// ErrTooLarge is the error of a directory with more entries than the caller wants to see.
var ErrTooLarge = errors.New("too large")

// Read returns the contents of a file.
func Read(path string) ([]byte, error) { return read(path, 0, math.MaxInt) }

// ReadUpTo returns the contents of a file that somebody else may have made: no
// more than limit bytes of it, and without waiting at a FIFO.
func ReadUpTo(path string, limit int) ([]byte, error) {
	return read(path, unix.O_NONBLOCK|unix.O_NOCTTY, limit)
}

// Names returns the names in a directory, in no order: unlike os.ReadDir it sorts nothing. One with more
// than limit entries fails with [ErrTooLarge].
func Names(directory string, limit int) ([]string, error) {
	fd, err := unix.Open(directory, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: directory, Err: err}
	}
	defer unix.Close(fd)
	var names []string
	buffer := make([]byte, 8192)
	for len(names) <= limit {
		n, err := unix.ReadDirent(fd, buffer)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, &os.PathError{Op: "list", Path: directory, Err: err}
		}
		if n <= 0 {
			return names, nil
		}
		_, _, names = unix.ParseDirent(buffer[:n], -1, names)
	}
	return nil, &os.PathError{Op: "list", Path: directory, Err: ErrTooLarge}
}

func read(path string, flags, limit int) ([]byte, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|flags, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	text := make([]byte, 0, 4096)
	for len(text) < limit {
		n, err := unix.Read(fd, text[len(text):min(cap(text), limit)])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, &os.PathError{Op: "read", Path: path, Err: err}
		}
		if n == 0 {
			return text, nil
		}
		text = text[:len(text)+n]
		if len(text) == cap(text) {
			text = append(text, 0)[:len(text)]
		}
	}
	return text, nil
}
