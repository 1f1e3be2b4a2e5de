package census

import (
	"bytes"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/pkg/ns"
)

// holder is a process, or a thread with descriptors of its own, whose
// descriptors are read; net is the network namespace that it is in.
type holder struct {
	pid, tid int
	net      Inode
	socketOwner
}

// descriptors notes the namespaces that the open descriptors of a process hold,
// or of a thread that has its own. links is the directory of links beside theirs, or noDir.
func (w *worker) descriptors(links, pid, tid int, net Inode) {
	w.path.startThread(pid, tid)
	flags := unix.O_RDONLY
	if w.counted {
		flags = unix.O_PATH
	}
	at, name := w.beside(links, "fd")
	dir, err := openat(at, name, flags|unix.O_DIRECTORY|unix.O_CLOEXEC)
	if err != 0 {
		w.lack.note(err)
		return
	}
	defer closeRaw(dir)
	h := holder{pid, tid, net, socketOwner{pid: pid, tid: tid, pidfd: -1}}
	defer h.close()
	seen := 0
	if w.counted {
		var all bool
		if seen, all = w.firstFew(&h, dir); all {
			return
		}
		if dir, err = openat(dir, &dot[0], unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC); err != 0 {
			return
		}
		defer closeRaw(dir)
	}
	readDir(dir, w.dents, func(name []byte) {
		if fd, _ := parseDigits(name); int(fd) >= seen {
			w.descriptor(&h, dir, name)
		}
	})
}

// dot is the directory itself.
var dot = [...]byte{'.', 0}

// few is how many descriptors are looked for without a list of them.
const few = 10

// firstFew looks at the descriptors from 0 on, without the list, which costs as much as three
// of them: the size of their directory is how many there are (Linux 6.2). It tells how many it has seen, and
// whether these are all.
func (w *worker) firstFew(h *holder, dir int) (seen int, all bool) {
	var st unix.Statx_t
	if statx(dir, &dot[1], unix.AT_EMPTY_PATH, &st) != 0 || st.Size > few {
		return 0, false
	}
	name := [...]byte{'0', 0}
	for ; seen < int(st.Size); seen++ {
		if name[0] = '0' + byte(seen); !w.descriptor(h, dir, name[:1]) {
			return seen, false
		}
	}
	return seen, true
}

// countsDescriptors tells whether the size of the caller's own directory of descriptors is how many there are.
func countsDescriptors(proc int) bool {
	dir, err := unix.Openat(proc, "self/fd", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(dir)
	var st unix.Stat_t
	count := 0
	err = readDir(dir, make([]byte, 1<<10), func([]byte) { count++ })
	return err == nil && unix.Fstat(dir, &st) == nil && int(st.Size) == count
}

// descriptor looks at one descriptor, and tells whether there is one. Where no file system can keep the caller
// waiting, one call tells of most that they are nothing: what they are of. Elsewhere
// it is the link, which says enough of all but those opened by a path.
func (w *worker) descriptor(h *holder, dir int, name []byte) bool {
	var st unix.Statx_t
	known := w.local && statx(dir, &name[0], 0, &st) == 0
	if known && w.Want&Uses != 0 {
		w.use(&st)
	}
	switch {
	case known && isTun(&st):
		w.socket(h, name, 0)
		return true
	case known && !w.nsfs.holds(&st) && st.Mode&unix.S_IFMT != unix.S_IFSOCK:
		return true
	}
	n, _ := readlink(dir, &name[0], w.link[:])
	switch link := w.link[:n]; {
	case n == 0:
	case bytes.HasSuffix(link, []byte("/net/tun")):
		w.socket(h, name, 0)
	case link[0] == '/':
		if known || mayBeNamespace(w.fdinfo(name)) && look(dir, string(name), 0, &st) == nil {
			w.unnamed(h, dir, name, &st)
		}
	case link[n-1] == ']':
		w.named(h, name, link)
	}
	return n > 0
}

// named notes a descriptor whose link says what it is.
func (w *worker) named(h *holder, name, link []byte) {
	if kind, inode, ok := parseLink(link); ok && w.Kinds.Has(kind) {
		w.add(kind, inode, ByDescriptor, h, name)
	} else if inode, ok := parseSocket(link); ok {
		w.socket(h, name, inode)
	}
}

// isTun tells the device of TUN and TAP interfaces, major and minor number of
// linux/miscdevice.h. It holds the network namespace that it was opened in, as a socket does.
func isTun(st *unix.Statx_t) bool {
	return st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev_major == 10 && st.Rdev_minor == 200
}

// unnamed looks at a descriptor whose link is a path. It can still be that of a
// namespace, opened through a bind mount: the link then is the path of the mount
// and, when that is gone, "/".
func (w *worker) unnamed(h *holder, dir int, name []byte, st *unix.Statx_t) {
	if !w.nsfs.holds(st) {
		return
	}
	fd, err := w.nsfs.open(dir, string(name), 0)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	if kind, ok := kindOf(fd); ok && w.Kinds.Has(kind) {
		w.add(kind, inodeOf(fd), ByDescriptor, h, name)
	}
}

// add notes a namespace that a descriptor holds.
func (w *worker) add(kind ns.Kind, inode Inode, how How, h *holder, name []byte) {
	fd, _ := parseDigits(name)
	w.found = append(w.found, found{kind, inode, Holder{How: how, PID: h.pid, TID: h.tid, FD: int(fd)}})
}

// fdinfo reads what /proc/PID/fdinfo says of a descriptor, proc_pid_fdinfo(5).
// The file system that the descriptor is of has no part in it.
func (w *worker) fdinfo(name []byte) []byte {
	fd, err := openat(w.proc, w.path.withBytes("/fdinfo/", name), unix.O_RDONLY|unix.O_CLOEXEC)
	if err != 0 {
		w.lack.note(err)
		return nil
	}
	defer closeRaw(fd)
	n, _ := read(fd, w.info[:])
	return w.info[:n]
}

// firstInode is less than the inodes of all namespaces: the kernel counts from
// 0xf0000000 (include/linux/proc_ns.h), and a few before it are the first ones'.
const firstInode = 0xefff_ff00

// mayBeNamespace tells whether a descriptor with that text in /proc/PID/fdinfo can be
// one of a namespace. The kernel has told the inode since Linux 5.14.
func mayBeNamespace(info []byte) bool {
	_, rest, ok := bytes.Cut(info, []byte("\nino:\t"))
	if !ok {
		return len(info) > 0
	}
	digits, _, _ := bytes.Cut(rest, []byte{'\n'})
	inode, ok := parseDigits(digits)
	return ok && inode >= firstInode && inode <= 1<<32-1
}

// socket notes a socket that is of another network namespace than its process.
// The inode tells it from others, unless that is 0.
func (w *worker) socket(h *holder, name []byte, inode uint64) {
	if w.Want&Sockets == 0 || !w.Kinds.Has(ns.Net) || w.self != unix.Getpid() {
		return // or the numbers of this /proc are not those that pidfd_open(2) takes
	}
	of, known := w.sockets[inode]
	if !known || inode == 0 {
		fd, _ := parseDigits(name)
		handle, err := h.namespaceOf(int(fd))
		if err != nil {
			errno, _ := err.(unix.Errno)
			w.lack.note(errno)
			return
		}
		of = inodeOf(handle)
		unix.Close(handle)
		w.sockets[inode] = of
	}
	if of != 0 && of != h.net {
		w.add(ns.Net, of, BySocket, h, name)
	}
}

// socketOwner is a process, or a thread, whose sockets are asked for their namespaces.
type socketOwner struct {
	pid, tid, pidfd int
}

// namespaceOf opens the network namespace of a process's socket: pidfd_getfd(2)
// borrows the socket, SIOCGSKNS (Linux 4.10, kernel net/socket.c) asks it.
func (o *socketOwner) namespaceOf(fd int) (int, error) {
	if err := o.open(); err != nil {
		return -1, err
	}
	socket, err := unix.PidfdGetfd(o.pidfd, fd, 0)
	if err != nil {
		return -1, err
	}
	defer unix.Close(socket)
	// By now it may be a file, and its file system would be asked.
	if _, err := unix.GetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_TYPE); err != nil {
		var st unix.Statx_t
		if look(socket, "", unix.AT_EMPTY_PATH, &st) != nil || !isTun(&st) {
			return -1, err
		}
	}
	return unix.IoctlRetInt(socket, unix.SIOCGSKNS)
}

// open opens the pidfd; that of a single thread is of Linux 6.9.
func (o *socketOwner) open() (err error) {
	if o.pidfd >= 0 {
		return nil
	}
	pid, flags := o.pid, 0
	if o.tid != 0 {
		pid, flags = o.tid, unix.PIDFD_THREAD
	}
	o.pidfd, err = unix.PidfdOpen(pid, flags)
	return err
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
