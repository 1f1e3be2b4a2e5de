package census

import (
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/pkg/ns"
)

// A path to a namespace can lead to anything by now: somebody mounts a file
// system over it, or a process opens another file under the same number. The
// open(2) of such a file can wait for a file system that never answers, and then
// not even SIGKILL ends it. So a file is opened as a mere place first (O_PATH),
// for which no file system is asked, and in earnest when it is a namespace.

// device is the device number of a file system, zero for unknown.
type device struct{ major, minor uint32 }

// nsfsDevice is that of the file system of all namespaces, which is one.
func nsfsDevice() device {
	var st unix.Statx_t
	if look(unix.AT_FDCWD, "/proc/self/ns/user", 0, &st) != nil {
		return device{}
	}
	return device{st.Dev_major, st.Dev_minor}
}

// look is statx(2) of what the kernel knows already. Where a filter or an old kernel
// has no such call it is fstatat(2), which asks the file system.
func look(dir int, path string, flags int, st *unix.Statx_t) error {
	err := unix.Statx(dir, path, flags|unix.AT_STATX_DONT_SYNC, unix.STATX_BASIC_STATS, st)
	if !refused(err) {
		return err
	}
	var old unix.Stat_t
	if err := unix.Fstatat(dir, path, &old, flags); err != nil {
		return err
	}
	dev, rdev := uint64(old.Dev), uint64(old.Rdev) // narrower on mips
	st.Dev_major, st.Dev_minor, st.Ino, st.Mode = unix.Major(dev), unix.Minor(dev), old.Ino, uint16(old.Mode)
	st.Rdev_major, st.Rdev_minor = unix.Major(rdev), unix.Minor(rdev)
	return nil
}

// refused tells whether an error can be that of a filter, or of a kernel without the call.
func refused(err error) bool { return err == unix.ENOSYS || err == unix.EPERM || err == unix.EACCES }

func (d device) holds(st *unix.Statx_t) bool {
	return d != device{} && st.Dev_major == d.major && st.Dev_minor == d.minor
}

// open opens an entry of a directory /proc/PID/fd if it is a namespace, that with
// the given inode unless that is 0; else ENOENT.
func (d device) open(dir int, name string, inode Inode) (int, error) {
	place, err := unix.Openat(dir, name, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	return d.reopen(place, inode)
}

// openPath is open for any path, which can lead through any file system.
func (d device) openPath(path string, inode Inode) (int, error) {
	place, err := openPlace(path)
	if err != nil {
		return -1, err
	}
	return d.reopen(place, inode)
}

// resolveCached is RESOLVE_CACHED of linux/openat2.h, Linux 5.12.
const resolveCached = 0x20

// openPlace opens a path as a place without waiting for the file systems on the way:
// where one of them has to be asked, the error is EAGAIN. (Before Linux 5.12 it waits.)
func openPlace(path string) (int, error) {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: resolveCached}
	fd, err := unix.Openat2(unix.AT_FDCWD, path, &how)
	if refused(err) || err == unix.EINVAL { // EINVAL: it does not know RESOLVE_CACHED
		return unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	}
	return fd, err
}

// reopen opens what an O_PATH descriptor stands for, and closes that.
func (d device) reopen(place int, inode Inode) (int, error) {
	defer unix.Close(place)
	var st unix.Statx_t
	err := look(place, "", unix.AT_EMPTY_PATH, &st)
	if err != nil || !d.holds(&st) || inode != 0 && st.Ino != uint64(inode) {
		return -1, unix.ENOENT
	}
	return unix.Open("/proc/self/fd/"+strconv.Itoa(place), unix.O_RDONLY|unix.O_CLOEXEC, 0)
}

// kindOf is the kind of an open namespace.
func kindOf(fd int) (ns.Kind, bool) {
	flag, err := unix.IoctlRetInt(fd, unix.NS_GET_NSTYPE)
	for _, kind := range ns.Kinds() {
		if err == nil && kind.Flag() == flag {
			return kind, true
		}
	}
	return 0, false
}
