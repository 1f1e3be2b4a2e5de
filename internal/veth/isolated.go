package veth

import (
	"errors"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// A port of a bridge that is isolated exchanges no packets with others that are (Linux 4.18).

// portSteps make a link the port that it was: the kernel forgets that when it leaves its bridge.
func portSteps(st *State) []Step {
	if st.Isolated == nil {
		return nil
	}
	return []Step{{Op: OpIsolated, Link: st.Handle, was: &st.Link}}
}

// portSettings are what can be set of a port, but for its state.
var portSettings = [...]uint16{
	unix.IFLA_BRPORT_PRIORITY, unix.IFLA_BRPORT_COST, unix.IFLA_BRPORT_MODE, unix.IFLA_BRPORT_GUARD, unix.IFLA_BRPORT_PROTECT,
	unix.IFLA_BRPORT_FAST_LEAVE, unix.IFLA_BRPORT_LEARNING, unix.IFLA_BRPORT_UNICAST_FLOOD, unix.IFLA_BRPORT_PROXYARP,
	unix.IFLA_BRPORT_PROXYARP_WIFI, unix.IFLA_BRPORT_MULTICAST_ROUTER, unix.IFLA_BRPORT_MCAST_FLOOD, unix.IFLA_BRPORT_MCAST_TO_UCAST,
	unix.IFLA_BRPORT_VLAN_TUNNEL, unix.IFLA_BRPORT_BCAST_FLOOD, unix.IFLA_BRPORT_GROUP_FWD_MASK, unix.IFLA_BRPORT_NEIGH_SUPPRESS,
	unix.IFLA_BRPORT_ISOLATED, unix.IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT, unix.IFLA_BRPORT_LOCKED, unix.IFLA_BRPORT_MAB,
	unix.IFLA_BRPORT_MCAST_MAX_GROUPS, unix.IFLA_BRPORT_NEIGH_VLAN_SUPPRESS,
}

// port is what the kernel says of a link as a port of a bridge.
func (l *Link) port() []byte {
	return within(l.raw, unix.IFLA_LINKINFO, unix.IFLA_INFO_SLAVE_DATA)
}

// checkExtras refuses what has nothing to act on.
func (spec *AddSpec) checkExtras() error {
	for i, end := range []*End{&spec.A, &spec.B} {
		if end.Isolated != nil && end.Master == "" && (i > 0 || spec.Bridge.Name == "") {
			return invalid(end.String(), "isolated goes with master=, or with --bridge")
		}
	}
	if b := &spec.Bridge.Settings; b.Isolated != nil || len(b.Features) > 0 || b.Netem != (Netem{}) {
		return invalid(spec.Bridge.String(), "isolated, features, delay=, loss= and rate= are for endpoints")
	}
	return nil
}

// errNoPort is what a link is refused with that no bridge has.
var errNoPort = errors.New("it is not a port of a bridge")

// doIsolated isolates a port, or makes it what it was.
func (s *Session) doIsolated(step *Step) (bool, error) {
	link, err := s.getLink(step.Link.NS, step.Link.Index, "")
	if err == nil && link.Isolated == nil {
		err = errNoPort
	}
	if err != nil {
		return false, err
	}
	var settings []byte
	if step.was != nil {
		settings, err = differing(step.was.port(), link.port(), portSettings[:])
	} else if *link.Isolated != step.On {
		settings, err = rtnl.Attributes(func(port *netlink.AttributeEncoder) { putBool(port, unix.IFLA_BRPORT_ISOLATED, step.On) })
	}
	if err != nil || len(settings) == 0 {
		return false, err
	}
	m, err := rtnl.Message(unix.RTM_NEWLINK, 0, linkHeader(link.Index, 0, 0), func(ae *netlink.AttributeEncoder) {
		ae.Nested(unix.IFLA_LINKINFO, func(info *netlink.AttributeEncoder) error {
			info.String(unix.IFLA_INFO_SLAVE_KIND, "bridge")
			info.Bytes(netlink.Nested|unix.IFLA_INFO_SLAVE_DATA, settings)
			return nil
		})
	})
	_, err = s.ask(step.Link.NS, m, err)
	return !rtnl.ByKernel(err), err
}

// putBool writes a number that is 0 or 1.
func putBool(ae *netlink.AttributeEncoder, kind uint16, on bool) {
	value := uint8(0)
	if on {
		value = 1
	}
	ae.Uint8(kind, value)
}
