package veth

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/internal/order"
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
	// Neighbours and Sysctls are known of a link that is to be moved.
	Neighbours []Neighbour
	Sysctls    map[string]string
	netem      []byte
}

// admin is the administrative state as it is set.
func (st *State) admin() Admin {
	if st.Flags&unix.IFF_UP != 0 {
		return Up
	}
	return Down
}

// checkSet says what cannot be changed in a link that exists.
func checkSet(subject string, s *Settings) error {
	switch {
	case s.empty() && !s.PinMAC:
		return invalid(subject, "nothing to set")
	case s.Queues != 0:
		return invalid(subject, "queues= can only be said when a link is made")
	case s.PinMAC && s.Master == "":
		return invalid(subject, "pin-mac goes with master=")
	}
	return checkAddrs(subject, s.Addrs)
}

// checkSetRoutes holds routes to be added against the addresses that the link
// will have.
func checkSetRoutes(st *State, s *Settings) error {
	if s.Admin == Down && len(s.Gateways)+len(s.Routes) > 0 {
		return invalid(st.Handle.String(), "a link that is down has no routes")
	}
	after := *s
	for _, addr := range st.Addrs {
		if !s.Flush && !slices.Contains(s.DelAddrs, addr.Prefix) {
			after.Addrs = append(after.Addrs[:len(after.Addrs):len(after.Addrs)], addr.Prefix)
		}
	}
	return checkRoutes(st.Handle.String(), &after)
}

// planSet decides the steps that change a link. The master's handle has been
// looked up; each step can be taken back.
func planSet(st *State, s *Settings, master *Handle) *Plan {
	link := st.Handle
	plan := &Plan{Ends: []*Handle{link}}
	if s.PinMAC {
		plan.Steps = append(plan.Steps, Step{Op: OpPin, Link: master})
	}
	for _, addr := range removed(st.Addrs, s) {
		plan.Steps = append(plan.Steps, Step{Op: OpDelAddr, Link: link, Addr: addr, Undo: restoreAddrs(link, []Addr{addr})})
	}
	if attrs := attrsOf(s); attrs != (Attrs{}) || master != nil {
		attrs.Master = master
		undo := []Step{{Op: OpSet, Link: link, Attrs: previous(st, &attrs)}}
		if attrs.Master != nil || attrs.NoMaster {
			undo = append(undo, isolateAgain(st, link)...)
		}
		if attrs.Admin == Down && st.admin() == Up || attrs.MTU != 0 && attrs.MTU < minMTU6 {
			undo = append(undo, restoreAddrs(link, kept(st.Addrs, s))...)
		}
		plan.Steps = append(plan.Steps, Step{Op: OpSet, Link: link, Attrs: attrs, Undo: undo})
	}
	plan.Steps = append(plan.Steps, extraSteps(link, s)...)
	for _, step := range addrSteps(link, s) {
		step.Undo = []Step{{Op: OpDelAddr, Link: link, Addr: step.Addr, Tolerant: true}}
		plan.Steps = append(plan.Steps, step)
	}
	for _, step := range routeSteps(link, s) {
		step.Undo = []Step{{Op: OpDelRoute, Link: link, Route: step.Route, Tolerant: true}}
		plan.Steps = append(plan.Steps, step)
	}
	// Routes go with the addresses that they need: the first step's undo, which
	// is the last to be done, brings them back when all addresses are there.
	if len(plan.Steps) > 0 {
		first := &plan.Steps[0]
		first.Undo = append(first.Undo, restoreRoutes(link, st.Routes)...)
	}
	return plan
}

// removed are the addresses that noaddr and noaddr= take away. One that is not
// there is kept in the list: the kernel's refusal is the message.
func removed(addrs []Addr, s *Settings) []Addr {
	if s.Flush {
		return slices.DeleteFunc(slices.Clone(addrs), func(a Addr) bool { return !restorable(&a) })
	}
	var list []Addr
	for _, prefix := range s.DelAddrs {
		i := slices.IndexFunc(addrs, func(a Addr) bool { return a.Prefix == prefix })
		if i >= 0 {
			list = append(list, addrs[i])
		} else {
			list = append(list, newAddr(prefix, false))
		}
	}
	return list
}

// kept are the addresses that the settings do not remove.
func kept(addrs []Addr, s *Settings) []Addr {
	return slices.DeleteFunc(slices.Clone(addrs), func(a Addr) bool {
		return s.Flush || slices.Contains(s.DelAddrs, a.Prefix)
	})
}

// previous are the link's own values of the attributes that attrs would change.
func previous(st *State, attrs *Attrs) Attrs {
	var old Attrs
	if attrs.Admin != AdminUnset {
		old.Admin = st.admin()
	}
	if attrs.Name != "" {
		old.Name = st.Name
	}
	if attrs.MTU != 0 {
		old.MTU = st.MTU
	}
	if attrs.MAC != (MAC{}) && len(st.MAC) == len(old.MAC) {
		old.MAC = MAC(st.MAC)
	}
	if attrs.TxQLen != nil {
		old.TxQLen = &st.TxQLen
	}
	if attrs.Group != nil {
		old.Group = &st.Group
	}
	if attrs.Alias != nil {
		old.Alias = &st.Alias
	}
	if attrs.Master != nil || attrs.NoMaster {
		old.Master, old.NoMaster = st.Master, st.MasterIndex == 0
	}
	return old
}

// planRename decides the steps of a new name. Kernels before 6.2 refuse it for
// a link that is up; there it is taken down and up again.
func planRename(st *State, name string) *Plan {
	link := st.Handle
	rename := Step{Op: OpSet, Link: link, Attrs: Attrs{Name: name}, Undo: []Step{{Op: OpSet, Link: link, Attrs: Attrs{Name: st.Name}}}}
	if st.admin() == Up {
		down, up := Step{Op: OpSet, Link: link, Attrs: Attrs{Admin: Down}}, Step{Op: OpSet, Link: link, Attrs: Attrs{Admin: Up}}
		network := restoreNetwork(link, st.Addrs, st.Routes)
		rename.IfBusy = []Step{down, rename, up}
		rename.IfBusy[0].Undo = append([]Step{up}, network...)
		rename.IfBusy[2].Undo = []Step{down}
		rename.IfBusy = append(rename.IfBusy, network...)
	}
	return &Plan{Ends: []*Handle{link}, Steps: []Step{rename}}
}

// planMove decides the steps that put a link elsewhere. The kernel drops its
// addresses, its routes, its master and the up state; unless bare, all but the
// master are given back.
func planMove(st *State, to *Namespace, name string, bare bool) *Plan {
	link := st.Handle
	back := Step{Op: OpMove, Link: link, To: st.NS, NewName: st.Name}
	move := Step{Op: OpMove, Link: link, To: to, NewName: name, Undo: append([]Step{back}, restoreSteps(st, link, true)...)}
	plan := &Plan{Ends: []*Handle{link}, Steps: []Step{move}}
	if !bare {
		plan.Steps = append(plan.Steps, restoreSteps(st, link, false)...)
	}
	return plan
}

// restoreSteps give a link back its state, addresses and routes, and where it
// is to be plugged in again its master.
func restoreSteps(st *State, link *Handle, plugIn bool) []Step {
	attrs := Attrs{}
	if st.admin() == Up {
		attrs.Admin = Up
	}
	if plugIn {
		attrs.Master = st.Master
	}
	var steps []Step
	if len(st.Sysctls) > 0 {
		steps = append(steps, Step{Op: OpSysctls, Link: link, Sysctls: st.Sysctls})
	}
	if slices.ContainsFunc(st.Addrs, hadNoSearch) {
		steps = append(steps, Step{Op: OpLinkLocal, Link: link})
	}
	if attrs != (Attrs{}) {
		steps = append(steps, Step{Op: OpSet, Link: link, Attrs: attrs})
	}
	if plugIn {
		steps = append(steps, isolateAgain(st, link)...)
	}
	steps = append(steps, restoreNetwork(link, st.Addrs, st.Routes)...)
	if st.netem != nil {
		steps = append(steps, Step{Op: OpNetem, Link: link, options: st.netem, back: true})
	}
	for _, n := range st.Neighbours {
		steps = append(steps, Step{Op: OpAddNeighbour, Link: link, Neighbour: n, Tolerant: true})
	}
	return steps
}

// restoreNetwork adds again the addresses and routes that were not the
// kernel's own work.
func restoreNetwork(link *Handle, addrs []Addr, routes []Route) []Step {
	return append(restoreAddrs(link, addrs), restoreRoutes(link, routes)...)
}

func restoreAddrs(link *Handle, addrs []Addr) []Step {
	var steps []Step
	name := link.Name
	for _, addr := range addrs {
		if restorable(&addr) {
			if addr.Label == name {
				addr.Label = "" // it follows the link's name
			}
			if addr.Prefix.Addr().Is6() {
				addr.Flags |= unix.IFA_F_NODAD
			}
			steps = append(steps, Step{Op: OpAddAddr, Link: link, Addr: addr, Tolerant: true})
		}
	}
	return steps
}

func restoreRoutes(link *Handle, routes []Route) []Step {
	var steps []Step
	ordered := slices.Clone(routes)
	order.Sort(ordered, func(a, b *Route) int { return rank(a) - rank(b) })
	for _, route := range ordered {
		steps = append(steps, Step{Op: OpAddRoute, Link: link, Route: route, Tolerant: true})
	}
	return steps
}

// rank puts the routes first that others may need.
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

// planDelete decides the step that deletes a link and, for a veth, its peer.
// The peer's state is nil when it is not known; then there is no way back.
func planDelete(st, peer *State) *Plan {
	link := st.Handle
	plan := &Plan{Ends: []*Handle{link}, Final: peer == nil}
	step := Step{Op: OpDelete, Link: link, Undo: []Step{{Op: OpLost, Link: link}}}
	if peer != nil {
		step.Undo = remakeSteps(st, peer)
	}
	plan.Steps = []Step{step}
	return plan
}

// remakeSteps make a pair again as it was.
func remakeSteps(a, b *State) []Step {
	ha, hb := a.Handle, b.Handle
	pair := Step{Op: OpPair, Link: ha, Peer: hb, Attrs: attrsNow(a), PeerAttrs: attrsNow(b)}
	steps := []Step{pair}
	for _, side := range []struct {
		st   *State
		link *Handle
	}{{a, ha}, {b, hb}} {
		if side.st.Alias != "" {
			steps = append(steps, Step{Op: OpSet, Link: side.link, Attrs: Attrs{Alias: &side.st.Alias}})
		}
		steps = append(steps, Step{Op: OpSet, Link: side.link, Attrs: Attrs{Admin: side.st.admin(), Master: side.st.Master}})
		steps = append(steps, isolateAgain(side.st, side.link)...)
	}
	steps = append(steps, restoreNetwork(ha, a.Addrs, a.Routes)...)
	return append(steps, restoreNetwork(hb, b.Addrs, b.Routes)...)
}

// attrsNow are the attributes with which a link is made again.
func attrsNow(st *State) Attrs {
	attrs := Attrs{MTU: st.MTU, TxQLen: &st.TxQLen, Queues: st.Queues, Group: &st.Group}
	if len(st.MAC) == len(attrs.MAC) {
		attrs.MAC = MAC(st.MAC)
	}
	return attrs
}
