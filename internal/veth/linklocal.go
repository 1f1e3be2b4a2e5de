package veth

import (
	"net/netip"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// A link that gets a carrier gets a link-local IPv6 address from the kernel, which looks for
// duplicates for one to two seconds: until then nothing can be bound to it, and other
// programs wait for it. On a new pair there can be none. An address that is there before
// the carrier is taken for the kernel's own, so it is added without the search.

// linkLocalSteps add the link-local address before the carrier comes.
func linkLocalSteps(link *Handle, quick bool) []Step {
	if !quick {
		return nil
	}
	return []Step{{Op: OpLinkLocal, Link: link}}
}

// quick says that a new endpoint is to have it so.
func (s *Settings) quick() bool { return !s.DAD && s.Admin != Down }

// hadNoSearch says that an address is a link-local one added so.
func hadNoSearch(a Addr) bool {
	return a.Flags&unix.IFA_F_NODAD != 0 && a.Prefix.Addr().Is6() && a.Prefix.Addr().IsLinkLocalUnicast()
}

// linkLocal is the address that the kernel makes of an Ethernet address.
func linkLocal(mac MAC) Addr {
	addr := [16]byte{0: 0xfe, 1: 0x80, 8: mac[0] ^ 2, 9: mac[1], 10: mac[2], 11: 0xff, 12: 0xfe, 13: mac[3], 14: mac[4], 15: mac[5]}
	return Addr{
		Prefix: netip.PrefixFrom(netip.AddrFrom16(addr), 64), Scope: unix.RT_SCOPE_LINK, Flags: unix.IFA_F_NODAD, Proto: protoKernelLL,
		Valid: Forever, Preferred: Forever,
	}
}

// doLinkLocal adds it, where the kernel would make the same one. Where it refuses, IPv6
// is switched off for the link, or not there at all.
func (s *Session) doLinkLocal(step *Step) error {
	link, err := s.getLink(step.Link.NS, step.Link.Index, "")
	if err != nil || link.AddrGenMode != genModeEUI64 || len(link.MAC) != len(MAC{}) {
		return err
	}
	addr := linkLocal(MAC(link.MAC))
	m, err := encodeAddr(unix.RTM_NEWADDR, netlink.Create|netlink.Excl, &addr, link.Index)
	if _, err = s.ask(step.Link.NS, m, err); err != nil && rtnl.ByKernel(err) {
		return nil
	}
	return err
}
