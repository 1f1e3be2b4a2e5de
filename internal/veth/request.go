package veth

import (
	"net/netip"
	"time"

	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// AddMode says what to do when links of the wanted names exist.
type AddMode uint8

const (
	// MustBeNew fails with kind Exists.
	MustBeNew AddMode = iota
	// IfMissing is content when both exist and are each other's peer, whatever
	// else they are like.
	IfMissing
	// Replace deletes them first; only veths are deleted.
	Replace
)

// String is the mode in a word or two.
func (m AddMode) String() string { return word(int(m), "must be new", "if missing", "replace") }

// retryPause is how long Add waits before it tries a taken name again.
const retryPause = 20 * time.Millisecond

// Add makes a veth pair and returns the plan that did it. A name that is taken is
// tried again until patience is over, because `ip netns del` returns before the
// links of the namespace are gone.
func (s *Session) Add(spec *AddSpec, mode AddMode, patience time.Duration) (*Plan, error) {
	deadline := time.Now().Add(patience)
	for lost := false; ; {
		plan, err := s.PlanAdd(spec, mode)
		if err == nil {
			err = s.Run(plan)
		}
		switch {
		case err == nil || KindOf(err) != Exists:
			return plan, err
		case mode == IfMissing && !lost:
			lost = true // somebody else was faster: look once more
		case time.Now().After(deadline):
			return nil, err
		case s.interrupted(retryPause):
			return nil, s.errInterrupted()
		}
	}
}

// PlanAdd decides the steps that make a veth pair. It opens the namespaces and looks
// at what is there; nothing is changed. A plan without steps says that the
// pair exists.
func (s *Session) PlanAdd(spec *AddSpec, mode AddMode) (*Plan, error) {
	if spec == nil {
		return nil, invalid("", "there is nothing to add")
	}
	if mode > Replace {
		return nil, invalid("", "unknown AddMode")
	}
	if err := spec.check(); err != nil {
		return nil, err
	}
	var ns [2]*Namespace
	var masters [2]*Handle
	for i, end := range []*End{&spec.A, &spec.B} {
		var err error
		if ns[i], err = s.Namespace(end.NS); err != nil {
			return nil, err
		}
		if i == 0 && spec.Bridge.Name != "" {
			continue
		}
		if masters[i], err = s.master(ns[i], end.Master); err != nil {
			return nil, err
		}
	}
	if ns[0] == ns[1] && spec.A.Name == spec.B.Name && !isTemplate(spec.A.Name) {
		return nil, invalid(spec.A.String(), "both endpoints have this name in one namespace")
	}
	plan := planAdd(spec, ns[0], ns[1], masters)
	if spec.Loopback {
		if err := s.settleLoopbacks(plan); err != nil {
			return nil, err
		}
	}
	if mode == MustBeNew {
		return plan, nil
	}
	return s.settleExisting(plan, mode)
}

// settleLoopbacks leaves out the steps for a lo that is up already, so that
// undoing the plan does not take it down, and completes the undo of the others:
// the kernel gives a lo that comes up an address, and does not take it back.
func (s *Session) settleLoopbacks(plan *Plan) error {
	var steps []Step
	for _, step := range plan.Steps {
		if step.Op == OpSet && step.Link.Name == "lo" {
			lo, err := s.lookup(step.Link.NS, "lo")
			if err != nil {
				return err
			}
			if lo.Flags&unix.IFF_UP != 0 {
				continue
			}
			addrs, err := s.addrs(step.Link.NS)
			if err != nil {
				return refused(step.Link.String(), "cannot list the addresses", err)
			}
			if len(addrs[lo.Index]) == 0 {
				local := newAddr(netip.MustParsePrefix("127.0.0.1/8"), false)
				step.Undo = append(step.Undo, Step{Op: OpDelAddr, Link: step.Link, Addr: local, Tolerant: true})
			}
		}
		steps = append(steps, step)
	}
	plan.Steps = steps
	return nil
}

// settleExisting changes a plan to add for what is there already.
func (s *Session) settleExisting(plan *Plan, mode AddMode) (*Plan, error) {
	var found [2]*Link
	for i, h := range plan.Ends {
		var err error
		if found[i], err = s.exists(h.NS, h.Name); err != nil {
			return nil, err
		}
	}
	if found[0] == nil && found[1] == nil {
		return plan, nil
	}
	if mode == Replace {
		return s.prependDeletes(plan, found)
	}
	if found[0] != nil && found[1] != nil {
		same, err := s.arePeers(found[0], found[1])
		if same {
			return &Plan{Ends: []*Handle{s.handle(found[0]), s.handle(found[1])}}, nil
		}
		if err != nil {
			return nil, err
		}
	}
	for i, link := range found {
		if link != nil {
			return nil, existsError(plan.Ends[i].NS, link.Name)
		}
	}
	return plan, nil
}

// prependDeletes deletes the links that are in the way first.
func (s *Session) prependDeletes(plan *Plan, found [2]*Link) (*Plan, error) {
	var deletes []Step
	for i, link := range found {
		if link == nil {
			continue
		}
		if !link.paired() {
			e := existsError(plan.Ends[i].NS, link.Name)
			e.What += " and is not a veth"
			return nil, e
		}
		old, err := s.planDeleteLink(*link, true)
		if err != nil {
			return nil, err
		}
		step := old.Steps[0]
		step.Tolerant = true // the second may have gone with the first
		deletes = append(deletes, step)
		plan.Final = plan.Final || old.Final
	}
	plan.Steps = append(deletes, plan.Steps...)
	return plan, nil
}

// arePeers says whether two links are the endpoints of one pair.
func (s *Session) arePeers(a, b *Link) (bool, error) {
	if !a.paired() || !b.paired() || a.PeerIndex != b.Index || b.PeerIndex != a.Index {
		return false, nil
	}
	if a.NS == b.NS {
		return a.PeerNSID == rtnl.NoNSID, nil
	}
	if a.PeerNSID == rtnl.NoNSID {
		return false, nil
	}
	nsid, err := s.nsid(a.NS, b.NS)
	if err != nil {
		return false, refused(a.NS.String(), "cannot ask for namespace numbers", err)
	}
	return nsid == a.PeerNSID, nil
}

// PlanSet decides the steps that change a link of any kind. With both, the MTU
// is the peer's too.
func (s *Session) PlanSet(end End, both bool) (*Plan, error) {
	if err := checkSet(end.String(), &end.Settings); err != nil {
		return nil, err
	}
	st, err := s.look(end, end.touched())
	if err == nil && end.Admin == Down && st.admin() == Up {
		err = s.addNextHops(&st)
	}
	if err != nil {
		return nil, err
	}
	if err := checkSetRoutes(&st, &end.Settings); err != nil {
		return nil, err
	}
	master, err := s.master(st.NS, end.Master)
	if err != nil {
		return nil, err
	}
	plan := planSet(&st, &end.Settings, master)
	if !both || end.MTU == 0 {
		return plan, nil
	}
	mtu := Settings{MTU: end.MTU}
	peer, err := s.peerState(st.Link, mtu.touched())
	if err != nil {
		return nil, err
	}
	other := planSet(&peer, &mtu, nil)
	plan.Steps, plan.Undo = append(plan.Steps, other.Steps...), append(plan.Undo, other.Undo...)
	return plan, nil
}

// PlanRename decides the steps of a new name. Where the kernel wants the link
// down for that (before Linux 6.2), Run takes it down and up again.
func (s *Session) PlanRename(end End, name string) (*Plan, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	st, err := s.look(end, lostDown)
	if err == nil && st.admin() == Up {
		err = s.addNextHops(&st)
	}
	if err != nil {
		return nil, err
	}
	return planRename(&st, name), nil
}

// addNextHops notes the next hops of a link among what cannot be made again.
func (s *Session) addNextHops(st *State) error {
	hops, err := s.nextHops(st.NS, st.Index)
	st.unkept = append(st.unkept, hops...)
	return unlessRefused(err) // the kernel knows none before Linux 5.3
}

// PlanMove decides the steps that put a link into another namespace, under a
// new name unless that is "". Unless bare, addresses, routes and the up state
// are kept.
func (s *Session) PlanMove(end End, ref NS, name string, bare bool) (*Plan, error) {
	st, err := s.look(end, everything)
	if err != nil {
		return nil, err
	}
	to, err := s.Namespace(ref)
	if err != nil {
		return nil, err
	}
	if name == "" {
		name = st.Name
	}
	switch {
	case to == st.NS && name == st.Name:
		return &Plan{Ends: []*Handle{st.Handle}}, nil
	case to == st.NS:
		return s.PlanRename(end, name)
	}
	taken, err := s.exists(to, name)
	if err != nil {
		return nil, err
	}
	if taken != nil {
		return nil, existsError(to, name)
	}
	if err := s.addNextHops(&st); err != nil {
		return nil, err
	}
	return planMove(&st, to, name, bare), nil
}

// PlanDelete decides the step that deletes a veth pair, or a bridge. With
// reversible, all that is needed to make the pair again is looked up first.
func (s *Session) PlanDelete(end End, reversible bool) (*Plan, error) {
	link, err := s.find(end)
	if err != nil {
		return nil, err
	}
	return s.planDeleteLink(link, reversible)
}

func (s *Session) planDeleteLink(link Link, reversible bool) (*Plan, error) {
	if !link.paired() && link.Kind != "bridge" {
		return nil, &Error{Kind: Failed, Subject: link.NS.describe(link.Name), What: "is neither veth, netkit nor bridge, and is not deleted"}
	}
	st := State{Link: link, Handle: s.handle(&link)}
	if !reversible || !link.paired() {
		return planDelete(&st, nil), nil
	}
	st, err := s.state(link, everything)
	if err != nil {
		return nil, err
	}
	peer, err := s.peerState(link, everything)
	if KindOf(err) == NotFound {
		return planDelete(&st, nil), nil
	}
	if err == nil {
		err = s.addNextHops(&st)
	}
	if err == nil {
		err = s.addNextHops(&peer)
	}
	if err != nil {
		return nil, err
	}
	return planDelete(&st, &peer), nil
}
