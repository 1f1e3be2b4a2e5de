package veth

import (
	"cmp"
	"encoding/binary"
	"net/netip"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// Numbers that x/sys lacks.
const (
	ifaProto     = 11 // IFA_PROTO, include/uapi/linux/if_addr.h
	genModeEUI64 = 0  // IN6_ADDR_GEN_MODE_EUI64
	rtaNextHop   = 30 // RTA_NH_ID, include/uapi/linux/rtnetlink.h
)

// The lengths of the headers behind a message's own.
const (
	linkHeaderLen = unix.SizeofIfInfomsg
	addrHeaderLen = unix.SizeofIfAddrmsg
	rtHeaderLen   = unix.SizeofRtMsg
)

// linkHeader is a struct ifinfomsg.
func linkHeader(index int, flags, change uint32) []byte {
	b := make([]byte, linkHeaderLen)
	binary.NativeEndian.PutUint32(b[4:], uint32(index))
	binary.NativeEndian.PutUint32(b[8:], flags)
	binary.NativeEndian.PutUint32(b[12:], change)
	return b
}

// adminFlags are the flags and the mask of an administrative state.
func adminFlags(admin Admin) (flags, change uint32) {
	switch admin {
	case Up:
		return unix.IFF_UP, unix.IFF_UP
	case Down:
		return 0, unix.IFF_UP
	}
	return 0, 0
}

// putAttrs writes the attributes of a link.
func putAttrs(ae *netlink.AttributeEncoder, name string, a *Attrs) {
	if name != "" {
		ae.String(unix.IFLA_IFNAME, name)
	}
	if a.MTU != 0 {
		ae.Uint32(unix.IFLA_MTU, a.MTU)
	}
	if a.MAC != (MAC{}) {
		ae.Bytes(unix.IFLA_ADDRESS, a.MAC[:])
	}
	if a.TxQLen != nil {
		ae.Uint32(unix.IFLA_TXQLEN, *a.TxQLen)
	}
	if a.Queues != 0 {
		ae.Uint32(unix.IFLA_NUM_TX_QUEUES, a.Queues)
		ae.Uint32(unix.IFLA_NUM_RX_QUEUES, cmp.Or(a.rxQueues, a.Queues))
	}
	if a.Group != nil {
		ae.Uint32(unix.IFLA_GROUP, *a.Group)
	}
	if a.Alias != nil {
		// Without the NUL: the kernel counts it to the text, and nothing at
		// all is what removes an alias.
		ae.Bytes(unix.IFLA_IFALIAS, []byte(*a.Alias))
	}
	switch {
	case a.Master != nil:
		ae.Uint32(unix.IFLA_MASTER, uint32(a.Master.Index))
	case a.NoMaster:
		ae.Uint32(unix.IFLA_MASTER, 0)
	}
}

// encodePair is the one request that creates both endpoints in their namespaces. It goes to a
// socket in the first endpoint's namespace.
func encodePair(step *Step) (netlink.Message, error) {
	a, b := step.Link, step.Peer
	flags, change := adminFlags(step.Attrs.Admin)
	peer := func() ([]byte, error) {
		body, err := rtnl.Attributes(func(ae *netlink.AttributeEncoder) {
			putAttrs(ae, b.Name, &step.PeerAttrs)
			if b.NS != a.NS {
				ae.Uint32(unix.IFLA_NET_NS_FD, uint32(b.NS.fd))
			}
		})
		return append(linkHeader(0, 0, 0), body...), err
	}
	return rtnl.Message(unix.RTM_NEWLINK, netlink.Create|netlink.Excl|netlink.Echo, linkHeader(0, flags, change), func(ae *netlink.AttributeEncoder) {
		putAttrs(ae, a.Name, &step.Attrs)
		ae.Nested(unix.IFLA_LINKINFO, func(info *netlink.AttributeEncoder) error {
			step.Kind.putInfo(info, step.was, peer)
			return nil
		})
	})
}

// encodeBridge makes a bridge.
func encodeBridge(link *Handle, attrs *Attrs) (netlink.Message, error) {
	return rtnl.Message(unix.RTM_NEWLINK, netlink.Create|netlink.Excl|netlink.Echo, linkHeader(0, 0, 0), func(ae *netlink.AttributeEncoder) {
		putAttrs(ae, link.Name, attrs)
		ae.Nested(unix.IFLA_LINKINFO, func(info *netlink.AttributeEncoder) error {
			info.String(unix.IFLA_INFO_KIND, "bridge")
			return nil
		})
	})
}

// encodeSet changes a link that exists.
func encodeSet(index int, attrs *Attrs) (netlink.Message, error) {
	flags, change := adminFlags(attrs.Admin)
	return rtnl.Message(unix.RTM_NEWLINK, 0, linkHeader(index, flags, change), func(ae *netlink.AttributeEncoder) {
		putAttrs(ae, attrs.Name, attrs)
	})
}

// encodeMove puts a link into the namespace of fd.
func encodeMove(index, fd int, name string) (netlink.Message, error) {
	return rtnl.Message(unix.RTM_NEWLINK, 0, linkHeader(index, 0, 0), func(ae *netlink.AttributeEncoder) {
		ae.Uint32(unix.IFLA_NET_NS_FD, uint32(fd))
		if name != "" {
			ae.String(unix.IFLA_IFNAME, name)
		}
	})
}

// encodeDelete deletes a link.
func encodeDelete(index int) netlink.Message {
	return netlink.Message{Header: netlink.Header{Type: unix.RTM_DELLINK}, Data: linkHeader(index, 0, 0)}
}

// encodeGetLink asks for one link, by index or else by name. A namespace number
// asks for it in another namespace than the socket's.
func encodeGetLink(index int, name string, nsid int) (netlink.Message, error) {
	return rtnl.Message(unix.RTM_GETLINK, 0, linkHeader(index, 0, 0), func(ae *netlink.AttributeEncoder) {
		switch {
		case index != 0:
		case len(name) > maxName:
			ae.String(unix.IFLA_ALT_IFNAME, name) // Linux 5.5
		default:
			ae.String(unix.IFLA_IFNAME, name)
		}
		if nsid != rtnl.NoNSID {
			ae.Int32(unix.IFLA_TARGET_NETNSID, int32(nsid))
		}
	})
}

// family is the address family of addr.
func family(addr netip.Addr) uint8 {
	if addr.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

// addrHeader is a struct ifaddrmsg; the index 0 asks for all links.
func addrHeader(a *Addr, index int) []byte {
	b := make([]byte, addrHeaderLen)
	if a != nil {
		b[0], b[1], b[2], b[3] = family(a.Prefix.Addr()), uint8(a.Prefix.Bits()), uint8(a.Flags), a.Scope
	}
	binary.NativeEndian.PutUint32(b[4:], uint32(index))
	return b
}

// encodeAddr adds or removes an address.
func encodeAddr(kind netlink.HeaderType, flags netlink.HeaderFlags, a *Addr, index int) (netlink.Message, error) {
	return rtnl.Message(kind, flags, addrHeader(a, index), func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.IFA_LOCAL, a.Prefix.Addr().AsSlice())
		remote := a.Prefix.Addr()
		if a.Peer.IsValid() {
			remote = a.Peer
		}
		ae.Bytes(unix.IFA_ADDRESS, remote.AsSlice())
		if kind == unix.RTM_DELADDR {
			return
		}
		if a.Broadcast.IsValid() {
			ae.Bytes(unix.IFA_BROADCAST, a.Broadcast.AsSlice())
		}
		if a.Label != "" {
			ae.String(unix.IFA_LABEL, a.Label)
		}
		if a.Flags != 0 {
			ae.Uint32(unix.IFA_FLAGS, a.Flags)
		}
		if a.Proto != 0 {
			ae.Uint8(ifaProto, a.Proto)
		}
		if a.Metric != 0 {
			ae.Uint32(unix.IFA_RT_PRIORITY, a.Metric)
		}
		if a.Valid != Forever || a.Preferred != Forever {
			info := make([]byte, 16) // struct ifa_cacheinfo
			binary.NativeEndian.PutUint32(info, a.Preferred)
			binary.NativeEndian.PutUint32(info[4:], a.Valid)
			ae.Bytes(unix.IFA_CACHEINFO, info)
		}
	})
}

// encodeRoute adds or removes a route.
func encodeRoute(kind netlink.HeaderType, flags netlink.HeaderFlags, r *Route, index int) (netlink.Message, error) {
	b := make([]byte, rtHeaderLen)
	b[0], b[1] = family(r.Dst.Addr()), uint8(r.Dst.Bits())
	b[4], b[5], b[6], b[7] = unix.RT_TABLE_COMPAT, r.Proto, r.Scope, unix.RTN_UNICAST
	if r.Table <= 255 {
		b[4] = uint8(r.Table)
	}
	binary.NativeEndian.PutUint32(b[8:], r.Flags)
	return rtnl.Message(kind, flags, b, func(ae *netlink.AttributeEncoder) {
		if r.Dst.Bits() > 0 {
			ae.Bytes(unix.RTA_DST, r.Dst.Addr().AsSlice())
		}
		switch {
		case !r.Gateway.IsValid():
		case r.Gateway.Is4() == r.Dst.Addr().Is4():
			ae.Bytes(unix.RTA_GATEWAY, r.Gateway.AsSlice())
		default:
			via := binary.NativeEndian.AppendUint16(nil, uint16(family(r.Gateway)))
			ae.Bytes(unix.RTA_VIA, append(via, r.Gateway.AsSlice()...))
		}
		ae.Uint32(unix.RTA_OIF, uint32(index))
		ae.Uint32(unix.RTA_TABLE, r.Table)
		if r.Source.IsValid() {
			ae.Bytes(unix.RTA_PREFSRC, r.Source.AsSlice())
		}
		if r.Metric != 0 {
			ae.Uint32(unix.RTA_PRIORITY, r.Metric)
		}
		if len(r.metrics) > 0 {
			ae.Bytes(netlink.Nested|unix.RTA_METRICS, r.metrics)
		}
	})
}

// encodeListNextHops asks for the next hop objects of a link.
func encodeListNextHops(index int) (netlink.Message, error) {
	return rtnl.Message(unix.RTM_GETNEXTHOP, 0, make([]byte, nhHeaderLen), func(ae *netlink.AttributeEncoder) {
		ae.Uint32(unix.NHA_OIF, uint32(index))
	})
}

// encodeListRoutes asks for the routes of a family out of one link, 0 for all.
func encodeListRoutes(family uint8, index int) (netlink.Message, error) {
	b := make([]byte, rtHeaderLen)
	b[0] = family
	return rtnl.Message(unix.RTM_GETROUTE, 0, b, func(ae *netlink.AttributeEncoder) {
		if index != 0 {
			ae.Uint32(unix.RTA_OIF, uint32(index))
		}
	})
}
