package veth

import (
	"encoding/binary"
	"errors"
	"iter"
	"os"
	"syscall"
	"time"
	"unsafe"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// socket is a route netlink socket for [netlink.NewConn]. It is a plain blocking
// one, without the runtime's poller: the answer to a request is there when the
// request has been sent, so there is nothing to poll for.
type socket struct {
	fd     int
	buffer []byte
	// listens says that it waits for notifications, for ever or till deadline.
	listens  bool
	deadline time.Time
}

// connection is what the session talks through.
type connection struct {
	*netlink.Conn
	socket *socket
}

// SetReadDeadline ends the wait for notifications.
func (c *connection) SetReadDeadline(t time.Time) error {
	c.socket.deadline = t
	return nil
}

// dialHere opens a socket in the namespace of the calling thread.
func dialHere(groups uint32) (conn, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	s := &socket{fd: fd, buffer: make([]byte, receiveBuffer), listens: groups != 0}
	port, err := s.bind(groups)
	if err != nil {
		s.Close()
		return nil, err
	}
	// Both are conveniences that old kernels lack: texts of errors (4.12), and
	// dumps that honour filters (4.20), which are filtered again here anyway.
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_EXT_ACK, 1)
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_GET_STRICT_CHK, 1)
	return &connection{netlink.NewConn(s, port), s}, nil
}

// bind joins the groups and returns the port that the kernel has chosen.
func (s *socket) bind(groups uint32) (uint32, error) {
	if err := unix.Bind(s.fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		return 0, err
	}
	name, err := unix.Getsockname(s.fd)
	if err != nil {
		return 0, err
	}
	return name.(*unix.SockaddrNetlink).Pid, nil
}

// Close gives the descriptor back.
func (s *socket) Close() error { return unix.Close(s.fd) }

// Send sends one request, which the kernel carries out before it returns.
func (s *socket) Send(m netlink.Message) error {
	b, err := m.MarshalBinary()
	if err != nil {
		return err
	}
	for err = unix.EINTR; errors.Is(err, unix.EINTR); {
		if m.Header.Type == unix.RTM_DELLINK {
			err = unix.Sendto(s.fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
		} else {
			err = s.sendQuick(b)
		}
	}
	return os.NewSyscallError("sendto", err)
}

// sendQuick does not tell Go's scheduler of the system call: what takes the
// kernel well under a millisecond would cost as much again in threads that are
// woken to take over. The deletion of a link, which takes long, is not for it.
func (s *socket) sendQuick(b []byte) error {
	_, _, errno := syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// SendMessages sends several requests.
func (s *socket) SendMessages(messages []netlink.Message) error {
	for _, m := range messages {
		if err := s.Send(m); err != nil {
			return err
		}
	}
	return nil
}

// Receive receives the messages of one datagram.
func (s *socket) Receive() ([]netlink.Message, error) {
	for {
		n, from, err := s.receive()
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return nil, os.NewSyscallError("recvfrom", err)
		case n > len(s.buffer):
			return nil, errMalformed
		case from != 0:
			continue // from a process, not from the kernel
		}
		return splitMessages(s.buffer[:n])
	}
}

// receive receives a datagram and tells its whole length and its sender's port.
func (s *socket) receive() (n int, from uint32, err error) {
	if !s.listens {
		return s.receiveQuick()
	}
	if !s.deadline.IsZero() {
		left := time.Until(s.deadline)
		if left <= 0 {
			return 0, 0, os.ErrDeadlineExceeded
		}
		timeout := unix.NsecToTimeval(max(left, time.Microsecond).Nanoseconds())
		if err := unix.SetsockoptTimeval(s.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout); err != nil {
			return 0, 0, err
		}
	}
	n, name, err := unix.Recvfrom(s.fd, s.buffer, unix.MSG_TRUNC)
	switch {
	case errors.Is(err, unix.EAGAIN):
		return 0, 0, os.ErrDeadlineExceeded
	case err != nil:
		return 0, 0, err
	}
	return n, name.(*unix.SockaddrNetlink).Pid, nil
}

// receiveQuick is for answers, which never have to be waited for; see sendQuick.
func (s *socket) receiveQuick() (n int, from uint32, err error) {
	var name unix.RawSockaddrNetlink
	size := uint32(unsafe.Sizeof(name))
	count, _, errno := syscall.RawSyscall6(unix.SYS_RECVFROM, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(s.buffer))), uintptr(len(s.buffer)),
		unix.MSG_TRUNC, uintptr(unsafe.Pointer(&name)), uintptr(unsafe.Pointer(&size)))
	if errno != 0 {
		return 0, 0, errno
	}
	return int(count), name.Pid, nil
}

// ReceiveIter is Receive, one message at a time.
func (s *socket) ReceiveIter() iter.Seq2[netlink.Message, error] {
	return func(yield func(netlink.Message, error) bool) {
		messages, err := s.Receive()
		if err != nil {
			yield(netlink.Message{}, err)
			return
		}
		for _, m := range messages {
			if !yield(m, nil) {
				return
			}
		}
	}
}

// splitMessages cuts a datagram into messages, which own their bytes.
func splitMessages(datagram []byte) ([]netlink.Message, error) {
	var messages []netlink.Message
	for b := append([]byte(nil), datagram...); len(b) > 0; {
		if len(b) < unix.SizeofNlMsghdr {
			return nil, errMalformed
		}
		h := netlink.Header{
			Length: binary.NativeEndian.Uint32(b), Type: netlink.HeaderType(binary.NativeEndian.Uint16(b[4:])),
			Flags:    netlink.HeaderFlags(binary.NativeEndian.Uint16(b[6:])),
			Sequence: binary.NativeEndian.Uint32(b[8:]), PID: binary.NativeEndian.Uint32(b[12:]),
		}
		if h.Length < unix.SizeofNlMsghdr || uint64(h.Length) > uint64(len(b)) {
			return nil, errMalformed
		}
		messages = append(messages, netlink.Message{Header: h, Data: b[unix.SizeofNlMsghdr:h.Length:h.Length]})
		const align = unix.NLMSG_ALIGNTO - 1
		b = b[min((int(h.Length)+align)&^align, len(b)):]
	}
	return messages, nil
}
