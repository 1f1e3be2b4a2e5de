package veth

import (
	"errors"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// A port of a bridge that is isolated exchanges no packets with others that are (Linux 4.18).

// isolatedSteps isolate a port, or end that.
func isolatedSteps(link *Handle, s *Settings) []Step {
	if s.Isolated == nil {
		return nil
	}
	return []Step{{Op: OpIsolated, Link: link, On: *s.Isolated}}
}

// isolateAgain isolates a link that was an isolated port, and is back in its bridge:
// the kernel forgets that when it leaves.
func isolateAgain(st *State, link *Handle) []Step {
	if st.Isolated == nil || !*st.Isolated {
		return nil
	}
	return []Step{{Op: OpIsolated, Link: link, On: true, back: true}}
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

// doIsolated isolates a port. Of a link that was there before, what it was is noted first.
func (s *Session) doIsolated(step *Step) (bool, error) {
	link, err := s.getLink(step.Link.NS, step.Link.Index, "")
	switch {
	case err != nil:
		return false, err
	case link.Isolated == nil:
		return false, errNoPort
	case *link.Isolated == step.On:
		return false, nil
	}
	step.undoneBy(Step{Op: OpIsolated, Link: step.Link, On: *link.Isolated})
	m, err := encodeIsolated(step.Link.Index, step.On)
	_, err = s.ask(step.Link.NS, m, err)
	return !rtnl.ByKernel(err), err
}

func encodeIsolated(index int, on bool) (netlink.Message, error) {
	return rtnl.Message(unix.RTM_NEWLINK, 0, linkHeader(index, 0, 0), func(ae *netlink.AttributeEncoder) {
		ae.Nested(unix.IFLA_LINKINFO, func(info *netlink.AttributeEncoder) error {
			info.String(unix.IFLA_INFO_SLAVE_KIND, "bridge")
			info.Nested(unix.IFLA_INFO_SLAVE_DATA, func(port *netlink.AttributeEncoder) error {
				value := uint8(0)
				if on {
					value = 1
				}
				port.Uint8(unix.IFLA_BRPORT_ISOLATED, value)
				return nil
			})
			return nil
		})
	})
}

// port reads what a link is as a port of a bridge.
func (l *Link) port(info *netlink.AttributeDecoder) {
	info.Nested(func(port *netlink.AttributeDecoder) error {
		for port.Next() {
			if port.Type() == unix.IFLA_BRPORT_ISOLATED {
				on := port.Uint8() != 0
				l.Isolated = &on
			}
		}
		return nil
	})
}
