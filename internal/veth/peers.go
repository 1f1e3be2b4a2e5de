package veth

import (
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nskit/nskit/internal/order"
	"github.com/nskit/nskit/internal/rtnl"
)

// Side is one endpoint of a veth pair, with as much of it as could be found out.
type Side struct {
	State
	// Place is the namespace; nil when no process and no path leads to it.
	Place *Place
	// NSID is the number of that namespace as seen from the other endpoint's, -1
	// when the endpoints are in the same one.
	NSID int
	// Age is how long the pair has been there, NSAge the namespace, at the least; 0 is unknown.
	Age, NSAge time.Duration
}

// Where names the side's namespace, "nsid:N" when nothing leads there.
func (s *Side) Where() string {
	if s.Place == nil {
		return "nsid:" + strconv.Itoa(s.NSID)
	}
	return s.Place.String()
}

// Pair is a veth pair. B is nil when nothing is known of the other endpoint.
type Pair struct {
	A Side
	B *Side
}

// Turned is the same pair seen from its other endpoint, which must be known.
func (p Pair) Turned() Pair { return Pair{A: *p.B, B: &p.A} }

// Peer returns both endpoints of a veth pair, the asked one as A. The kind of the error
// is Failed when the link is neither veth nor netkit.
func (s *Session) Peer(end End, wants Wants) (Pair, error) {
	link, err := s.find(end)
	if err != nil {
		return Pair{}, err
	}
	if !link.paired() {
		return Pair{}, &Error{Kind: Failed, Subject: end.String(), What: "is neither veth nor netkit and has no peer"}
	}
	return s.Inspect(end, wants)
}

// Inspect returns a link of any kind as A and, if it is a veth or netkit, its peer as B.
func (s *Session) Inspect(end End, wants Wants) (Pair, error) {
	link, err := s.find(end)
	if err != nil {
		return Pair{}, err
	}
	find := s.known
	if wants.Holders {
		find = s.Places
	}
	places, err := find()
	if err != nil {
		return Pair{}, err
	}
	pair := Pair{A: Side{State: State{Link: link}, Place: s.placeOf(link.NS, places), NSID: rtnl.NoNSID}}
	if link.paired() && link.PeerIndex != 0 {
		if pair.B, err = s.peerSide(&link, places); err != nil {
			return Pair{}, err
		}
	}
	pairs := []Pair{pair}
	err = s.fill(pairs, wants)
	return pairs[0], err
}

// placeOf is the place of a namespace that is open. One that is reached by a
// descriptor only is a place too.
func (s *Session) placeOf(ns *Namespace, places []*Place) *Place {
	i := slices.IndexFunc(places, func(p *Place) bool { return p.Inode == ns.Inode })
	if i >= 0 {
		return places[i]
	}
	return &Place{Inode: ns.Inode, Path: ns.String(), Own: ns.Own}
}

// peerSide finds the other endpoint of a link, nil if that is being deleted.
func (s *Session) peerSide(link *Link, places []*Place) (*Side, error) {
	if link.PeerNSID == rtnl.NoNSID {
		peer, err := s.getLink(link.NS, link.PeerIndex, "")
		if gone(err) {
			return nil, nil
		}
		return &Side{State: State{Link: peer}, Place: s.placeOf(link.NS, places), NSID: rtnl.NoNSID}, err
	}
	p, ns, err := s.numbered(link, places)
	if err == nil && ns == nil { // perhaps a thread or a descriptor has it
		if places, err = s.Places(); err == nil {
			p, ns, err = s.numbered(link, places)
		} else if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	if err != nil || ns == nil {
		return s.distantSide(link), err
	}
	peer, err := s.getLink(ns, link.PeerIndex, "")
	switch {
	case gone(err):
		return nil, nil
	case err != nil:
		return nil, refused(link.NS.describe(link.Name), "cannot ask for its peer", err)
	}
	return &Side{State: State{Link: peer}, Place: p, NSID: link.PeerNSID}, nil
}

// numbered finds the place that has, as seen from a link's namespace, the number of its
// peer's.
func (s *Session) numbered(link *Link, places []*Place) (*Place, *Namespace, error) {
	for _, p := range places {
		ns, err := s.reach(p)
		if err != nil {
			return nil, nil, err
		}
		if ns == nil || ns == link.NS {
			continue
		}
		nsid, err := s.nsid(link.NS, ns)
		if err != nil && !rtnl.ByKernel(err) {
			return nil, nil, refused(link.NS.describe(link.Name), "cannot ask for its peer", err)
		}
		if err == nil && nsid == link.PeerNSID {
			return p, ns, nil
		}
	}
	return nil, nil, nil
}

// distantSide asks for a peer in a namespace that nothing leads to, by its
// number. Without the privilege to do so its index is all that is known.
func (s *Session) distantSide(link *Link) *Side {
	side := &Side{State: State{Link: Link{Index: link.PeerIndex, PeerNSID: rtnl.NoNSID}}, NSID: link.PeerNSID}
	m, err := encodeGetLink(link.PeerIndex, "", link.PeerNSID)
	replies, err := s.ask(link.NS, m, err)
	if err != nil {
		return side
	}
	if peer, err := onlyLink(replies); err == nil && peer.Index == link.PeerIndex {
		side.Link = peer
	}
	return side
}

// peerState is the state of the other endpoint of a link.
func (s *Session) peerState(link Link, which parts) (State, error) {
	places, err := s.known()
	if err != nil {
		return State{}, err
	}
	side, err := s.peerSide(&link, places)
	switch {
	case err != nil:
		return State{}, err
	case side == nil || side.NS == nil:
		return State{}, &Error{Kind: NotFound, Subject: link.NS.describe(link.Name), What: "no process and no path leads to its peer"}
	}
	return s.state(side.Link, which)
}

// Wants says what to find out beyond the links themselves.
type Wants struct {
	Addrs, Routes, Stats, Masters bool
	// Holders is what keeps the namespaces alive, Ages since when things have been there.
	Holders, Ages bool
}

// And is all that one or the other wants.
func (w Wants) And(more Wants) Wants {
	return Wants{w.Addrs || more.Addrs, w.Routes || more.Routes, w.Stats || more.Stats, w.Masters || more.Masters,
		w.Holders || more.Holders, w.Ages || more.Ages}
}

// List returns every veth pair that has an endpoint in one of the namespaces that can be
// reached, each once, ordered by their first endpoints. Only a namespace that may not
// be entered is left out.
func (s *Session) List(wants Wants) ([]Pair, error) {
	found, err := s.Survey(wants)
	return found.Pairs, err
}

// Survey is what [Session.Survey] finds.
type Survey struct {
	Pairs   []Pair
	Bridges []Bridge
	// Denied are the namespaces that may not be entered: what is in them is missing.
	Denied int
}

// Survey is [Session.List] with all bridges that there are besides, at no further request.
func (s *Session) Survey(wants Wants) (Survey, error) {
	places, err := s.Places()
	if err != nil {
		return Survey{}, err
	}
	var found Survey
	var ends []*Side
	for _, p := range places {
		ns, err := s.reach(p)
		if err != nil {
			return Survey{}, err
		}
		if ns == nil {
			continue
		}
		links, err := s.links(ns)
		if err != nil {
			switch kind := kindOfErrno(err); {
			case kind == Denied || KindOf(err) == Denied:
				found.Denied++
				continue
			case kind == NotFound:
				continue
			}
			return Survey{}, refused(p.String(), "cannot list the links", err)
		}
		found.Bridges = append(found.Bridges, bridgesOf(links)...)
		links = paired(links)
		order.Sort(links, func(a, b *Link) int { return strings.Compare(a.Name, b.Name) })
		for _, link := range links {
			ends = append(ends, &Side{State: State{Link: link}, Place: p, NSID: rtnl.NoNSID})
		}
	}
	found.Pairs = s.match(ends)
	return found, s.fill(found.Pairs, wants)
}

// spot is where a link is said to be and where its peer is said to be.
type spot struct{ index, peer int }

// numbered is a namespace number and the namespace that gives it.
type numbered struct {
	ns   *Namespace
	nsid int
}

// matcher joins endpoints to pairs.
type matcher struct {
	session *Session
	bySpot  map[spot][]*Side
	// known are the namespace numbers that were found out.
	known map[numbered]*Namespace
	taken map[*Side]bool
}

// match joins the endpoints to pairs, in their order. An index is unique only
// within a namespace, so the kernel is asked which number a namespace has; it
// is asked only about those in which a link of fitting indexes is.
func (s *Session) match(ends []*Side) []Pair {
	m := matcher{session: s, bySpot: map[spot][]*Side{}, known: map[numbered]*Namespace{}, taken: map[*Side]bool{}}
	for _, end := range ends {
		at := spot{end.Index, end.PeerIndex}
		m.bySpot[at] = append(m.bySpot[at], end)
	}
	var pairs []Pair
	for _, end := range ends {
		if m.taken[end] {
			continue
		}
		m.taken[end] = true
		pair := Pair{A: *end, B: m.other(end)}
		switch {
		case pair.B != nil:
			pair.A.NSID = pair.B.PeerNSID
		case end.PeerIndex != 0:
			pair.B = s.distantSide(&end.Link)
		}
		pairs = append(pairs, pair)
	}
	return pairs
}

// other finds the other endpoint of a pair among all endpoints, nil if it is not there.
func (m *matcher) other(end *Side) *Side {
	for _, c := range m.bySpot[spot{end.PeerIndex, end.Index}] {
		if c == end || m.taken[c] || !m.fits(end, c) {
			continue
		}
		m.taken[c] = true
		other := *c
		other.NSID = end.PeerNSID
		return &other
	}
	return nil
}

// fits says whether c is where the peer of an endpoint is said to be.
func (m *matcher) fits(end, c *Side) bool {
	if end.PeerNSID == rtnl.NoNSID || c.PeerNSID == rtnl.NoNSID {
		return end.PeerNSID == c.PeerNSID && end.NS == c.NS
	}
	if end.NS == c.NS {
		return false
	}
	there := numbered{end.NS, end.PeerNSID}
	if ns, ok := m.known[there]; ok {
		return ns == c.NS
	}
	if ns, ok := m.known[numbered{c.NS, c.PeerNSID}]; ok && ns != end.NS {
		return false
	}
	nsid, err := m.session.nsid(end.NS, c.NS)
	if err != nil || nsid == rtnl.NoNSID {
		return false
	}
	m.known[numbered{end.NS, nsid}] = c.NS
	return nsid == end.PeerNSID
}

// fill finds out what is wanted about the endpoints, one request for a namespace.
func (s *Session) fill(pairs []Pair, wants Wants) error {
	f := filler{s, wants, map[*Namespace]map[int][]Addr{}, map[*Namespace]map[int][]Route{}}
	for i := range pairs {
		for _, side := range []*Side{&pairs[i].A, pairs[i].B} {
			if side == nil || side.NS == nil {
				continue
			}
			if err := f.fill(&side.State); err != nil {
				return refused(side.NS.describe(side.Name), "cannot look at it", err)
			}
		}
	}
	if wants.Ages {
		s.fillAges(pairs)
	}
	return nil
}

type filler struct {
	session *Session
	wants   Wants
	addrs   map[*Namespace]map[int][]Addr
	routes  map[*Namespace]map[int][]Route
}

func (f *filler) fill(st *State) (err error) {
	if f.wants.Addrs && f.addrs[st.NS] == nil {
		if f.addrs[st.NS], err = f.session.addrs(st.NS); err != nil {
			return err
		}
	}
	if f.wants.Routes && f.routes[st.NS] == nil {
		if f.routes[st.NS], _, err = f.session.routes(st.NS, 0); err != nil {
			return err
		}
	}
	if !f.wants.Stats {
		st.Stats = nil // the kernel sends them with every link
	}
	if f.wants.Masters {
		st.Master = f.session.masterOf(&st.Link)
	}
	st.Addrs, st.Routes = f.addrs[st.NS][st.Index], f.routes[st.NS][st.Index]
	return nil
}

// Made returns the pair between two links that a plan has made.
func (s *Session) Made(a, b *Handle, wants Wants) (Pair, error) {
	if a.nowhere() || b.nowhere() {
		return Pair{}, invalid("", "there is no link to look at")
	}
	places, err := s.known()
	if err != nil {
		return Pair{}, err
	}
	var sides [2]Side
	for i, h := range []*Handle{a, b} {
		link, err := s.getLink(h.NS, h.Index, "")
		if err != nil {
			return Pair{}, lookupError(h.String(), err)
		}
		sides[i] = Side{State: State{Link: link}, Place: s.placeOf(h.NS, places), NSID: link.PeerNSID}
	}
	pairs := []Pair{{A: sides[0], B: &sides[1]}}
	err = s.fill(pairs, wants)
	return pairs[0], err
}
