package census

import (
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/pkg/ns"
)

// Open opens a namespace through whatever holds it: one of its processes or threads,
// a bind mount, somebody's descriptor or socket, or its identifier. The caller
// closes the descriptor. It fails with ENOENT when nothing leads there any
// more, or nothing that the caller may use, and with EMFILE or ENFILE for a lack of
// descriptors. It never waits for a file system: one that was mounted over the
// namespace is not opened.
func (s *Snapshot) Open(space *Namespace) (int, error) {
	if space == nil || space.Kind >= ns.KindCount {
		return -1, unix.ENOENT
	}
	for w := range s.ways(space) {
		switch fd, err := w.open(space.Inode); {
		case err == nil:
			return fd, nil
		case err == unix.EMFILE, err == unix.ENFILE:
			return -1, err
		}
	}
	if space.ID != 0 {
		if fd, err := openIdentifier(space.ID, space.Kind.Flag(), space.Inode); err == nil {
			return fd, nil
		}
	}
	return -1, unix.ENOENT
}

// Path is a path that leads to a namespace, "" when none does: a socket
// and a namespace above others have no path. Where it leads by the time it is used is not
// certain, and opening it can wait for ever: [Snapshot.Open] takes care of both.
func (s *Snapshot) Path(space *Namespace) string {
	if space == nil || space.Kind >= ns.KindCount {
		return ""
	}
	for w := range s.ways(space) {
		if w.path != "" {
			return w.path
		}
	}
	return ""
}

// way is something that should lead to a namespace.
type way struct {
	kind wayKind
	path string
	// The socket is a descriptor of its owner.
	socket socketOwner
	fd     int
}

type wayKind uint8

const (
	byLink   wayKind = iota // in the ns folder of a process or thread, where every link is a namespace
	byNumber                // in the fd folder
	byPath
	bySocket
)

func (w *way) open(inode Inode) (int, error) {
	switch w.kind {
	case byLink:
		fd, err := unix.Open(w.path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		return checked(fd, err, inode)
	case byNumber:
		return nsfsDevice().open(unix.AT_FDCWD, w.path, inode)
	case byPath:
		return nsfsDevice().openPath(w.path, inode)
	}
	defer w.socket.close()
	fd, err := w.socket.namespaceOf(w.fd)
	return checked(fd, err, inode)
}

// ways are what should lead to a namespace, the nearest first.
func (s *Snapshot) ways(space *Namespace) func(yield func(way) bool) {
	return func(yield func(way) bool) {
		link := func(directory, name string) bool {
			return yield(way{path: s.Proc + "/" + directory + "/ns/" + name})
		}
		if space.PID != 0 && !link(strconv.Itoa(space.PID), space.Kind.String()) {
			return
		}
		for _, path := range space.Mounts {
			if !slices.Contains(space.Covered, path) && !yield(way{kind: byPath, path: path}) {
				return
			}
		}
		for _, h := range space.Holders {
			if !s.through(h, space.Kind, link, yield) {
				return
			}
		}
		if space.Processes < 2 {
			return
		}
		for _, pid := range s.Members(space)[1:] { // the lowest one may have ended
			if !link(strconv.Itoa(pid), space.Kind.String()) {
				return
			}
		}
	}
}

// through yields the way that leads through a holder.
func (s *Snapshot) through(h Holder, kind ns.Kind, link func(directory, name string) bool, yield func(way) bool) bool {
	switch h.How {
	case ByThread:
		return link(h.directory(), kind.String())
	case ByChildren:
		return link(h.directory(), kind.ForChildren())
	case ByDescriptor:
		return yield(way{kind: byNumber, path: filepath.Join(s.Proc, h.directory(), "fd", strconv.Itoa(h.FD))})
	case BySocket:
		return yield(way{kind: bySocket, socket: socketOwner{pid: h.PID, tid: h.TID, pidfd: -1}, fd: h.FD})
	}
	return true
}

// checked is fd if it is the namespace with the inode; else it is closed.
func checked(fd int, err error, inode Inode) (int, error) {
	if err != nil {
		return -1, err
	}
	if inodeOf(fd) != inode {
		unix.Close(fd)
		return -1, unix.ENOENT
	}
	return fd, nil
}
