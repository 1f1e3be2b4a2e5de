package veth

import (
	"errors"
	"strconv"
	"syscall"

	"github.com/nskit/nskit/internal/passing"
	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// netnsDir is where ip-netns(8) keeps namespaces that have names.
const netnsDir = "/run/netns"

// Namespace is an open network namespace. It is opened once and used by its
// descriptor from then on, so that neither a PID that is reused nor a name that
// is bound to something else can change what it means. Its [Session] owns it.
type Namespace struct {
	// Ref is how it was asked for.
	Ref NS
	// Inode identifies the namespace on this system while it exists.
	Inode uint64
	// Own says that it is the caller's own.
	Own bool

	path string
	fd   int
}

// String is the reference that the namespace was asked for by.
func (n *Namespace) String() string { return n.Ref.String() }

// describe names a link in this namespace for messages, as an endpoint is written.
func (n *Namespace) describe(link string) string {
	if n.Own {
		return link
	}
	return n.String() + ":" + link
}

// openNS opens what ref names and checks that it is a network namespace.
func openNS(ref NS) (*Namespace, error) {
	fd, path, err := openRef(ref)
	if err != nil {
		return nil, nsError(ref, err)
	}
	inode, err := identify(fd)
	if err == nil && ref.Inode != 0 && inode != ref.Inode {
		err = &Error{Kind: NotFound, Subject: ref.String(), What: "is namespace " + strconv.FormatUint(inode, 10) + " now"}
	}
	if err != nil {
		unix.Close(fd)
		return nil, nsError(ref, err)
	}
	return &Namespace{Ref: ref, Inode: inode, path: path, fd: fd}, nil
}

// errNotNetNS is what a file is refused with that is no network namespace.
var errNotNetNS = errors.New("not a network namespace")

func nsError(ref NS, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	e = refused(ref.String(), "cannot open the network namespace", err)
	if e.Kind == Failed {
		e.Kind = NotFound
	}
	return e
}

// openRef returns a new descriptor of what ref names, and the path it was found at.
func openRef(ref NS) (fd int, path string, err error) {
	switch ref.Kind {
	case Own:
		return openOwn()
	case Digits:
		path = netnsDir + "/" + strconv.Itoa(ref.Number)
		fd, err = openPath(path)
		if !errors.Is(err, unix.ENOENT) {
			return fd, path, err
		}
		return openPID(ref.Number)
	case ByName:
		path = netnsDir + "/" + ref.Text
	case ByPID:
		return openPID(ref.Number)
	case ByFD:
		fd, err = unix.FcntlInt(uintptr(ref.Number), unix.F_DUPFD_CLOEXEC, 0)
		return fd, "/proc/self/fd/" + strconv.Itoa(ref.Number), err
	default:
		path = ref.Text
	}
	fd, err = openPath(path)
	return fd, path, err
}

// openOwn opens the caller's namespace: that of the calling thread, because a
// goroutine that is locked to a thread elsewhere means the place where it is. By the
// name "self", because the /proc at hand can be that of another PID namespace, where
// the caller's PID is somebody else's.
func openOwn() (fd int, path string, err error) {
	path = "/proc/thread-self/ns/net"
	if fd, err = openFile(path); !errors.Is(err, unix.ENOENT) {
		return fd, path, err
	}
	if fd, err := openBySocket(); err == nil {
		return fd, path, nil
	}
	rtnl.AtHome(func() { fd, err = openByPidfd(unix.Getpid()) }) // of the main thread, where nothing else can be asked
	if err == nil {
		return fd, path, nil
	}
	return -1, path, unix.ENOENT
}

// openPID opens the namespace of a process; where there is no /proc, the kernel
// is asked by pidfd (Linux 6.11).
func openPID(pid int) (fd int, path string, err error) {
	path = "/proc/" + strconv.Itoa(pid) + "/ns/net"
	if fd, err = openFile(path); !errors.Is(err, unix.ENOENT) {
		return fd, path, err
	}
	if fd, err := openByPidfd(pid); err == nil {
		return fd, path, nil
	}
	return -1, path, err
}

// pidfdNetNamespace is PIDFD_GET_NET_NAMESPACE of <linux/pidfd.h>.
const pidfdNetNamespace = 0xff04

func openByPidfd(pid int) (int, error) {
	pidfd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return -1, err
	}
	defer unix.Close(pidfd)
	return unix.IoctlRetInt(pidfd, pidfdNetNamespace)
}

// openBySocket opens the namespace of a new socket, for which the caller must be
// privileged in it.
func openBySocket() (int, error) {
	socket, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	defer unix.Close(socket)
	return unix.IoctlRetInt(socket, unix.SIOCGSKNS)
}

// openFile opens a namespace file; a FIFO in its place must not block.
func openFile(path string) (fd int, err error) {
	err = passing.Retry(func() error {
		fd, err = unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		return err
	})
	return fd, err
}

// identify returns the inode of a network namespace's descriptor.
func identify(fd int) (uint64, error) {
	kind, err := unix.IoctlRetInt(fd, unix.NS_GET_NSTYPE)
	switch {
	case errors.Is(err, unix.ENOTTY), err == nil && kind != unix.CLONE_NEWNET:
		return 0, errNotNetNS
	case err != nil:
		return 0, err
	}
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return 0, err
	}
	return stat.Ino, nil
}

// close gives the descriptor back.
func (n *Namespace) close() {
	if n.fd >= 0 {
		unix.Close(n.fd)
		n.fd = -1
	}
}

// gone says whether err means that the thing asked about does not exist.
func gone(err error) bool {
	return errors.Is(err, syscall.ENODEV) || errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ESRCH)
}
