package rawfile

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// ErrLocked says that another process has a file.
var ErrLocked = errors.New("another process has locked it")

// Lock has a file for this process until it is closed, flock(2): only other callers of Lock are told. A file system
// without locks is no obstacle.
func Lock(file *os.File) error {
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); errors.Is(err, unix.EWOULDBLOCK) {
		return ErrLocked
	}
	return nil
}
