//go:build linux

package ns

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// The requests of ioctl_ns(2), from include/uapi/linux/nsfs.h: _IO(0xb7, n).
const (
	ioctlUserNS   = 0xb701
	ioctlParent   = 0xb702
	ioctlNSType   = 0xb703
	ioctlOwnerUID = 0xb704
)

// ID is the identity of a namespace, valid as long as the namespace exists.
type ID struct{ Dev, Ino uint64 }

// Handle is an open namespace. It may be used by several goroutines at once, but
// Close only when the others are done. Of a nil or zero Handle every error is
// [os.ErrInvalid] or EBADF, of a closed one EBADF.
type Handle struct {
	file *os.File
	// kind is what was asked when the namespace was opened, KindCount where it was not.
	kind Kind
	// host is where Do's caller is, which is opened when it is first asked for.
	host *host
}

// Open opens a namespace by a path: a link under /proc/PID/ns or a file that a
// namespace is bound to. It fails for any other file, with ENOTTY, and never
// waits for one. The error is an [*os.PathError] or wraps one.
//
// It takes the permission to look at the process (PTRACE_MODE_READ_FSCREDS, see
// ptrace(2)), or to read the file; nothing is entered. Linux 4.11 tells what is a
// namespace.
func Open(path string) (*Handle, error) {
	fd, err := openFile(path)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	h := &Handle{file: os.NewFile(uintptr(fd), path), kind: KindCount}
	kind, err := h.Kind()
	if err != nil {
		h.Close()
		return nil, fmt.Errorf("%s is not a namespace: %w", path, err)
	}
	h.kind = kind
	return h, nil
}

// openFile opens a file that may be a FIFO or a device, whose other end must not
// be waited for.
func openFile(path string) (int, error) {
	for {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return -1, err
		}
		// What does not block package os would poll.
		if _, err = unix.FcntlInt(uintptr(fd), unix.F_SETFL, 0); err != nil {
			unix.Close(fd)
			return -1, err
		}
		return fd, nil
	}
}

// OpenPID opens the namespace of one kind that a process is in. The process may
// end and its PID be given away before the call: hold a pidfd where that
// matters. ENOENT says that there is no such process, or that the kernel has no
// such kind; a zombie has no namespaces either. It needs a /proc.
func OpenPID(pid int, kind Kind) (*Handle, error) {
	return Open("/proc/" + strconv.Itoa(pid) + "/ns/" + kind.String())
}

// Close lets the namespace go. A second Close fails with [os.ErrClosed] and does
// no harm.
func (h *Handle) Close() error {
	if h == nil {
		return os.ErrInvalid
	}
	if h.host != nil {
		return nil // Do closes it
	}
	return h.file.Close()
}

// FD is the open descriptor, valid until Close; -1 for none. It is closed on exec.
func (h *Handle) FD() int {
	switch {
	case h == nil:
		return -1
	case h.host != nil:
		return h.host.descriptor()
	case h.file == nil:
		return -1
	}
	return int(h.file.Fd())
}

// name is what the namespace was opened by.
func (h *Handle) name() string {
	switch {
	case h == nil || h.host == nil && h.file == nil:
		return ""
	case h.host != nil:
		return h.host.path()
	}
	return h.file.Name()
}

// ID tells the namespace from all others. The number is that of the links in
// /proc/PID/ns; it is given to another namespace once this one is gone, which it
// cannot be while the Handle is open.
func (h *Handle) ID() (ID, error) {
	var st unix.Stat_t
	if err := unix.Fstat(h.FD(), &st); err != nil {
		return ID{}, &os.PathError{Op: "stat", Path: h.name(), Err: err}
	}
	return ID{uint64(st.Dev), st.Ino}, nil
}

// Kind asks the kernel what kind of namespace this is, since Linux 4.11.
func (h *Handle) Kind() (Kind, error) {
	flag, err := unix.IoctlRetInt(h.FD(), ioctlNSType)
	if err != nil {
		return 0, &os.PathError{Op: "NS_GET_NSTYPE", Path: h.name(), Err: err}
	}
	for _, k := range Kinds() {
		if k.Flag() == flag {
			return k, nil
		}
	}
	return 0, fmt.Errorf("%s: unknown namespace type %#x", h.name(), flag)
}

// Parent opens the parent of a user or PID namespace, since Linux 4.9. The
// error is EPERM for a parent outside the caller's own namespace, EINVAL for
// the other kinds.
func (h *Handle) Parent() (*Handle, error) { return h.related("NS_GET_PARENT", ioctlParent) }

// Owner opens the user namespace that owns this one, since Linux 4.9. The error
// is EPERM for an owner outside the caller's own user namespace.
func (h *Handle) Owner() (*Handle, error) { return h.related("NS_GET_USERNS", ioctlUserNS) }

// OwnerUID is the user who made a user namespace, since Linux 4.11, as seen
// from the caller's. The error is EINVAL for the other kinds.
func (h *Handle) OwnerUID() (uint32, error) {
	uid, err := unix.IoctlGetUint32(h.FD(), ioctlOwnerUID)
	if err != nil {
		return 0, &os.PathError{Op: "NS_GET_OWNER_UID", Path: h.name(), Err: err}
	}
	return uid, nil
}

func (h *Handle) related(op string, request uint) (*Handle, error) {
	fd, err := unix.IoctlRetInt(h.FD(), request)
	if err != nil {
		return nil, &os.PathError{Op: op, Path: h.name(), Err: err}
	}
	return &Handle{file: os.NewFile(uintptr(fd), h.name()), kind: KindCount}, nil
}
