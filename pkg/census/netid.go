package census

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// netIDs asks for the identifiers of network namespaces: one rtnetlink socket,
// opened at the first question.
type netIDs struct {
	socket int
	state  uint8 // notYet, ready, failed
}

const (
	notYet = iota
	ready
	failed
)

// The layout of an RTM_GETNSID request (linux/net_namespace.h, Linux 4.0): a
// header, a struct rtgenmsg padded to four bytes, one attribute with the
// descriptor. The answer has the identifier in an attribute.
const (
	netIDRequest   = unix.SizeofNlMsghdr + 4 + unix.SizeofRtAttr + 4
	netIDAttribute = unix.SizeofNlMsghdr + 4
)

// of returns the identifier of the open network namespace, nil for none.
func (n *netIDs) of(fd int) *int {
	if n.state == notYet {
		n.dial()
	}
	if n.state == failed {
		return nil
	}
	if err := unix.Sendto(n.socket, request(fd), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil
	}
	answer := make([]byte, 4096)
	for {
		size, from, err := unix.Recvfrom(n.socket, answer, 0)
		if err != nil {
			return nil
		}
		// Whoever has CAP_NET_ADMIN here may send as well.
		if name, ok := from.(*unix.SockaddrNetlink); ok && name.Pid == 0 {
			return parseNetID(answer[:size])
		}
	}
}

func (n *netIDs) dial() {
	socket, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	n.socket, n.state = socket, ready
	if err != nil {
		n.state = failed
	}
}

func (n *netIDs) close() {
	if n.state == ready {
		unix.Close(n.socket)
	}
}

func request(fd int) []byte {
	message := make([]byte, netIDRequest)
	native := binary.NativeEndian
	native.PutUint32(message[0:], netIDRequest)
	native.PutUint16(message[4:], unix.RTM_GETNSID)
	native.PutUint16(message[6:], unix.NLM_F_REQUEST)
	message[unix.SizeofNlMsghdr] = unix.AF_UNSPEC
	native.PutUint16(message[netIDAttribute:], unix.SizeofRtAttr+4)
	native.PutUint16(message[netIDAttribute+2:], unix.NETNSA_FD)
	native.PutUint32(message[netIDAttribute+unix.SizeofRtAttr:], uint32(fd))
	return message
}

// parseNetID reads the answer to a request: an error message, or attributes.
func parseNetID(message []byte) *int {
	native := binary.NativeEndian
	if len(message) < netIDAttribute || native.Uint16(message[4:]) != unix.RTM_NEWNSID {
		return nil
	}
	for rest := message[netIDAttribute:]; len(rest) >= unix.SizeofRtAttr+4; {
		length := int(native.Uint16(rest))
		if native.Uint16(rest[2:]) == unix.NETNSA_NSID {
			id := int(int32(native.Uint32(rest[unix.SizeofRtAttr:])))
			if id < 0 { // NETNSA_NSID_NOT_ASSIGNED, or nonsense
				return nil
			}
			return &id
		}
		aligned := (length + 3) &^ 3
		if length < unix.SizeofRtAttr || aligned > len(rest) {
			return nil
		}
		rest = rest[aligned:]
	}
	return nil
}
