package veth

import (
	"errors"
	"slices"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/order"
	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// State is all that is known of a link: what it takes to make it the same again.
type State struct {
	Link
	// Handle is the link as steps name it.
	Handle *Handle
	// Master is nil without a master.
	Master *Handle
	Addrs  []Addr
	Routes []Route
	// Neighbours, Sysctls and Features are known where they are to be restored.
	Neighbours []Neighbour
	Sysctls    map[string]string
	Features   []Feature
	netem      []byte
	// unkept names what cannot be made again.
	unkept []string
}

// admin is the administrative state as it is set.
func (st *State) admin() Admin {
	if st.Flags&unix.IFF_UP != 0 {
		return Up
	}
	return Down
}

// parts are kinds of what a link has, the bits of [partTable].
type parts uint16

const (
	ofAttributes parts = 1 << iota
	ofSysctls
	ofLinkLocal
	ofMaster
	ofPort
	ofUp
	ofAddrs
	ofRoutes
	ofNetem
	ofNeighbours
	ofFeatures
	everything = 1<<iota - 1

	// What a link loses that goes down, and what one that goes to another namespace.
	lostDown = ofLinkLocal | ofUp | ofAddrs | ofRoutes | ofNeighbours
	lostMove = lostDown | ofSysctls | ofNetem
)

// partTable has all that a link has, in the order in which it is restored: how it is
// read, unless the link's own message has it, and the steps that restore it.
var partTable = [...]struct {
	what  string
	read  func(*Session, *State) error
	steps func(*State) []Step
}{
	{steps: func(st *State) []Step { return []Step{{Op: OpRestore, Link: st.Handle, was: &st.Link}} }},
	{"sysctls", (*Session).readSysctls, sysctlSteps},
	{steps: func(st *State) []Step { return linkLocalSteps(st.Handle, slices.ContainsFunc(st.Addrs, hadNoSearch)) }},
	{steps: func(st *State) []Step {
		return []Step{{Op: OpSet, Link: st.Handle, Attrs: Attrs{Master: st.Master, NoMaster: st.Master == nil}}}
	}},
	{steps: portSteps},
	{steps: func(st *State) []Step { return []Step{{Op: OpSet, Link: st.Handle, Attrs: Attrs{Admin: st.admin()}}} }},
	{"addresses", (*Session).readAddrs, restoreAddrs},
	{"routes", (*Session).readRoutes, restoreRoutes},
	{"queueing disciplines", (*Session).readQdiscs, func(st *State) []Step { return []Step{{Op: OpNetem, Link: st.Handle, options: st.netem}} }},
	{"neighbours", (*Session).readNeighbours, neighbourSteps},
	{"features", (*Session).readFeatures, func(st *State) []Step { return featureSteps(st.Handle, st.Features, true) }},
}

// state completes a link to some parts of what it has.
func (s *Session) state(link Link, which parts) (State, error) {
	st := State{Link: link, Handle: s.handle(&link), Master: s.masterOf(&link)}
	for i := range partTable {
		p := &partTable[i]
		if which>>i&1 == 0 || p.read == nil {
			continue
		}
		if err := p.read(s, &st); err != nil {
			return st, refused(link.NS.describe(link.Name), "cannot list the "+p.what, err)
		}
	}
	return st, nil
}

// restore gives links some parts back of what they had: each to all before the next one,
// since the endpoints of a pair need each other.
func restore(which parts, states ...*State) []Step {
	var steps []Step
	for i := range partTable {
		if which>>i&1 == 0 {
			continue
		}
		for _, st := range states {
			steps = append(steps, partTable[i].steps(st)...)
		}
	}
	return steps
}

// touched are the parts of a link that settings change, themselves or by what the
// kernel drops then.
func (s *Settings) touched() parts {
	which := ofAttributes | ofAddrs | ofRoutes
	for _, t := range [...]struct {
		does bool
		what parts
	}{
		{s.Admin != AdminUnset, ofUp},
		{s.Admin == Down, lostDown},
		{s.MAC != MAC{} || s.Flush || len(s.DelAddrs) > 0, ofNeighbours}, // those of IPv4 go with its last address
		{s.MTU != 0 && s.MTU < minMTU6, lostDown | ofSysctls},            // IPv6 is taken off the link
		{s.Master != "" || s.NoMaster, ofMaster | ofPort},
		{s.Isolated != nil, ofPort},
		{s.Netem != Netem{}, ofNetem},
		{len(s.Features) > 0, ofFeatures},
	} {
		if t.does {
			which |= t.what
		}
	}
	return which
}

// settable are the attributes of a link that are restored as the kernel sent them.
var settable = [...]uint16{
	unix.IFLA_ADDRESS, unix.IFLA_BROADCAST, unix.IFLA_MTU, unix.IFLA_TXQLEN, unix.IFLA_LINKMODE, unix.IFLA_IFALIAS, unix.IFLA_GROUP,
	unix.IFLA_PROTO_DOWN, unix.IFLA_GSO_MAX_SEGS, unix.IFLA_GSO_MAX_SIZE, unix.IFLA_GRO_MAX_SIZE, unix.IFLA_GSO_IPV4_MAX_SIZE, unix.IFLA_GRO_IPV4_MAX_SIZE,
}

// settableFlags are the flags of a link that are restored, but for IFF_UP.
const settableFlags = unix.IFF_NOARP | unix.IFF_MULTICAST | unix.IFF_ALLMULTI | unix.IFF_PROMISC

// within are the attributes that others hold, by their types from outside to inside, as a part of them.
func within(attrs []byte, path ...uint16) []byte {
	for _, kind := range path {
		var found []byte
		_ = rtnl.Walk(attrs, func(is uint16, value []byte) error { // what was read once
			if is == kind {
				found = value
			}
			return nil
		})
		attrs = found
	}
	return attrs
}

// differing encodes those of some attributes that are not now as they were, nil for none.
func differing(was, now []byte, kinds []uint16) ([]byte, error) {
	return rtnl.Attributes(func(ae *netlink.AttributeEncoder) {
		for _, kind := range kinds {
			old := within(was, kind)
			if string(old) == string(within(now, kind)) {
				continue
			}
			if kind == unix.IFLA_IFALIAS && len(old) > 0 {
				old = old[:len(old)-1] // see putAttrs
			}
			ae.Bytes(kind, old)
		}
	})
}

// doRestore gives a link the attributes and the alternative names that it had.
func (s *Session) doRestore(step *Step) (bool, error) {
	now, err := s.getLink(step.Link.NS, step.Link.Index, "")
	if err != nil {
		return false, err
	}
	attrs, err := differing(step.was.raw, now.raw, settable[:])
	if flags := (now.Flags ^ step.was.Flags) & settableFlags; err == nil && (flags != 0 || len(attrs) > 0) {
		m := netlink.Message{Header: netlink.Header{Type: unix.RTM_NEWLINK}, Data: append(linkHeader(now.Index, step.was.Flags, flags), attrs...)}
		_, err = s.ask(step.Link.NS, m, nil)
	}
	for _, name := range step.was.altNames() {
		if err == nil && !slices.Contains(now.altNames(), name) {
			m, failed := encodeAltName(now.Index, name)
			_, err = s.ask(step.Link.NS, m, failed)
		}
	}
	return err == nil, err
}

// altNames are the alternative names of a link (Linux 5.5).
func (l *Link) altNames() []string {
	var names []string
	_ = rtnl.EachAttribute(within(l.raw, unix.IFLA_PROP_LIST), func(ad *netlink.AttributeDecoder) {
		if ad.Type() == unix.IFLA_ALT_IFNAME {
			names = append(names, ad.String())
		}
	})
	return names
}

func encodeAltName(index int, name string) (netlink.Message, error) {
	return rtnl.Message(unix.RTM_NEWLINKPROP, netlink.Create|netlink.Excl, linkHeader(index, 0, 0), func(ae *netlink.AttributeEncoder) {
		ae.Nested(unix.IFLA_PROP_LIST, func(list *netlink.AttributeEncoder) error {
			list.String(unix.IFLA_ALT_IFNAME, name)
			return nil
		})
	})
}

func (s *Session) readAddrs(st *State) error {
	addrs, err := s.addrs(st.NS)
	st.Addrs = addrs[st.Index]
	return err
}

// restoreAddrs adds the addresses again that were not the kernel's own work. Of IPv6 the
// kernel lists the latest first.
func restoreAddrs(st *State) []Step {
	var steps []Step
	isV6 := func(a Addr) bool { return a.Prefix.Addr().Is6() }
	addrs := slices.DeleteFunc(slices.Clone(st.Addrs), isV6)
	for _, addr := range slices.Backward(st.Addrs) {
		if isV6(addr) {
			addrs = append(addrs, addr)
		}
	}
	for _, addr := range addrs {
		if !restorable(&addr) {
			continue
		}
		if addr.Label == st.Handle.Name {
			addr.Label = "" // it follows the link's name
		}
		step := Step{Op: OpAddAddr, Link: st.Handle, Addr: addr, Tolerant: true}
		if isV6(addr) {
			step.Addr.Flags |= unix.IFA_F_NODAD
			step.settled = addr.Flags&unix.IFA_F_NODAD == 0
		}
		steps = append(steps, step)
	}
	return steps
}

// doAddAddr adds an address. One that was searched for duplicates once is used at once,
// and has then no mark that it was not.
func (s *Session) doAddAddr(step *Step) (bool, error) {
	m, err := encodeAddr(unix.RTM_NEWADDR, netlink.Create|netlink.Excl, &step.Addr, step.Link.Index)
	if _, err = s.ask(step.Link.NS, m, err); err != nil || !step.settled {
		return !rtnl.ByKernel(err), tolerate(step, err)
	}
	settled := step.Addr
	settled.Flags &^= unix.IFA_F_NODAD
	m, err = encodeAddr(unix.RTM_NEWADDR, netlink.Replace, &settled, step.Link.Index)
	_, err = s.ask(step.Link.NS, m, err)
	return true, err
}

func (s *Session) readRoutes(st *State) error {
	routes, odd, err := s.routes(st.NS, st.Index)
	st.Routes, st.unkept = routes[st.Index], append(st.unkept, odd...)
	return err
}

// restoreRoutes adds the routes again, those first that others may need.
func restoreRoutes(st *State) []Step {
	var steps []Step
	ordered := slices.Clone(st.Routes)
	order.Sort(ordered, func(a, b *Route) int { return rank(a) - rank(b) })
	for _, route := range ordered {
		steps = append(steps, Step{Op: OpAddRoute, Link: st.Handle, Route: route, Tolerant: true})
	}
	return steps
}

func rank(r *Route) int {
	if r.Gateway.IsValid() {
		return 1
	}
	return 0
}

// Values of IFA_PROTO (Linux 5.18), include/uapi/linux/if_addr.h.
const (
	protoKernelRA = 2
	protoKernelLL = 3
)

// restorable says whether an address was given by somebody. Those that the
// kernel makes by itself come back by themselves.
func restorable(a *Addr) bool {
	if a.Proto == protoKernelRA || a.Proto == protoKernelLL {
		return false
	}
	return a.Proto != 0 || !a.Prefix.Addr().Is6() || !a.Prefix.Addr().IsLinkLocalUnicast()
}

// remake makes a pair again as it was.
func remake(a, b *State) []Step {
	if a.secondary() {
		a, b = b, a
	}
	pair := Step{Op: OpPair, Kind: a.pairKind(), Link: a.Handle, Peer: b.Handle, Attrs: a.attrsNow(), PeerAttrs: b.attrsNow(), was: &a.Link,
		lost: a.lostElsewhere(), peerLost: b.lostElsewhere()}
	return append([]Step{pair}, restore(everything, a, b)...)
}

// attrsNow are the attributes that a link has when it is made again, before all else
// is restored.
func (st *State) attrsNow() Attrs {
	attrs := Attrs{MTU: st.MTU, Queues: st.Queues, rxQueues: st.rxQueues}
	if len(st.MAC) == len(attrs.MAC) && st.pairKind().ownMAC() {
		attrs.MAC = MAC(st.MAC)
	}
	return attrs
}

// unlessRefused is an error that does not come from the kernel: what it does not know,
// no link has.
func unlessRefused(err error) error {
	if rtnl.ByKernel(err) || errors.Is(err, errNoEthtool) {
		return nil
	}
	return err
}
