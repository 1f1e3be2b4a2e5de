package rtnl

import (
	"encoding/binary"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

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
