package veth

import (
	"encoding/binary"
	"errors"
	"os"
	"syscall"
	"time"
	"unsafe"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// errnoLen is the length of what struct nlmsgerr begins with.
const errnoLen = 4

// connection is a route netlink socket. It is a plain blocking one, without the
// runtime's poller: the answer to a request is there when the request has been
// sent, so there is nothing to poll for.
type connection struct {
	fd     int
	buffer []byte
	// port is the socket's address, sequence the number of the latest request.
	port, sequence uint32
	// listens says that it waits for notifications, for ever or till deadline.
	listens  bool
	deadline time.Time
}

// SetReadDeadline ends the wait for notifications.
func (c *connection) SetReadDeadline(t time.Time) error {
	c.deadline = t
	return nil
}

// dialHere opens a socket in the namespace of the calling thread.
func dialHere(groups uint32) (conn, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	return dialOn(fd, groups)
}

// dialOn makes a connection of a new socket.
func dialOn(fd int, groups uint32) (conn, error) {
	c := &connection{fd: fd, buffer: make([]byte, receiveBuffer), listens: groups != 0}
	if err := c.bind(groups); err != nil {
		c.Close()
		return nil, err
	}
	// Both are conveniences that old kernels lack: texts of errors (4.12), and
	// dumps that honour filters (4.20), which are filtered again here anyway.
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_EXT_ACK, 1)
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_GET_STRICT_CHK, 1)
	return c, nil
}

// bind joins the groups and learns the port that the kernel has chosen.
func (c *connection) bind(groups uint32) error {
	if err := unix.Bind(c.fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		return err
	}
	name, err := unix.Getsockname(c.fd)
	if err != nil {
		return err
	}
	c.port = name.(*unix.SockaddrNetlink).Pid
	return nil
}

// Close gives the descriptor back.
func (c *connection) Close() error { return unix.Close(c.fd) }

// Send numbers a request and sends it; the kernel carries it out before Send
// returns.
func (c *connection) Send(m netlink.Message) (netlink.Message, error) {
	c.sequence++
	m.Header.Length, m.Header.Sequence, m.Header.PID = uint32(align(unix.SizeofNlMsghdr+len(m.Data))), c.sequence, c.port
	b, err := m.MarshalBinary()
	if err != nil {
		return m, err
	}
	for err = unix.EINTR; errors.Is(err, unix.EINTR); {
		if m.Header.Type == unix.RTM_DELLINK {
			err = unix.Sendto(c.fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
		} else {
			err = c.sendQuick(b)
		}
	}
	return m, os.NewSyscallError("sendto", err)
}

// sendQuick does not tell Go's scheduler of the system call: what takes the
// kernel well under a millisecond would cost as much again in threads that are
// woken to take over. The deletion of a link, which takes long, is not for it.
func (c *connection) sendQuick(b []byte) error {
	_, _, errno := syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(c.fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// Receive receives one answer or notification: the messages of a datagram, or
// all of a list up to the one that ends it. What the kernel refuses is an error.
func (c *connection) Receive() ([]netlink.Message, error) {
	var all []netlink.Message
	for {
		messages, err := c.datagram()
		if err != nil {
			return nil, err
		}
		more := false
		for _, m := range messages {
			if err := refusal(&m); err != nil {
				return nil, err
			}
			multi := m.Header.Flags&netlink.Multi != 0
			if multi && m.Header.Type == netlink.Done {
				return all, nil
			}
			more, all = more || multi, append(all, m)
		}
		if !more {
			return all, nil
		}
	}
}

// refusal is the error that a message tells of, nil for none.
func refusal(m *netlink.Message) error {
	if m.Header.Type != netlink.Error && m.Header.Type != netlink.Done {
		return nil
	}
	if len(m.Data) == 0 && m.Header.Type == netlink.Done {
		return nil // the end of a list, of an old kernel
	}
	if len(m.Data) < errnoLen {
		return errMalformed
	}
	number := -int32(binary.NativeEndian.Uint32(m.Data))
	if number == 0 {
		return nil
	}
	return &netlink.OpError{Op: "receive", Err: unix.Errno(number), Sequence: m.Header.Sequence, Message: ackText(m)}
}

// ackText is the kernel's own text in an acknowledgement, "" where it has none.
func ackText(m *netlink.Message) string {
	if m.Header.Flags&netlink.AcknowledgeTLVs == 0 {
		return ""
	}
	rest := m.Data[errnoLen:]
	if m.Header.Type == netlink.Error {
		rest = behindRequest(rest, m.Header.Flags)
	}
	attrs, err := netlink.NewAttributeDecoder(rest)
	for err == nil && attrs.Next() {
		if attrs.Type() == unix.NLMSGERR_ATTR_MSG {
			return attrs.String()
		}
	}
	return ""
}

// behindRequest cuts the copy of a request off an acknowledgement, or that of
// its header alone; nothing is left if it is too short for that.
func behindRequest(b []byte, flags netlink.HeaderFlags) []byte {
	if len(b) < unix.SizeofNlMsghdr {
		return nil
	}
	length := uint32(unix.SizeofNlMsghdr)
	if flags&netlink.Capped == 0 {
		length = binary.NativeEndian.Uint32(b)
	}
	if length < unix.SizeofNlMsghdr || uint64(length) > uint64(len(b)) {
		return nil
	}
	return b[min(align(int(length)), len(b)):]
}

// align rounds up to where the next message or attribute begins.
func align(n int) int { return (n + unix.NLMSG_ALIGNTO - 1) &^ (unix.NLMSG_ALIGNTO - 1) }

// datagram receives one datagram of the kernel's.
func (c *connection) datagram() ([]netlink.Message, error) {
	for {
		n, from, err := c.receive()
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return nil, os.NewSyscallError("recvfrom", err)
		case n > len(c.buffer):
			return nil, errMalformed
		case from != 0:
			continue // from a process, not from the kernel
		}
		return splitMessages(c.buffer[:n])
	}
}

// receive receives a datagram and tells its whole length and its sender's port.
func (c *connection) receive() (n int, from uint32, err error) {
	if !c.listens {
		return c.receiveQuick()
	}
	if !c.deadline.IsZero() {
		left := time.Until(c.deadline)
		if left <= 0 {
			return 0, 0, os.ErrDeadlineExceeded
		}
		timeout := unix.NsecToTimeval(max(left, time.Microsecond).Nanoseconds())
		if err := unix.SetsockoptTimeval(c.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout); err != nil {
			return 0, 0, err
		}
	}
	n, name, err := unix.Recvfrom(c.fd, c.buffer, unix.MSG_TRUNC)
	switch {
	case errors.Is(err, unix.EAGAIN):
		return 0, 0, os.ErrDeadlineExceeded
	case err != nil:
		return 0, 0, err
	}
	return n, name.(*unix.SockaddrNetlink).Pid, nil
}

// receiveQuick is for answers, which never have to be waited for; see sendQuick.
func (c *connection) receiveQuick() (n int, from uint32, err error) {
	var name unix.RawSockaddrNetlink
	size := uint32(unsafe.Sizeof(name))
	count, _, errno := syscall.RawSyscall6(unix.SYS_RECVFROM, uintptr(c.fd), uintptr(unsafe.Pointer(unsafe.SliceData(c.buffer))), uintptr(len(c.buffer)),
		unix.MSG_TRUNC, uintptr(unsafe.Pointer(&name)), uintptr(unsafe.Pointer(&size)))
	if errno != 0 {
		return 0, 0, errno
	}
	return int(count), name.Pid, nil
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
		b = b[min(align(int(h.Length)), len(b)):]
	}
	return messages, nil
}
