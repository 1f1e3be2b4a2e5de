package veth

import (
	"net/netip"
)

// Admin is the administrative state that is asked for.
type Admin uint8

const (
	// AdminUnset leaves the state to the default of the command.
	AdminUnset Admin = iota
	// Up sets IFF_UP.
	Up
	// Down clears IFF_UP.
	Down
)

// String is the state in a word.
func (a Admin) String() string { return word(int(a), "unset", "up", "down") }

// MAC is an Ethernet address; the zero value stands for none asked for.
type MAC [6]byte

// Settings are what the keys of one endpoint ask for.
type Settings struct {
	// Admin is up or down.
	Admin Admin
	// MTU in bytes, at least 68, of a veth at most 65535; 0 leaves it alone.
	MTU uint32
	// MAC is the unicast address; zero leaves it alone, or has a random one made.
	MAC MAC
	// TxQLen is the transmit queue's length in packets; nil leaves it alone.
	TxQLen *uint32
	// Queues is the number of transmit and of receive queues, at creation only.
	Queues uint32
	// Group is the device group number; nil leaves it alone.
	Group *uint32
	// Master names the bridge or other master in the endpoint's own namespace.
	Master string
	// NoMaster takes the endpoint out of its master.
	NoMaster bool
	// PinMAC fixes the master's address, which a bridge otherwise changes as
	// ports come and go.
	PinMAC bool
	// Alias is the free text of the link, at most 255 bytes; "" removes it.
	Alias *string
	// Isolated keeps a port of a bridge from others that are isolated, nil leaves it alone.
	Isolated *bool
	// Features are switched on or off, the later ones last.
	Features []Feature
	// Netem makes the link worse.
	Netem Netem
	// Addrs are added, DelAddrs removed; Flush removes all but the kernel's own.
	Addrs    []netip.Prefix
	DelAddrs []netip.Prefix
	Flush    bool
	// DAD asks for duplicate address detection of IPv6 addresses, which keeps
	// them unusable for one to two seconds. Without it they are added nodad.
	DAD bool
	// Gateways are default routes, at most one for each family.
	Gateways []netip.Addr
	// Routes are further routes.
	Routes []RouteSpec
}

// RouteSpec is a route that is asked for.
type RouteSpec struct {
	Dst netip.Prefix
	// Gateway is the zero Addr for a route straight out of the link.
	Gateway netip.Addr
}

// End is one side of a veth pair: a name in a namespace, and what it is to be like.
type End struct {
	NS   NS
	Name string
	Settings
}

// String writes the namespace and the name, without the settings.
func (e End) String() string {
	if e.NS.Kind == Own {
		return e.Name
	}
	return e.NS.String() + ":" + e.Name
}

// empty says whether nothing at all is asked for.
func (s *Settings) empty() bool {
	return s.Admin == AdminUnset && s.MTU == 0 && s.MAC == MAC{} && s.TxQLen == nil && s.Queues == 0 && s.Group == nil &&
		s.Master == "" && !s.NoMaster && s.Alias == nil && len(s.Addrs) == 0 && len(s.DelAddrs) == 0 && !s.Flush &&
		len(s.Gateways) == 0 && len(s.Routes) == 0 && s.Isolated == nil && len(s.Features) == 0 && s.Netem == (Netem{})
}
