package veth

import (
	"net/netip"
	"time"
)

// Op is what a step does.
type Op uint8

const (
	// OpPair makes a pair of links, each endpoint in its namespace.
	OpPair Op = iota
	// OpBridge makes a bridge, or takes the one that is there.
	OpBridge
	// OpSet changes attributes of a link in one request.
	OpSet
	// OpPin fixes the address that a link has.
	OpPin
	// OpLinkLocal adds the address that the kernel would give a link that gets a
	// carrier, so that it need not look for duplicates.
	OpLinkLocal
	// OpAddAddr adds an address to a link.
	OpAddAddr
	// OpDelAddr removes one.
	OpDelAddr
	// OpAddRoute adds a route out of a link.
	OpAddRoute
	// OpDelRoute removes one.
	OpDelRoute
	// OpSysctls sets a link's own sysctls.
	OpSysctls
	// OpAddNeighbour adds a neighbour of a link.
	OpAddNeighbour
	// OpMove puts a link into another namespace.
	OpMove
	// OpDelete deletes a link, and its peer with it.
	OpDelete
	// OpFeatures switches features of a link.
	OpFeatures
	// OpIsolated isolates a port of a bridge.
	OpIsolated
	// OpNetem makes a link worse than it is, for tests.
	OpNetem
	// OpRestore gives a link the attributes that it had.
	OpRestore
	// OpLost stands among what rolls a step back for what cannot be: to carry
	// it out fails.
	OpLost
)

// String is the operation in a word or two.
func (o Op) String() string {
	return word(int(o), "pair", "bridge", "set", "pin", "link-local", "add address", "delete address", "add route", "delete route",
		"sysctls", "add neighbour", "move", "delete", "features", "isolated", "netem", "restore", "lost")
}

// Handle is a link that steps act on. Its index is unknown while the link is
// still to be made; whoever carries out the step fills it in.
type Handle struct {
	NS    *Namespace
	Name  string
	Index int
	// Made says that a step of this session made the link.
	Made bool
}

// String names the link as an endpoint is written.
func (h *Handle) String() string {
	if h.nowhere() {
		return "no link"
	}
	return h.NS.describe(h.Name)
}

// nowhere reports whether a handle is that of no link.
func (h *Handle) nowhere() bool { return h == nil || h.NS == nil }

// Attrs are the attributes of a link that one request can set.
type Attrs struct {
	Admin    Admin
	Name     string
	MTU      uint32
	MAC      MAC
	TxQLen   *uint32
	Queues   uint32
	rxQueues uint32 // 0 for as many
	Group    *uint32
	Master   *Handle
	NoMaster bool
	Alias    *string
}

// Step is one request to the kernel.
type Step struct {
	Op Op
	// Link is what the step acts on, for OpPair the first endpoint.
	Link *Handle
	// Peer is the second endpoint of OpPair, and Kind what is made.
	Peer *Handle
	Kind PairKind
	// Attrs are those of Link, PeerAttrs those of Peer.
	Attrs     Attrs
	PeerAttrs Attrs
	Addr      Addr
	Route     Route
	Neighbour Neighbour
	// Sysctls are the values by their names: "ipv4/conf/rp_filter".
	Sysctls map[string]string
	// Features are those of OpFeatures, On is the state of OpIsolated.
	Features []Feature
	On       bool
	Netem    Netem
	// options are netem's own, where a link is to have what it had; was is that link
	// where a step restores of it what the step is about.
	options []byte
	was     *Link
	// settled says that an address need not be searched for duplicates, having been.
	settled bool
	// back says that features need only be wanted as they were.
	back bool
	// Orphan, if it is not nil, is what the link of OpDelete must be to be deleted.
	Orphan *Orphan
	// To and NewName are the target of OpMove; a NewName of "" keeps the name.
	To      *Namespace
	NewName string
	// lost names what the link loses; peerLost what its peer does, of OpPair.
	lost, peerLost []string
	// Tolerant lets the step find its work done already: an address that is
	// there, a link that is gone.
	Tolerant bool
	// Undo is what rolls the step back, in the order in which to do it.
	Undo []Step
	// IfBusy is what to do instead where the kernel refuses the step with EBUSY.
	IfBusy []Step
}

// wrong says why a step can be no request, "" if it can.
func (step *Step) wrong() string {
	switch {
	case step.Op > OpLost:
		return "a step of an unknown operation"
	case step.Link.nowhere():
		return "a step without a link"
	case step.Op == OpPair && step.Peer.nowhere():
		return "a pair without a second endpoint"
	case step.Op == OpMove && step.To == nil:
		return "a move to nowhere"
	}
	for _, attrs := range [...]*Attrs{&step.Attrs, &step.PeerAttrs} {
		if attrs.Master != nil && attrs.Master.nowhere() {
			return "a master that is not a link"
		}
	}
	return ""
}

// Plan is a list of steps that are done in order, or not at all.
type Plan struct {
	Steps []Step
	// Ends are the links that the plan is about, for the caller to look at
	// when it is done.
	Ends []*Handle
	// Undo is done last of what rolls the steps back, if any of them was done.
	Undo []Step
	// Final says that one of its steps cannot be rolled back.
	Final bool
}

// Forever is the lifetime in seconds of an address that does not end.
const Forever = 1<<32 - 1

// Addr is an address of a link.
type Addr struct {
	Prefix netip.Prefix
	// Peer is the peer of a point-to-point address, zero for none.
	Peer      netip.Addr
	Broadcast netip.Addr
	Label     string
	// Scope, Flags (IFA_F_*) and Proto are the kernel's numbers.
	Scope uint8
	Flags uint32
	Proto uint8
	// Metric is the priority of the address's own route, 0 for the default.
	Metric uint32
	// Valid and Preferred are the lifetimes in seconds.
	Valid     uint32
	Preferred uint32
	// created is when it was added, in hundredths of a second since boot, 0 for unknown.
	created uint32
}

// Route is a unicast route out of a link.
type Route struct {
	// Dst has length 0 for a default route.
	Dst     netip.Prefix
	Gateway netip.Addr
	Source  netip.Addr
	Metric  uint32
	Table   uint32
	// Scope, Proto and Flags (RTNH_F_*) are the kernel's numbers.
	Scope uint8
	Proto uint8
	Flags uint32
	// metrics are RTAX_* attributes, handed on as they were read.
	metrics []byte
}

// Link is the state of a link as the kernel reports it.
type Link struct {
	NS    *Namespace
	Name  string
	Index int
	// Kind is "veth", "bridge" and so on, "" for a device without kind.
	Kind string
	// Flags are IFF_* numbers.
	Flags uint32
	// OperState is RFC 2863's state as in IF_OPER_*: 6 is up.
	OperState uint8
	Carrier   bool
	MTU       uint32
	MAC       []byte
	TxQLen    uint32
	Queues    uint32
	Group     uint32
	Alias     string
	// MasterIndex is 0 without a master.
	MasterIndex int
	// PeerIndex is IFLA_LINK: for a veth or netkit its peer, 0 for none.
	PeerIndex int
	// PeerNSID is the number of the peer's namespace as seen from the link's,
	// -1 when that is the same one. The numbers differ for each observer.
	PeerNSID int
	Stats    *Stats
	// Isolated is nil but for a port of a bridge.
	Isolated *bool
	// AddrGenMode is how the kernel makes the link-local address.
	AddrGenMode uint8
	// token is the host part of addresses from router advertisements, ip-token(8).
	token netip.Addr

	rxQueues uint32
	// raw are all attributes as the kernel sent them.
	raw []byte
}

// paired says that a link is one endpoint of a pair, which have the same messages for all
// that is asked here.
func (l *Link) paired() bool { return l.Kind == "veth" || l.Kind == "netkit" }

// Stats are the counters of a link since it was made (struct rtnl_link_stats64).
type Stats struct {
	RxPackets, TxPackets, RxBytes, TxBytes   uint64
	RxErrors, TxErrors, RxDropped, TxDropped uint64
	Multicast, Collisions                    uint64
}

// WaitFor says what a wait waits for; the zero value waits only for the link to
// exist.
type WaitFor struct {
	// Carrier waits for IFF_LOWER_UP, Addrs for no tentative address.
	Carrier bool
	Addrs   bool
	// OperState waits for this state, nil for none.
	OperState *uint8
	// Timeout is how long to wait at most, 0 for no limit.
	Timeout time.Duration
}
