//go:build linux

package rootfs

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// ErrNotMemory is the error for a root that is no file system in memory.
var ErrNotMemory = errors.New("old root filesystem is not an initramfs")

// Clear removes everything below a directory of a tmpfs or ramfs, and refuses
// any other file system. It stays on that one file system, follows no link and
// enters no mount. What cannot be removed stays; the first error is returned.
//
// It is for the old root of a system that has moved on to another: nobody sees
// that directory any more, and its memory is given back. Not for a directory
// that others still use: what they make meanwhile may stay.
//
// dir is open for reading; it is read to its end and not closed. The error is
// [ErrNotMemory], before anything is removed, or an error number, such as EBADF for
// nil. Mount points are told by openat2(2), Linux 5.6; before that those of the
// same device are entered.
func Clear(dir *os.File) error {
	var fs unix.Statfs_t
	if err := unix.Fstatfs(int(dir.Fd()), &fs); err != nil {
		return err
	}
	if kind := uint32(fs.Type); kind != unix.TMPFS_MAGIC && kind != unix.RAMFS_MAGIC {
		return ErrNotMemory
	}
	var status unix.Stat_t
	if err := unix.Fstat(int(dir.Fd()), &status); err != nil {
		return err
	}
	return clearer{uint64(status.Dev)}.clear(dir)
}

// clearer removes what is on one device.
type clearer struct{ device uint64 } // Stat_t has it in 32 bits on some

// clear removes what is in a directory.
func (c clearer) clear(dir *os.File) error {
	names, first := dir.Readdirnames(-1)
	for _, name := range names {
		if err := c.remove(int(dir.Fd()), name); first == nil {
			first = err
		}
	}
	return first
}

// remove removes one name, and what is below it.
func (c clearer) remove(dir int, name string) error {
	var status unix.Stat_t
	if err := unix.Fstatat(dir, name, &status, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	switch {
	case uint64(status.Dev) != c.device:
		return nil
	case status.Mode&unix.S_IFMT != unix.S_IFDIR:
		return unix.Unlinkat(dir, name, 0)
	}
	sub, err := c.open(dir, name)
	if err == unix.EXDEV {
		return nil // a mount, of the same device even
	}
	if err != nil {
		return err
	}
	below := c.clear(sub)
	sub.Close()
	if below != nil {
		return below
	}
	return unix.Unlinkat(dir, name, unix.AT_REMOVEDIR)
}

// open opens a directory that is no link and no mount point; Linux before 5.6
// tells mount points by their device only.
func (c clearer) open(dir int, name string) (*os.File, error) {
	const flags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := unix.Openat2(dir, name, &unix.OpenHow{Flags: flags, Resolve: unix.RESOLVE_NO_XDEV | unix.RESOLVE_NO_SYMLINKS})
	switch err {
	case unix.ENOSYS, unix.EPERM, unix.EACCES: // the latter two of a filter, or the same once more
		fd, err = unix.Openat(dir, name, flags, 0)
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}
