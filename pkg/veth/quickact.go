package veth

import (
	"encoding/binary"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// lost is what an answer comes to that cannot be read.
const lost = ^uint32(0)

// Add lays the cable that was parsed. It must be called on a process of a
// single thread. If it returns false nothing is left, and a [Session] can say
// what is wrong.
func (q *Quick) Add() bool {
	done := q.enter() && q.lay()
	q.leave()
	return done
}

// lay makes the pair and all that belongs to it, or nothing.
func (q *Quick) lay() bool {
	a := &q.ends[0]
	for i := 0; ; i++ {
		e := q.step(i)
		if e == nil {
			return true
		}
		failed := q.ask(e.at.sock)
		if i == 0 && !q.learn(failed) {
			return false
		}
		if failed != 0 && i > 0 {
			q.remove(a)
			return false
		}
	}
}

// learn notes the indexes of the pair that was made. Kernels before 6.2 do not
// tell them, and are asked. Where the answer was lost the link may be there
// nevertheless; then it has the address that was given to it, and is removed.
func (q *Quick) learn(failed uint32) bool {
	a, b := &q.ends[0], &q.ends[1]
	if failed != 0 && failed != lost {
		return false
	}
	if failed == lost || q.answer.index == 0 {
		q.begin(unix.RTM_GETLINK, 0)
		q.linkHeader(0, 0)
		q.text(unix.IFLA_IFNAME, a.name)
		q.end()
		if q.ask(a.at.sock) != 0 || q.answer.mac != a.mac {
			return false
		}
	}
	a.index, b.index = q.answer.index, q.answer.peer
	if failed == 0 && b.index != 0 {
		return true
	}
	q.remove(a)
	return false
}

func (q *Quick) remove(e *quickEnd) {
	q.begin(unix.RTM_DELLINK, 0)
	q.linkHeader(e.index, 0)
	q.end()
	q.ask(e.at.sock)
}

// enter opens the namespaces and a socket in each.
func (q *Quick) enter() bool {
	if !q.own.open(q.put("/proc/self/ns/net", "", "")) || !q.own.dial() {
		return false
	}
	for i := range q.ends {
		e := &q.ends[i]
		if _, _, errno := syscall.RawSyscall(unix.SYS_GETRANDOM, uintptr(unsafe.Pointer(&q.reply)), uintptr(len(e.mac)), 0); errno != 0 {
			return false
		}
		if e.mac == (MAC{}) {
			copy(e.mac[:], q.reply[:])
			e.mac[0] = e.mac[0]&^1 | 2 // unicast, locally administered
		}
		if e.ns == "" {
			e.at = q.own
		} else if !q.visit(e) || e.at.inode == q.own.inode || i > 0 && e.at.inode == q.ends[0].at.inode {
			return false
		}
	}
	return true
}

// visit opens an end's namespace and a socket in it. It makes sure first that
// the process can come back.
func (q *Quick) visit(e *quickEnd) bool {
	return q.find(e) && q.own.join() && e.at.join() && and(e.at.dial(), q.own.join())
}

// and wants both, and both to be tried.
func and(a, b bool) bool { return a && b }

// find opens an end's namespace, as openRef does.
func (q *Quick) find(e *quickEnd) bool {
	if e.ns[0] == '/' {
		return e.at.open(q.put(e.ns, "", ""))
	}
	if e.at.open(q.put(netnsDir, "/", e.ns)) {
		return true
	}
	_, number := quickNumber(e.ns)
	return number && e.at.missing && e.at.open(q.put("/proc/", e.ns, "/ns/net"))
}

// put joins a path; it has room for every reference that is accepted.
func (q *Quick) put(a, b, c string) *byte {
	n := copy(q.path[:], a)
	n += copy(q.path[n:], b)
	n += copy(q.path[n:], c)
	q.path[n] = 0
	return &q.path[0]
}

// open opens the network namespace at a path.
func (ns *quickNS) open(path *byte) bool {
	const flags = unix.O_RDONLY | unix.O_CLOEXEC | unix.O_NONBLOCK
	at := unix.AT_FDCWD
	fd, _, errno := syscall.RawSyscall6(unix.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(path)), flags, 0, 0, 0)
	if ns.missing = errno == unix.ENOENT; errno != 0 {
		return false
	}
	ns.fd = int(fd) + 1
	kind, _, errno := syscall.RawSyscall(unix.SYS_IOCTL, fd, unix.NS_GET_NSTYPE, 0)
	if errno != 0 || kind != unix.CLONE_NEWNET {
		return false
	}
	var stat unix.Stat_t
	_, _, errno = syscall.RawSyscall(unix.SYS_FSTAT, fd, uintptr(unsafe.Pointer(&stat)), 0)
	ns.inode = stat.Ino
	return errno == 0
}

func (ns *quickNS) join() bool {
	_, _, errno := syscall.RawSyscall(unix.SYS_SETNS, uintptr(ns.fd-1), unix.CLONE_NEWNET, 0)
	return errno == 0
}

// dial opens a socket in the namespace that the process is in.
func (ns *quickNS) dial() bool {
	sock, _, errno := syscall.RawSyscall(unix.SYS_SOCKET, unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if errno != 0 {
		return false
	}
	ns.sock = int(sock) + 1
	return true
}

// leave closes what is open.
func (q *Quick) leave() {
	for i := range q.ends {
		if e := &q.ends[i]; e.at.fd != q.own.fd {
			e.at.leave()
		}
	}
	q.own.leave()
}

func (ns *quickNS) leave() {
	if ns.fd != 0 {
		syscall.RawSyscall(unix.SYS_CLOSE, uintptr(ns.fd-1), 0, 0)
	}
	if ns.sock != 0 {
		syscall.RawSyscall(unix.SYS_CLOSE, uintptr(ns.sock-1), 0, 0)
	}
	*ns = quickNS{}
}

// ask sends the request and reads the answer: 0, the kernel's error number, or
// lost.
func (q *Quick) ask(sock int) uint32 {
	if q.spoil == nil {
		return q.exchange(sock)
	}
	spoiled, sent, result := q.spoil(q.sequence)
	if sent {
		if answer := q.exchange(sock); !spoiled {
			return answer
		}
		q.answer = quickLink{}
	}
	return result
}

func (q *Quick) exchange(sock int) uint32 {
	q.answer = quickLink{}
	_, _, errno := syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(sock-1), uintptr(unsafe.Pointer(&q.out)), uintptr(q.n), 0, 0, 0)
	if errno != 0 {
		return uint32(errno) // before the kernel has looked at it
	}
	var from unix.RawSockaddrNetlink
	for {
		size := uint32(unsafe.Sizeof(from))
		n, _, errno := syscall.RawSyscall6(unix.SYS_RECVFROM, uintptr(sock-1), uintptr(unsafe.Pointer(&q.reply)), uintptr(len(q.reply)),
			unix.MSG_TRUNC, uintptr(unsafe.Pointer(&from)), uintptr(unsafe.Pointer(&size)))
		if errno == unix.EINTR || errno == 0 && from.Pid != 0 { // from a process: root of a container may send, too
			continue
		}
		if errno != 0 || n > uintptr(len(q.reply)) {
			return lost
		}
		if result, last := q.read(q.reply[:n]); last {
			return result
		}
	}
}

// read reads a datagram; last says that it ends the answer.
func (q *Quick) read(b []byte) (result uint32, last bool) {
	for len(b) > 0 {
		if len(b) < unix.SizeofNlMsghdr {
			return lost, true
		}
		length, kind := binary.NativeEndian.Uint32(b), binary.NativeEndian.Uint16(b[4:])
		if length < unix.SizeofNlMsghdr || uint64(length) > uint64(len(b)) || binary.NativeEndian.Uint32(b[8:]) != q.sequence {
			return lost, true
		}
		body := b[unix.SizeofNlMsghdr:length]
		switch kind {
		case unix.NLMSG_ERROR:
			if len(body) < errnoLen {
				return lost, true
			}
			return -binary.NativeEndian.Uint32(body), true
		case unix.RTM_NEWLINK:
			q.answer.read(body)
		}
		b = b[min(align(int(length)), len(b)):]
	}
	return 0, false
}

// read notes what an RTM_NEWLINK says; what is cut short says nothing.
func (l *quickLink) read(b []byte) {
	if len(b) < linkHeaderLen {
		return
	}
	l.index = binary.NativeEndian.Uint32(b[4:])
	for b = b[linkHeaderLen:]; len(b) >= unix.SizeofNlAttr; {
		length, kind := int(binary.NativeEndian.Uint16(b)), binary.NativeEndian.Uint16(b[2:])
		if length < unix.SizeofNlAttr || length > len(b) {
			return
		}
		switch value := b[unix.SizeofNlAttr:length]; {
		case kind == unix.IFLA_LINK && len(value) == 4:
			l.peer = binary.NativeEndian.Uint32(value)
		case kind == unix.IFLA_ADDRESS && len(value) == len(l.mac):
			copy(l.mac[:], value)
		}
		b = b[min(align(length), len(b)):]
	}
}
