package rtnl

import (
	"encoding/binary"
	"iter"
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/passing"
	"golang.org/x/sys/unix"
)

// receiveBuffer makes the kernel fill whole pages of a list: it never sends
// more than 32 KiB at a time.
const receiveBuffer = 32 << 10

// buffers are those of sockets that receive just now: a survey has a socket in each of hundreds of
// network namespaces, and asks one after the other.
var buffers sync.Pool

// socket is a [netlink.Socket] without the runtime's poller: the answer to a
// request is there when the request has been sent, so there is nothing to poll
// for. The library's own starts the poller, asks for the size of every
// answer first and wakes further threads, a tenth of what `vethctl add` takes.
// And it takes messages from any process: root in a container may send, too.
type socket struct {
	fd int
	// buffer is there while a datagram is received.
	buffer *[receiveBuffer]byte
	// listens says that it waits for notifications, for ever or till deadline.
	listens  bool
	deadline time.Time
}

// dialOn makes a connection of a new netlink socket.
func dialOn(fd int, groups uint32) (*netlink.Conn, error) {
	err := passing.Retry(func() error {
		return os.NewSyscallError("bind", unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}))
	})
	var name unix.RawSockaddrNetlink
	if err == nil {
		err = ownName(fd, &name)
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	// Both are conveniences that old kernels lack: texts of errors (4.12), and
	// lists that honour filters (4.20), which are filtered again anyway.
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_EXT_ACK, 1)
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_GET_STRICT_CHK, 1)
	return netlink.NewConn(&socket{fd: fd, listens: groups != 0}, name.Pid), nil
}

// ownName reads a socket's own address. [unix.Getsockname] knows the addresses of all families.
func ownName(fd int, name *unix.RawSockaddrNetlink) error {
	size := uint32(unsafe.Sizeof(*name))
	if _, _, errno := syscall.RawSyscall(unix.SYS_GETSOCKNAME, uintptr(fd), uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(&size))); errno != 0 {
		return os.NewSyscallError("getsockname", errno)
	}
	return nil
}

// Close gives the descriptor back.
func (s *socket) Close() error { return unix.Close(s.fd) }

// Send sends a request; the kernel carries it out before Send returns.
func (s *socket) Send(m netlink.Message) error {
	b, err := m.MarshalBinary()
	if err != nil {
		return err
	}
	return passing.Retry(func() error {
		if m.Header.Type == unix.RTM_DELLINK {
			return os.NewSyscallError("sendto", unix.Sendto(s.fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}))
		}
		return s.sendQuick(b)
	})
}

// sendQuick does not tell Go's scheduler of the system call: what takes the
// kernel well under a millisecond would cost as much again in threads that are
// woken to take over. The deletion of a link, which takes long, is not for it.
func (s *socket) sendQuick(b []byte) error {
	_, _, errno := syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), 0, 0, 0)
	if errno != 0 {
		return os.NewSyscallError("sendto", errno)
	}
	return nil
}

// SendMessages sends requests one by one.
func (s *socket) SendMessages(messages []netlink.Message) error {
	for _, m := range messages {
		if err := s.Send(m); err != nil {
			return err
		}
	}
	return nil
}

// Receive returns the messages of one datagram.
func (s *socket) Receive() ([]netlink.Message, error) {
	var all []netlink.Message
	for m, err := range s.ReceiveIter() {
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// ReceiveIter is the same, one by one; the messages own their bytes.
func (s *socket) ReceiveIter() iter.Seq2[netlink.Message, error] {
	return func(yield func(netlink.Message, error) bool) {
		datagram, err := s.datagram()
		if err != nil {
			yield(netlink.Message{}, err)
			return
		}
		split(datagram, yield)
	}
}

// aligned is a copy with room up to where the next message would begin.
func aligned(datagram []byte) []byte {
	return append(make([]byte, 0, align(len(datagram))), datagram...)
}

// split cuts a datagram, which is aligned, into messages.
func split(datagram []byte, yield func(netlink.Message, error) bool) {
	for b := datagram[:align(len(datagram))]; len(b) > 0; {
		if len(b) < unix.SizeofNlMsghdr {
			yield(netlink.Message{}, ErrMalformed)
			return
		}
		length := uint64(binary.NativeEndian.Uint32(b))
		if length < unix.SizeofNlMsghdr || length > uint64(len(b)) {
			yield(netlink.Message{}, ErrMalformed)
			return
		}
		var m netlink.Message
		end := align(int(length))
		if err := m.UnmarshalBinary(b[:end:end]); !yield(m, err) || err != nil {
			return
		}
		b = b[end:]
	}
}

// align rounds up to where the next message begins.
func align(n int) int { return (n + unix.NLMSG_ALIGNTO - 1) &^ (unix.NLMSG_ALIGNTO - 1) }

// datagram receives one datagram of the kernel's, aligned.
func (s *socket) datagram() ([]byte, error) {
	var ok bool
	if s.buffer, ok = buffers.Get().(*[receiveBuffer]byte); !ok {
		s.buffer = new([receiveBuffer]byte)
	}
	defer func() {
		buffers.Put(s.buffer)
		s.buffer = nil
	}()
	receive := s.receiveAnswer
	if s.listens {
		receive = s.receiveNews
	}
	for {
		n, from, err := receive()
		switch {
		case err != nil:
			return nil, err
		case n > receiveBuffer:
			return nil, ErrMalformed
		case from == 0:
			return aligned(s.buffer[:n]), nil
		}
		// from a process, not from the kernel
	}
}

// receiveAnswer receives an answer, its whole length and its sender's port. It
// never has to wait: an answer that is not there has been lost.
func (s *socket) receiveAnswer() (n int, from uint32, err error) {
	var name unix.RawSockaddrNetlink
	err = passing.Retry(func() error {
		size := uint32(unsafe.Sizeof(name))
		count, _, errno := syscall.RawSyscall6(unix.SYS_RECVFROM, uintptr(s.fd), uintptr(unsafe.Pointer(s.buffer)), receiveBuffer,
			unix.MSG_TRUNC|unix.MSG_DONTWAIT, uintptr(unsafe.Pointer(&name)), uintptr(unsafe.Pointer(&size)))
		if n = int(count); errno != 0 {
			return os.NewSyscallError("recvfrom", errno)
		}
		return nil
	})
	return n, name.Pid, err
}

// receiveNews waits for a notification till the deadline.
func (s *socket) receiveNews() (n int, from uint32, err error) {
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
	var name unix.RawSockaddrNetlink
	size := uint32(unsafe.Sizeof(name))
	count, _, errno := syscall.Syscall6(unix.SYS_RECVFROM, uintptr(s.fd), uintptr(unsafe.Pointer(s.buffer)), receiveBuffer,
		unix.MSG_TRUNC, uintptr(unsafe.Pointer(&name)), uintptr(unsafe.Pointer(&size)))
	switch errno {
	case 0:
		return int(count), name.Pid, nil
	case unix.EINTR:
		return s.receiveNews()
	case unix.EAGAIN:
		return 0, 0, os.ErrDeadlineExceeded
	}
	return 0, 0, os.NewSyscallError("recvfrom", errno)
}

// SetReadDeadline ends the wait for notifications.
func (s *socket) SetReadDeadline(t time.Time) error {
	s.deadline = t
	return nil
}

// SetDeadline is the same: nothing else waits.
func (s *socket) SetDeadline(t time.Time) error { return s.SetReadDeadline(t) }

// SetWriteDeadline has nothing to do.
func (s *socket) SetWriteDeadline(time.Time) error { return nil }
