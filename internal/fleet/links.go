package fleet

import (
	"fmt"

	"github.com/nskit/nskit/internal/veth"
)

// bridgePorts is BR_MAX_PORTS of the kernel's net/bridge/br_private.h.
const bridgePorts = 1024

// state is how an endpoint is connected.
type state uint8

const (
	connected state = iota
	noCarrier
	peerUnpopulated
	peerUnseen
	stateCount
)

var stateNames = [stateCount]string{"connected", "no_carrier", "peer_unpopulated", "peer_unseen"}

var pairKinds = [...]string{"veth", "netkit"}

func collectLinks(host *Host) ([]Family, error) {
	if err := host.need(allCapabilities...); err != nil {
		return nil, err
	}
	found, err := host.Links()
	if err != nil {
		return nil, err
	}
	if found.Denied > 0 {
		return nil, fmt.Errorf("%d network namespaces cannot be entered", found.Denied)
	}
	most := 0
	for i := range found.Bridges {
		most = max(most, found.Bridges[i].Ports)
	}
	return []Family{
		countEnds(found.Pairs),
		single("nskit_bridge_ports_max", "Ports of the bridge that has the most.", most),
		single("nskit_bridge_ports_limit", "Ports that a bridge can have.", bridgePorts),
	}, nil
}

// countEnds counts the endpoints in the namespaces that can be reached.
func countEnds(pairs []veth.Pair) Family {
	var counts [len(pairKinds)][stateCount]int
	count := func(side, peer *veth.Side) {
		if side == nil || side.NS == nil { // where nothing leads
			return
		}
		for i, kind := range pairKinds {
			if kind == side.Kind {
				counts[i][stateOf(side, peer)]++
			}
		}
	}
	for i := range pairs {
		count(&pairs[i].A, pairs[i].B)
		count(pairs[i].B, &pairs[i].A)
	}
	ends := Family{Name: "nskit_link_ends", Help: "Endpoints of veth and netkit pairs, by how they are connected."}
	for i, kind := range pairKinds {
		for s := range stateCount {
			ends.add(counts[i][s], Label{"kind", kind}, Label{"state", stateNames[s]})
		}
	}
	return ends
}

// StateOf is the value of the label state for an endpoint; peer is nil for unknown.
func StateOf(side, peer *veth.Side) string { return stateNames[stateOf(side, peer)] }

// stateOf says how an endpoint is connected: first whether anybody is behind it.
func stateOf(side, peer *veth.Side) state {
	switch {
	case peer == nil || peer.Place == nil:
		return peerUnseen
	case !peer.Place.Own && peer.Place.Processes == 0:
		return peerUnpopulated
	case !side.Carrier:
		return noCarrier
	}
	return connected
}
