package rtnl

import (
	"encoding/binary"
	"errors"
	"os"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/passing"
	"golang.org/x/sys/unix"
)

// DialGeneric opens a generic netlink socket in the network namespace of fd, or where that is
// negative in the caller's.
func DialGeneric(fd int) (*netlink.Conn, error) {
	sock := -1
	var err error
	missing := Inside(fd, func() {
		err = passing.Retry(func() (err error) {
			sock, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_GENERIC)
			return os.NewSyscallError("socket", err)
		})
	})
	if err = errors.Join(missing, err); err != nil {
		return nil, err
	}
	return dialOn(sock, 0)
}

// genericHeaderLen is the length of a struct genlmsghdr.
const genericHeaderLen = 4

// Generic is a message of a family of generic netlink.
func Generic(family uint16, command uint8, fill func(*netlink.AttributeEncoder)) (netlink.Message, error) {
	return Message(netlink.HeaderType(family), 0, []byte{command, 1, 0, 0}, fill)
}

// EachGenericAttribute calls read for each attribute of a message of generic netlink.
func EachGenericAttribute(b []byte, read func(*netlink.AttributeDecoder)) error {
	if len(b) < genericHeaderLen {
		return ErrMalformed
	}
	return EachAttribute(b[genericHeaderLen:], read)
}

// Family asks for the number of a family of generic netlink. The error is ENOENT where the
// kernel does not have it.
func Family(c Conn, name string) (uint16, error) {
	m, err := Generic(unix.GENL_ID_CTRL, unix.CTRL_CMD_GETFAMILY, func(ae *netlink.AttributeEncoder) { ae.String(unix.CTRL_ATTR_FAMILY_NAME, name) })
	if err != nil {
		return 0, err
	}
	replies, err := Ask(c, m)
	if err != nil {
		return 0, err
	}
	family := uint16(0)
	for i := range replies {
		err := EachGenericAttribute(replies[i].Data, func(ad *netlink.AttributeDecoder) {
			if ad.Type() == unix.CTRL_ATTR_FAMILY_ID && len(ad.Bytes()) == 2 {
				family = binary.NativeEndian.Uint16(ad.Bytes())
			}
		})
		if err != nil {
			return 0, err
		}
	}
	if family == 0 {
		return 0, ErrForeign
	}
	return family, nil
}
