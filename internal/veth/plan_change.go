package veth

import "slices"

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
// looked up; the state has what the settings touch.
func planSet(st *State, s *Settings, master *Handle) *Plan {
	link := st.Handle
	plan := &Plan{Ends: []*Handle{link}, Undo: restore(s.touched(), st)}
	if s.PinMAC {
		plan.Steps = append(plan.Steps, Step{Op: OpPin, Link: master})
	}
	for _, addr := range removed(st.Addrs, s) {
		// Of all, one may have gone with another: the kernel keeps no secondary address.
		plan.Steps = append(plan.Steps, Step{Op: OpDelAddr, Link: link, Addr: addr, Tolerant: s.Flush})
	}
	if attrs := attrsOf(s); attrs != (Attrs{}) || master != nil {
		attrs.Master = master
		step := Step{Op: OpSet, Link: link, Attrs: attrs}
		if s.Admin == Down && st.admin() == Up && st.unkept != nil {
			step.Undo = []Step{{Op: OpSet, Link: link, Attrs: Attrs{Admin: Up}, lost: st.unkept}}
		}
		plan.Steps = append(plan.Steps, step)
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

// planRename decides the steps of a new name. Kernels before 6.2 refuse it for
// a link that is up; there it is taken down and up again.
func planRename(st *State, name string) *Plan {
	link := st.Handle
	back := Step{Op: OpSet, Link: link, Attrs: Attrs{Name: st.Name}}
	rename := Step{Op: OpSet, Link: link, Attrs: Attrs{Name: name}, Undo: []Step{back}}
	if st.admin() == Up {
		down := Step{Op: OpSet, Link: link, Attrs: Attrs{Admin: Down}}
		lost := restore(lostDown, st)
		first, second := down, rename
		first.Undo, second.Undo = slices.Clone(lost), []Step{down, back}
		first.Undo[0].lost, second.lost = st.unkept, st.unkept // there is one at least: up
		rename.IfBusy = append([]Step{first, second}, lost...)
	}
	return &Plan{Ends: []*Handle{link}, Steps: []Step{rename}}
}

// planMove decides the steps that put a link elsewhere. The kernel drops its
// addresses, its routes, its master and the up state; unless bare, all but the
// master and what cannot be read whole are given back.
func planMove(st *State, to *Namespace, name string, bare bool) *Plan {
	link := st.Handle
	back := Step{Op: OpMove, Link: link, To: st.NS, NewName: st.Name, lost: st.lostElsewhere()}
	move := Step{Op: OpMove, Link: link, To: to, NewName: name, Undo: append([]Step{back}, restore(everything, st)...)}
	plan := &Plan{Ends: []*Handle{link}, Steps: []Step{move}}
	if bare {
		return plan
	}
	plan.Steps[0].lost = back.lost
	lost := lostMove
	if st.admin() == Down {
		lost &^= ofUp
	}
	if st.netem == nil {
		lost &^= ofNetem
	}
	plan.Steps = append(plan.Steps, restore(lost, st)...)
	return plan
}

// lostElsewhere names what a link loses that is moved, and is not given back.
func (st *State) lostElsewhere() []string {
	if st.token.IsValid() && !st.token.IsUnspecified() {
		return append(st.unkept, "IPv6 token "+st.token.String())
	}
	return st.unkept
}

// planDelete decides the step that deletes a link and, of a pair, its peer.
// The peer's state is nil when it is not known; then there is no way back.
func planDelete(st, peer *State) *Plan {
	link := st.Handle
	step := Step{Op: OpDelete, Link: link, Undo: []Step{{Op: OpLost, Link: link}}}
	if peer != nil {
		step.Undo = remake(st, peer)
	}
	return &Plan{Ends: []*Handle{link}, Steps: []Step{step}, Final: peer == nil}
}
