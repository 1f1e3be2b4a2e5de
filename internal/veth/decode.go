package veth

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"

	"github.com/mdlayher/netlink"
	"github.com/mdlayher/netlink/nlenc"
	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// parseLink reads the body of an RTM_NEWLINK.
func parseLink(b []byte) (Link, error) {
	if len(b) < linkHeaderLen {
		return Link{}, rtnl.ErrMalformed
	}
	link := Link{
		Index: int(int32(binary.NativeEndian.Uint32(b[4:]))), Flags: binary.NativeEndian.Uint32(b[8:]),
		PeerNSID: rtnl.NoNSID, Carrier: true, raw: b[linkHeaderLen:],
	}
	if err := rtnl.Walk(b[linkHeaderLen:], link.attr); err != nil {
		return Link{}, err
	}
	if link.Index <= 0 || link.Name == "" || len(link.Name) > maxName || link.PeerIndex < 0 || link.MasterIndex < 0 {
		return Link{}, rtnl.ErrMalformed
	}
	return link, nil
}

// attr reads one attribute of a link.
func (l *Link) attr(kind uint16, value []byte) (err error) {
	switch kind {
	case unix.IFLA_IFNAME:
		l.Name = nlenc.String(value)
	case unix.IFLA_MTU:
		l.MTU, err = number(value)
	case unix.IFLA_ADDRESS:
		l.MAC = append([]byte(nil), value...)
	case unix.IFLA_TXQLEN:
		l.TxQLen, err = number(value)
	case unix.IFLA_NUM_TX_QUEUES:
		l.Queues, err = number(value)
	case unix.IFLA_NUM_RX_QUEUES:
		l.rxQueues, err = number(value)
	case unix.IFLA_GROUP:
		l.Group, err = number(value)
	case unix.IFLA_IFALIAS:
		l.Alias = nlenc.String(value)
	case unix.IFLA_OPERSTATE:
		l.OperState, err = octet(value)
	case unix.IFLA_CARRIER:
		var on uint8
		on, err = octet(value)
		l.Carrier = on != 0
	case unix.IFLA_MASTER:
		l.MasterIndex, err = index(value)
	case unix.IFLA_LINK:
		l.PeerIndex, err = index(value)
	case unix.IFLA_LINK_NETNSID:
		l.PeerNSID, err = index(value)
	case unix.IFLA_LINKINFO:
		return rtnl.Walk(value, l.infoAttr)
	case unix.IFLA_AF_SPEC:
		of6 := within(value, unix.AF_INET6)
		if mode := within(of6, unix.IFLA_INET6_ADDR_GEN_MODE); len(mode) > 0 {
			l.AddrGenMode = mode[0]
		}
		if token, ok := netip.AddrFromSlice(within(of6, unix.IFLA_INET6_TOKEN)); ok {
			l.token = token
		}
	case unix.IFLA_STATS64:
		l.Stats, err = parseStats(value)
	}
	return err
}

// infoAttr reads one attribute of IFLA_LINKINFO.
func (l *Link) infoAttr(kind uint16, value []byte) error {
	switch kind {
	case unix.IFLA_INFO_KIND:
		l.Kind = nlenc.String(value)
	case unix.IFLA_INFO_SLAVE_DATA:
		if isolated := within(value, unix.IFLA_BRPORT_ISOLATED); len(isolated) > 0 {
			on := isolated[0] != 0
			l.Isolated = &on
		}
	}
	return nil
}

// number reads an attribute of 32 bits.
func number(value []byte) (uint32, error) {
	if len(value) != 4 {
		return 0, rtnl.ErrMalformed
	}
	return binary.NativeEndian.Uint32(value), nil
}

// index reads an attribute of 32 bits with a sign.
func index(value []byte) (int, error) {
	n, err := number(value)
	return int(int32(n)), err
}

// octet reads an attribute of one byte.
func octet(value []byte) (uint8, error) {
	if len(value) != 1 {
		return 0, rtnl.ErrMalformed
	}
	return value[0], nil
}

// parseStats reads a struct rtnl_link_stats64, of which later kernels have more.
func parseStats(b []byte) (*Stats, error) {
	const fields = 10
	if len(b) < 8*fields {
		return nil, rtnl.ErrMalformed
	}
	var s Stats
	for i, field := range [fields]*uint64{
		&s.RxPackets, &s.TxPackets, &s.RxBytes, &s.TxBytes, &s.RxErrors, &s.TxErrors,
		&s.RxDropped, &s.TxDropped, &s.Multicast, &s.Collisions,
	} {
		*field = binary.NativeEndian.Uint64(b[8*i:])
	}
	return &s, nil
}

// parseAddrMessage reads the body of an RTM_NEWADDR; the index is the link's.
func parseAddrMessage(b []byte) (addr Addr, index int, err error) {
	if len(b) < addrHeaderLen {
		return Addr{}, 0, rtnl.ErrMalformed
	}
	addr = Addr{Flags: uint32(b[2]), Scope: b[3], Valid: Forever, Preferred: Forever}
	index = int(int32(binary.NativeEndian.Uint32(b[4:])))
	var local, remote netip.Addr
	err = rtnl.EachAttribute(b[addrHeaderLen:], func(ad *netlink.AttributeDecoder) {
		switch ad.Type() {
		case unix.IFA_LOCAL:
			local = readAddr(ad, b[0])
		case unix.IFA_ADDRESS:
			remote = readAddr(ad, b[0])
		default:
			addr.attr(ad, b[0])
		}
	})
	if !local.IsValid() {
		local = remote
	} else if remote != local {
		addr.Peer = remote
	}
	addr.Prefix = netip.PrefixFrom(local, int(b[1]))
	if err == nil && (!addr.Prefix.IsValid() || index <= 0) {
		err = rtnl.ErrMalformed
	}
	return addr, index, err
}

// attr reads one further attribute of an address.
func (a *Addr) attr(ad *netlink.AttributeDecoder, family uint8) {
	switch ad.Type() {
	case unix.IFA_BROADCAST:
		a.Broadcast = readAddr(ad, family)
	case unix.IFA_LABEL:
		a.Label = ad.String()
	case unix.IFA_FLAGS:
		a.Flags = ad.Uint32()
	case unix.IFA_RT_PRIORITY:
		a.Metric = ad.Uint32()
	case ifaProto:
		a.Proto = ad.Uint8()
	case unix.IFA_CACHEINFO:
		ad.Do(func(b []byte) error {
			if len(b) < 8 {
				return rtnl.ErrMalformed
			}
			a.Preferred, a.Valid = binary.NativeEndian.Uint32(b), binary.NativeEndian.Uint32(b[4:])
			if len(b) >= 12 {
				a.created = binary.NativeEndian.Uint32(b[8:])
			}
			return nil
		})
	}
}

// readAddr reads an address of the family that the message names.
func readAddr(ad *netlink.AttributeDecoder, family uint8) (addr netip.Addr) {
	ad.Do(func(b []byte) error {
		var ok bool
		addr, ok = netip.AddrFromSlice(b)
		if !ok || addr.Is4() != (family == unix.AF_INET) || addr.Is6() != (family == unix.AF_INET6) {
			return rtnl.ErrMalformed
		}
		return nil
	})
	return addr
}

// routeMessage is what is read of an RTM_NEWROUTE.
type routeMessage struct {
	Route
	index   int
	unicast bool
	// plain is false for what cannot be made again by itself: several next
	// hops, next hop objects, encapsulations, types of service.
	plain, cloned bool
	// hops are the links of a route that has several.
	hops []int
}

// uses tells whether a route leads to a link.
func (m *routeMessage) uses(index int) bool {
	return m.index == index || slices.Contains(m.hops, index)
}

// parseRouteMessage reads the body of an RTM_NEWROUTE.
func parseRouteMessage(b []byte) (routeMessage, error) {
	if len(b) < rtHeaderLen {
		return routeMessage{}, rtnl.ErrMalformed
	}
	flags := binary.NativeEndian.Uint32(b[8:])
	m := routeMessage{unicast: b[7] == unix.RTN_UNICAST, plain: b[2] == 0, cloned: flags&unix.RTM_F_CLONED != 0}
	m.Table, m.Proto, m.Scope, m.Flags = uint32(b[4]), b[5], b[6], flags&unix.RTNH_F_ONLINK
	var dst netip.Addr
	switch b[0] {
	case unix.AF_INET:
		dst = netip.IPv4Unspecified()
	case unix.AF_INET6:
		dst = netip.IPv6Unspecified()
	default:
		return routeMessage{}, rtnl.ErrMalformed
	}
	err := rtnl.EachAttribute(b[rtHeaderLen:], func(ad *netlink.AttributeDecoder) {
		if ad.Type() == unix.RTA_DST {
			dst = readAddr(ad, b[0])
			return
		}
		m.attr(ad, b[0])
	})
	m.Dst = netip.PrefixFrom(dst, int(b[1]))
	if err == nil && !m.Dst.IsValid() {
		err = rtnl.ErrMalformed
	}
	return m, err
}

// attr reads one further attribute of a route.
func (m *routeMessage) attr(ad *netlink.AttributeDecoder, family uint8) {
	switch ad.Type() {
	case unix.RTA_GATEWAY:
		m.Gateway = readAddr(ad, family)
	case unix.RTA_VIA:
		ad.Do(func(b []byte) error {
			if len(b) < 2 {
				return rtnl.ErrMalformed
			}
			var ok bool
			if m.Gateway, ok = netip.AddrFromSlice(b[2:]); !ok {
				return rtnl.ErrMalformed
			}
			return nil
		})
	case unix.RTA_PREFSRC:
		m.Source = readAddr(ad, family)
	case unix.RTA_OIF:
		m.index = int(ad.Int32())
	case unix.RTA_TABLE:
		m.Table = ad.Uint32()
	case unix.RTA_PRIORITY:
		m.Metric = ad.Uint32()
	case unix.RTA_METRICS:
		m.metrics = append([]byte(nil), ad.Bytes()...)
	case unix.RTA_MULTIPATH:
		m.plain = false
		// Each is a struct rtnexthop: its length with the attributes, flags, hops, the link.
		for b := ad.Bytes(); len(b) >= unix.SizeofRtNexthop; {
			m.hops = append(m.hops, int(int32(binary.NativeEndian.Uint32(b[4:]))))
			b = b[min(max((int(binary.NativeEndian.Uint16(b))+3)&^3, unix.SizeofRtNexthop), len(b)):]
		}
	case unix.RTA_ENCAP, rtaNextHop:
		m.plain = false
	}
}

// nhHeaderLen is the size of struct nhmsg of include/uapi/linux/nexthop.h.
const nhHeaderLen = 8

// parseNextHop reads the body of an RTM_NEWNEXTHOP: its number, and its link's, 0 for none.
func parseNextHop(b []byte) (id, index int, err error) {
	if len(b) < nhHeaderLen {
		return 0, 0, rtnl.ErrMalformed
	}
	err = rtnl.EachAttribute(b[nhHeaderLen:], func(ad *netlink.AttributeDecoder) {
		switch ad.Type() {
		case unix.NHA_ID:
			id = int(ad.Uint32())
		case unix.NHA_OIF:
			index = int(ad.Int32())
		}
	})
	return id, index, err
}

// operStates are the names of IF_OPER_*, as ip-link(8) prints them.
const operStates = "UNKNOWN NOTPRESENT DOWN LOWERLAYERDOWN TESTING DORMANT UP"

// OperStateName is the name of an operational state.
func OperStateName(state uint8) string {
	names := strings.Fields(operStates)
	if int(state) < len(names) {
		return names[state]
	}
	return "UNKNOWN"
}

// ParseOperState is the state that a name of any case stands for.
func ParseOperState(name string) (uint8, bool) {
	for i, known := range strings.Fields(operStates) {
		if strings.EqualFold(known, name) {
			return uint8(i), true
		}
	}
	return 0, false
}
