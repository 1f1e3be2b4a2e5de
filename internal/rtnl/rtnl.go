// Package rtnl talks rtnetlink with the kernel in any network namespace, for
// all of nskit. The messages, their attributes and acknowledgements are those of
// [github.com/mdlayher/netlink]; what is here is the socket, how it comes into
// another namespace, and requests that are repeated when a failure passes.
package rtnl

import (
	"encoding/binary"
	"errors"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/passing"
	"golang.org/x/sys/unix"
)

// Conn is a connection to the kernel: a [netlink.Conn], or what a test has in
// its place.
type Conn interface {
	Send(netlink.Message) (netlink.Message, error)
	Receive() ([]netlink.Message, error)
	Close() error
}

var (
	// ErrForeign is what an answer is refused with that answers something else.
	ErrForeign = errors.New("reply does not belong to the request")
	// ErrMalformed is what a message is refused with that the kernel would not send.
	ErrMalformed = errors.New("malformed netlink message")
	// ErrInterrupted ends the retries of a list that others keep changing.
	ErrInterrupted = errors.New("links keep changing while they are listed")
)

// listTries is how often an interrupted list is begun again.
const listTries = 20

// Ask sends one request and returns what came before its acknowledgement. A
// refusal that may pass by itself is not the last word.
func Ask(c Conn, m netlink.Message) (replies []netlink.Message, err error) {
	lost := error(nil)
	err = passing.Retry(func() error {
		if replies, err = AskOnce(c, m); err != nil && !ByKernel(err) {
			lost = err // it may have been done
			return nil
		}
		return err
	})
	if lost != nil {
		return nil, lost
	}
	return replies, err
}

// AskOnce takes the first answer. It does not use Execute, which stops at the
// first message: with NLM_F_ECHO the acknowledgement is the second.
func AskOnce(c Conn, m netlink.Message) ([]netlink.Message, error) {
	m.Header.Flags |= netlink.Request | netlink.Acknowledge
	request, err := c.Send(m)
	if err != nil {
		return nil, err
	}
	var replies []netlink.Message
	for {
		batch, err := c.Receive()
		if err != nil {
			return nil, ownRefusal(err, &request)
		}
		for _, reply := range batch {
			switch {
			case !answers(&reply, &request):
				return nil, ErrForeign
			case reply.Header.Type == netlink.Error:
				return replies, nil
			}
			replies = append(replies, reply)
		}
	}
}

// List sends a request for a list and returns it whole.
func List(c Conn, m netlink.Message) (replies []netlink.Message, err error) {
	m.Header.Flags |= netlink.Request | netlink.Dump
	for range listTries {
		whole := false
		err = passing.Retry(func() error {
			replies, whole, err = listOnce(c, m)
			return err
		})
		if err != nil || whole {
			return replies, err
		}
	}
	return nil, ErrInterrupted
}

// listOnce says, too, whether nothing was changed in between. A change that
// only the final message would tell of came after the last entry.
func listOnce(c Conn, m netlink.Message) (replies []netlink.Message, whole bool, err error) {
	request, err := c.Send(m)
	if err != nil {
		return nil, false, err
	}
	if replies, err = c.Receive(); err != nil {
		return nil, false, ownRefusal(err, &request)
	}
	for i := range replies {
		if !answers(&replies[i], &request) {
			return nil, false, ErrForeign
		}
		if replies[i].Header.Flags&netlink.DumpInterrupted != 0 {
			return nil, false, nil
		}
	}
	return replies, true, nil
}

// ByKernel says that the kernel itself refused, and not that its answer was lost.
func ByKernel(err error) bool {
	var op *netlink.OpError
	return errors.As(err, &op) && op.Sequence != 0
}

// ownRefusal is err unless the kernel refuses some other request with it.
func ownRefusal(err error, request *netlink.Message) error {
	var op *netlink.OpError
	if errors.As(err, &op) && op.Sequence != 0 && op.Sequence != request.Header.Sequence {
		return ErrForeign
	}
	return err
}

// answers says whether reply belongs to request.
func answers(reply, request *netlink.Message) bool {
	return reply.Header.Sequence == request.Header.Sequence && reply.Header.PID == request.Header.PID
}

// Message puts a header of the protocol and attributes together.
func Message(kind netlink.HeaderType, flags netlink.HeaderFlags, header []byte, fill func(*netlink.AttributeEncoder)) (netlink.Message, error) {
	attrs, err := Attributes(fill)
	return netlink.Message{Header: netlink.Header{Type: kind, Flags: flags}, Data: append(header, attrs...)}, err
}

// Attributes encodes a list of attributes.
func Attributes(fill func(*netlink.AttributeEncoder)) ([]byte, error) {
	ae := netlink.NewAttributeEncoder()
	fill(ae)
	return ae.Encode()
}

// EachAttribute calls read for each attribute and refuses what does not add up.
func EachAttribute(b []byte, read func(*netlink.AttributeDecoder)) error {
	ad, err := netlink.NewAttributeDecoder(b)
	if err != nil {
		return ErrMalformed
	}
	for ad.Next() {
		read(ad)
	}
	if ad.Err() != nil {
		return ErrMalformed
	}
	return nil
}

// Walk calls read for each attribute with its type and its value, which is a part of b and not a copy as the
// library's is: links have some fifty attributes, and hosts have thousands of links. It ends with the first error
// of read's, and with [ErrMalformed] where the attributes do not add up.
func Walk(b []byte, read func(kind uint16, value []byte) error) error {
	for len(b) > 0 {
		if len(b) < unix.SizeofNlAttr {
			return ErrMalformed
		}
		length := int(binary.NativeEndian.Uint16(b))
		if length < unix.SizeofNlAttr || length > len(b) {
			return ErrMalformed
		}
		kind := binary.NativeEndian.Uint16(b[2:]) &^ (unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER)
		if err := read(kind, b[unix.SizeofNlAttr:length:length]); err != nil {
			return err
		}
		b = b[min(align(length), len(b)):]
	}
	return nil
}

// NoNSID is the number of a namespace that has none, and stands for one's own.
const NoNSID = unix.NETNSA_NSID_NOT_ASSIGNED

// NSID asks which number the network namespace of fd has in that of a
// connection, NoNSID for none.
func NSID(c Conn, fd int) (int, error) {
	m, err := Message(unix.RTM_GETNSID, 0, make([]byte, rtgenmsg), func(ae *netlink.AttributeEncoder) { ae.Uint32(unix.NETNSA_FD, uint32(fd)) })
	if err != nil {
		return 0, err
	}
	replies, err := Ask(c, m)
	if err != nil {
		return 0, err
	}
	for i := range replies {
		if replies[i].Header.Type == unix.RTM_NEWNSID {
			return parseNSID(replies[i].Data)
		}
	}
	return 0, ErrForeign
}

// rtgenmsg is the length of a struct rtgenmsg, padded.
const rtgenmsg = 4

// parseNSID reads the answer to RTM_GETNSID.
func parseNSID(b []byte) (int, error) {
	if len(b) < rtgenmsg {
		return 0, ErrMalformed
	}
	nsid, found := NoNSID, false
	err := EachAttribute(b[rtgenmsg:], func(ad *netlink.AttributeDecoder) {
		if ad.Type() == unix.NETNSA_NSID && len(ad.Bytes()) == 4 {
			nsid, found = int(int32(binary.NativeEndian.Uint32(ad.Bytes()))), true
		}
	})
	if err == nil && (!found || nsid < NoNSID) {
		err = ErrMalformed
	}
	return nsid, err
}
