package veth

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

// AddSpec is what a new veth pair is to be.
type AddSpec struct {
	A, B End
	// Kind is a veth pair unless it is said.
	Kind PairKind
	// MTU is for both endpoints; an endpoint's own goes first.
	MTU uint32
	// Bridge is made or reused as the master of the first endpoint; its addresses
	// and state are set. An empty name stands for none. Its namespace is A's.
	Bridge End
	// Loopback brings lo up in each foreign namespace.
	Loopback bool
}

// check says what is wrong with the specification by itself.
func (spec *AddSpec) check() error {
	if err := checkAdd(&spec.A, &spec.B); err != nil {
		return err
	}
	if err := spec.checkExtras(); err != nil {
		return err
	}
	if err := spec.Kind.check(&spec.A, &spec.B); err != nil {
		return err
	}
	for _, end := range []*End{&spec.A, &spec.B} {
		if err := checkMTU(end, spec.MTU); err != nil {
			return err
		}
	}
	if spec.Bridge.Name == "" {
		return nil
	}
	if spec.A.Master != "" && spec.A.Master != spec.Bridge.Name {
		return invalid(spec.A.String(), "has two masters, "+spec.A.Master+" and "+spec.Bridge.Name)
	}
	if spec.Bridge.Name == spec.A.Name || spec.Bridge.NS == spec.B.NS && spec.Bridge.Name == spec.B.Name {
		return invalid(spec.Bridge.String(), "is both bridge and endpoint")
	}
	return checkEnd(&spec.Bridge)
}

// planAdd decides the steps that make a veth pair. The namespaces are open; the
// handles of existing masters have been looked up already.
func planAdd(spec *AddSpec, a, b *Namespace, masters [2]*Handle) *Plan {
	ha, hb := &Handle{NS: a, Name: spec.A.Name}, &Handle{NS: b, Name: spec.B.Name}
	plan := &Plan{Ends: []*Handle{ha, hb}}
	if spec.Bridge.Name != "" {
		masters[0] = &Handle{NS: a, Name: spec.Bridge.Name}
		plan.Steps = append(plan.Steps, bridgeSteps(masters[0], &spec.Bridge.Settings)...)
	}
	for i, end := range []*End{&spec.A, &spec.B} {
		if end.PinMAC {
			plan.Steps = append(plan.Steps, Step{Op: OpPin, Link: masters[i]})
		}
	}
	plan.Steps = append(plan.Steps, pairSteps(spec, ha, hb, masters)...)
	for i, end := range []*End{&spec.A, &spec.B} {
		plan.Steps = append(plan.Steps, extraSteps(plan.Ends[i], &end.Settings)...)
	}
	for i, end := range []*End{&spec.A, &spec.B} {
		plan.Steps = append(plan.Steps, addrSteps(plan.Ends[i], &end.Settings)...)
	}
	if spec.Loopback {
		plan.Steps = append(plan.Steps, loopbackSteps(a, b)...)
	}
	for i, end := range []*End{&spec.A, &spec.B} {
		plan.Steps = append(plan.Steps, routeSteps(plan.Ends[i], &end.Settings)...)
	}
	return plan
}

// bridgeSteps make the bridge ready before anything is plugged into it.
func bridgeSteps(bridge *Handle, s *Settings) []Step {
	steps := []Step{{Op: OpBridge, Link: bridge, Attrs: attrsOf(s), Undo: []Step{{Op: OpDelete, Link: bridge, Tolerant: true}}}}
	for _, step := range addrSteps(bridge, s) {
		step.Tolerant = true
		step.Undo = []Step{{Op: OpDelAddr, Link: bridge, Addr: step.Addr, Tolerant: true}}
		steps = append(steps, step)
	}
	if s.Admin != Down {
		steps = append(steps, Step{Op: OpSet, Link: bridge, Attrs: Attrs{Admin: Up}})
	}
	return append(steps, routeSteps(bridge, s)...)
}

// pairSteps make the pair. The creating request honours neither the second
// endpoint's master and state nor any alias, so these follow.
func pairSteps(spec *AddSpec, a, b *Handle, masters [2]*Handle) []Step {
	pair := Step{Op: OpPair, Kind: spec.Kind, Link: a, Peer: b, Attrs: attrsOf(&spec.A.Settings), PeerAttrs: attrsOf(&spec.B.Settings)}
	pair.Undo = []Step{{Op: OpDelete, Link: a, Tolerant: true}}
	pair.Attrs.Master = masters[0]
	for _, attrs := range []*Attrs{&pair.Attrs, &pair.PeerAttrs} {
		if attrs.MTU == 0 {
			attrs.MTU = spec.MTU
		}
		if attrs.Admin == AdminUnset {
			attrs.Admin = Up
		}
		attrs.Alias = nil
	}
	later := Attrs{Master: masters[1], Alias: spec.B.Alias, Admin: pair.PeerAttrs.Admin}
	pair.PeerAttrs.Admin = AdminUnset
	if later.Admin == Down {
		later.Admin = AdminUnset
	}
	steps := []Step{pair}
	if spec.Kind != KindNetkitL3 { // it has no address that one could be made of
		steps = append(steps, linkLocalSteps(a, spec.A.quick())...)
		steps = append(steps, linkLocalSteps(b, spec.B.quick())...)
	}
	if later != (Attrs{}) {
		steps = append(steps, Step{Op: OpSet, Link: b, Attrs: later})
	}
	if spec.A.Alias != nil {
		steps = append(steps, Step{Op: OpSet, Link: a, Attrs: Attrs{Alias: spec.A.Alias}})
	}
	return steps
}

// extraSteps change what belongs neither to the link's attributes nor to its addresses.
func extraSteps(link *Handle, s *Settings) []Step {
	var steps []Step
	if s.Isolated != nil {
		steps = append(steps, Step{Op: OpIsolated, Link: link, On: *s.Isolated})
	}
	steps = append(steps, featureSteps(link, s.Features, false)...)
	if s.Netem != (Netem{}) {
		steps = append(steps, Step{Op: OpNetem, Link: link, Netem: s.Netem})
	}
	return steps
}

// attrsOf are the attributes that the settings name, masters excepted.
func attrsOf(s *Settings) Attrs {
	return Attrs{Admin: s.Admin, MTU: s.MTU, MAC: s.MAC, TxQLen: s.TxQLen, Queues: s.Queues, Group: s.Group, Alias: s.Alias, NoMaster: s.NoMaster}
}

// loopbackSteps bring lo up in the namespaces that are not the caller's.
func loopbackSteps(namespaces ...*Namespace) []Step {
	var steps []Step
	for i, ns := range namespaces {
		if ns.Own || i > 0 && namespaces[0] == ns {
			continue
		}
		lo := &Handle{NS: ns, Name: "lo"}
		steps = append(steps, Step{Op: OpSet, Link: lo, Attrs: Attrs{Admin: Up}, Undo: []Step{{Op: OpSet, Link: lo, Attrs: Attrs{Admin: Down}}}})
	}
	return steps
}

// addrSteps add the addresses; no undo, the link goes with them.
func addrSteps(link *Handle, s *Settings) []Step {
	var steps []Step
	for _, prefix := range s.Addrs {
		steps = append(steps, Step{Op: OpAddAddr, Link: link, Addr: newAddr(prefix, s.DAD)})
	}
	return steps
}

// newAddr is an address as a user asks for one.
func newAddr(prefix netip.Prefix, dad bool) Addr {
	addr := Addr{Prefix: prefix, Valid: Forever, Preferred: Forever}
	switch {
	case prefix.Addr().Is6() && !dad:
		addr.Flags = unix.IFA_F_NODAD
	case prefix.Addr().Is4() && prefix.Addr().IsLoopback():
		addr.Scope = unix.RT_SCOPE_HOST // the kernel takes no other
	}
	return addr
}

func routeSteps(link *Handle, s *Settings) []Step {
	var steps []Step
	for _, spec := range s.routes() {
		steps = append(steps, Step{Op: OpAddRoute, Link: link, Route: newRoute(spec)})
	}
	return steps
}

// newRoute is a route as a user asks for one, like ip-route(8) makes it.
func newRoute(spec RouteSpec) Route {
	route := Route{Dst: spec.Dst, Gateway: spec.Gateway, Table: unix.RT_TABLE_MAIN, Proto: unix.RTPROT_BOOT}
	if spec.Dst.Addr().Is4() && !spec.Gateway.IsValid() {
		route.Scope = unix.RT_SCOPE_LINK
	}
	return route
}
