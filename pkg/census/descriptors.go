package census

import (
	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/pkg/ns"
)

// descriptors notes the namespaces that a process's open descriptors hold; net
// is the network namespace the process is in.
func (w *worker) descriptors(pid int, net Inode) {
	w.path.start(pid)
	dir, err := openat(w.proc, w.path.with("/fd", ""), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC)
	if err != 0 {
		return
	}
	defer closeRaw(dir)
	process := socketOwner{pid: pid, pidfd: -1}
	defer process.close()
	readDir(dir, w.dents, func(name []byte) {
		n, _ := readlink(dir, &name[0], w.link[:])
		link := w.link[:n]
		if n == 0 || link[0] == '/' || link[n-1] != ']' {
			return
		}
		if kind, inode, ok := parseLink(link); ok && w.Kinds.Has(kind) {
			fd, _ := parseDigits(name)
			w.found = append(w.found, found{kind, inode, Holder{How: ByDescriptor, PID: pid, FD: int(fd)}})
		} else if inode, ok := parseSocket(link); ok && w.Want&Sockets != 0 && w.Kinds.Has(ns.Net) {
			fd, _ := parseDigits(name)
			w.socket(&process, int(fd), inode, net)
		}
	})
}

// socket notes a socket that is of another network namespace than its process.
func (w *worker) socket(process *socketOwner, fd int, inode uint64, net Inode) {
	if w.self != unix.Getpid() {
		return // the numbers of this /proc are not those that pidfd_open(2) takes
	}
	of, known := w.sockets[inode]
	if !known {
		handle, err := process.namespaceOf(fd)
		if err != nil {
			return
		}
		of = inodeOf(handle)
		unix.Close(handle)
		w.sockets[inode] = of
	}
	if of != 0 && of != net {
		w.found = append(w.found, found{ns.Net, of, Holder{How: BySocket, PID: process.pid, FD: fd}})
	}
}

// socketOwner is a process whose sockets are asked for their namespaces.
type socketOwner struct {
	pid, pidfd int
}

// namespaceOf opens the network namespace of a process's socket: pidfd_getfd(2)
// borrows the socket, SIOCGSKNS (Linux 4.10, kernel net/socket.c) asks it.
func (o *socketOwner) namespaceOf(fd int) (int, error) {
	if o.pidfd < 0 {
		pidfd, err := unix.PidfdOpen(o.pid, 0)
		if err != nil {
			return -1, err
		}
		o.pidfd = pidfd
	}
	socket, err := unix.PidfdGetfd(o.pidfd, fd, 0)
	if err != nil {
		return -1, err
	}
	defer unix.Close(socket)
	return unix.IoctlRetInt(socket, unix.SIOCGSKNS)
}

func (o *socketOwner) close() {
	if o.pidfd >= 0 {
		unix.Close(o.pidfd)
	}
}

// inodeOf is the inode of an open file, 0 for none.
func inodeOf(fd int) Inode {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil {
		return 0
	}
	return Inode(st.Ino)
}
