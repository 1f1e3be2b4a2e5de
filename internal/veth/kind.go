package veth

import (
	"encoding/binary"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// PairKind is the kind of a pair that is to be made.
type PairKind uint8

const (
	// KindVeth is a pair of Ethernet links, veth(4).
	KindVeth PairKind = iota
	// KindNetkitL3 is a pair of links without Ethernet addresses (Linux 6.7,
	// kernel drivers/net/netkit.c), for BPF programs: the first endpoint is the primary one.
	KindNetkitL3
	// KindNetkitL2 is the same with Ethernet addresses.
	KindNetkitL2
)

// ParsePairKind reads "veth", "netkit", which is netkit,l3 as for ip(8), "netkit,l2" or "netkit,l3".
func ParsePairKind(text string) (PairKind, bool) {
	switch text {
	case "veth":
		return KindVeth, true
	case "netkit", "netkit,l3":
		return KindNetkitL3, true
	case "netkit,l2":
		return KindNetkitL2, true
	}
	return KindVeth, false
}

// link is the kernel's name of the kind.
func (k PairKind) link() string {
	if k == KindVeth {
		return "veth"
	}
	return "netkit"
}

// words say what is made, and with what ip(8) makes it.
func (k PairKind) words() (pair, ip string) {
	switch k {
	case KindNetkitL3:
		return "netkit pair (l3)", "netkit mode l3"
	case KindNetkitL2:
		return "netkit pair (l2)", "netkit mode l2"
	}
	return "pair", "veth"
}

// check refuses what a kind cannot have.
func (k PairKind) check(a, b *End) error {
	for _, end := range []*End{a, b} {
		if k == KindNetkitL3 && end.MAC != (MAC{}) {
			return invalid(end.String(), "a netkit of mode l3 has no Ethernet address")
		}
	}
	return nil
}

// vethInfoPeer is VETH_INFO_PEER of include/uapi/linux/veth.h.
const vethInfoPeer = 1

// putInfo writes the kind and what is its own; peer are the attributes of the second
// end, was is a first endpoint that is made again.
func (k PairKind) putInfo(info *netlink.AttributeEncoder, was *Link, peer func() ([]byte, error)) {
	info.String(unix.IFLA_INFO_KIND, k.link())
	info.Nested(unix.IFLA_INFO_DATA, func(data *netlink.AttributeEncoder) error {
		switch {
		case k == KindVeth:
			data.Do(netlink.Nested|vethInfoPeer, peer)
			return nil
		case was != nil:
			_ = rtnl.EachAttribute(was.info(), func(ad *netlink.AttributeDecoder) { // what was read once
				if ad.Type() != unix.IFLA_NETKIT_PRIMARY {
					data.Bytes(ad.Type(), ad.Bytes())
				}
			})
		case k == KindNetkitL2:
			data.Uint32(unix.IFLA_NETKIT_MODE, unix.NETKIT_L2)
		default:
			data.Uint32(unix.IFLA_NETKIT_MODE, unix.NETKIT_L3)
		}
		data.Do(netlink.Nested|unix.IFLA_NETKIT_PEER_INFO, peer)
		return nil
	})
}

// info is what is a link's kind's own: of a netkit its mode, policies and so on.
func (l *Link) info() []byte { return within(l.raw, unix.IFLA_LINKINFO, unix.IFLA_INFO_DATA) }

// secondary says that a link is the second endpoint of a netkit, which only the first can be made with.
func (l *Link) secondary() bool {
	primary := within(l.info(), unix.IFLA_NETKIT_PRIMARY)
	return l.Kind == "netkit" && len(primary) == 1 && primary[0] == 0
}

// pairKind is the kind of the pair that a link is an endpoint of.
func (l *Link) pairKind() PairKind {
	mode := within(l.info(), unix.IFLA_NETKIT_MODE)
	switch {
	case l.Kind != "netkit":
		return KindVeth
	case len(mode) == 4 && binary.NativeEndian.Uint32(mode) == unix.NETKIT_L2:
		return KindNetkitL2
	}
	return KindNetkitL3
}

// ownMAC says that new endpoints get a random address of our own choice, by which they are known.
// netkit has either none or, since Linux 6.11, one that may be chosen.
func (k PairKind) ownMAC() bool { return k == KindVeth }

// before are the endpoints of pairs in the first endpoint's namespace before a pair is made whose
// endpoints have no address to be known by.
func (s *Session) before(step *Step) (map[int]bool, error) {
	if step.Kind.ownMAC() {
		return nil, nil
	}
	known := map[int]bool{}
	links, err := s.pairs(step.Link.NS)
	for i := range links {
		known[links[i].Index] = true
	}
	return known, err
}

// pairMade says whether a pair is there although its request failed, see [Session.madeAnyway].
func (s *Session) pairMade(step *Step, before map[int]bool, err error) bool {
	switch {
	case step.Kind.ownMAC():
		return s.madeAnyway(step.Link, step.Attrs.MAC, err)
	case rtnl.ByKernel(err):
		return false
	}
	links, err := s.pairs(step.Link.NS)
	if err != nil {
		return false
	}
	for i := range links {
		if link := &links[i]; link.Kind == step.Kind.link() && !before[link.Index] && (link.Name == step.Link.Name || isTemplate(step.Link.Name)) {
			step.Link.Index, step.Link.Made = link.Index, true
			return true
		}
	}
	return false
}
