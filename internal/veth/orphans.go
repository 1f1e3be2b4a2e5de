package veth

// An orphan is an endpoint that nobody is behind: no process is in its peer's namespace, or
// nothing leads there at all. Something holds that namespace, else the kernel
// would have deleted the pair.

// Orphans are those of some pairs that have such an endpoint, which becomes the first one.
// A peer that is being deleted makes none.
func (s *Session) Orphans(pairs []Pair) []Pair {
	var orphans []Pair
	var hidden map[uint64]bool
	for _, p := range pairs {
		switch {
		case p.B == nil:
			continue
		case p.B.deserted():
		case p.A.deserted():
			p = p.Turned()
		default:
			continue
		}
		if hidden == nil {
			hidden, _ = veiled() // or it is not known
		}
		if len(hidden) > 0 && p.B.NS != nil {
			if file, err := s.netFile(p.B.NS); err == nil && hidden[file] {
				continue
			}
		}
		orphans = append(orphans, p)
	}
	return orphans
}

// deserted says that no process was seen where the side is.
func (s *Side) deserted() bool { return s.Place == nil || !s.Place.Own && s.Place.Processes == 0 }

// Orphan is what a link must still be at the moment in which it is deleted as an orphan.
type Orphan struct {
	PeerIndex, PeerNSID int
	// Peer is the namespace of the peer, nil where nothing leads to it.
	Peer *Namespace
	// Where is the peer in words.
	Where string
}

// why says in words why a link is deleted, nothing for one that is no orphan.
func (o *Orphan) why() string {
	switch {
	case o == nil:
		return ""
	case o.Peer == nil:
		return ", since nothing leads to its peer (" + o.Where + ")"
	}
	return ", since no process is where its peer is (" + o.Where + ")"
}

// PlanDeleteOrphans decides the steps that delete the first endpoints of pairs, which are
// those of [Orphans]; there is no way back. Each step looks at the link again,
// by its namespace, index, name and peer, and for processes in the peer's
// namespace, and does nothing if it is no orphan any more: [Session.Kept] tells of it.
// The kind of the error is Denied where processes may be there that the caller cannot see.
func (s *Session) PlanDeleteOrphans(pairs []Pair) (*Plan, error) {
	plan := &Plan{}
	if len(pairs) == 0 {
		return plan, nil
	}
	seen, err := s.lookAround()
	if err != nil {
		return nil, err
	}
	for i := range pairs {
		side, peer := &pairs[i].A, pairs[i].B
		if side.NS == nil || peer == nil {
			continue
		}
		h := s.handle(&side.Link)
		if peer.Place == nil && !seen.everything {
			s.keepOrphan(h, "nothing leads to its peer, and there are processes outside of this PID namespace")
			continue
		}
		if peer.NS != nil {
			if occupied, err := seen.isOccupied(s, peer.NS); err != nil || occupied {
				s.keepOrphan(h, isOccupied)
				continue
			}
		}
		orphan := &Orphan{PeerIndex: side.PeerIndex, PeerNSID: side.PeerNSID, Peer: peer.NS, Where: peer.Where()}
		if peer.Name != "" {
			orphan.Where += ":" + peer.Name
		}
		plan.Ends, plan.Final = append(plan.Ends, h), true
		plan.Steps = append(plan.Steps, Step{Op: OpDelete, Link: h, Orphan: orphan, Tolerant: true})
	}
	return plan, nil
}

// isOccupied is why a link is no orphan.
const isOccupied = "a process is in the network namespace of its peer"

// Kept names, since it was asked last, the links that were to be deleted and were not,
// and why.
func (s *Session) Kept() []string {
	kept := s.kept
	s.kept = nil
	return kept
}

func (s *Session) keepOrphan(h *Handle, why string) { s.kept = append(s.kept, h.String()+": "+why) }

// doOrphan deletes a link if it is an orphan still.
func (s *Session) doOrphan(step *Step) (bool, error) {
	why, err := s.noOrphan(step.Link, step.Orphan)
	if why != "" {
		s.keepOrphan(step.Link, why)
	}
	if why != "" || err != nil {
		return false, tolerate(step, err)
	}
	_, err = s.ask(step.Link.NS, encodeDelete(step.Link.Index), nil)
	return err == nil, tolerate(step, err)
}

// noOrphan says why a link is not the orphan any more that it was, "" if it is.
func (s *Session) noOrphan(h *Handle, orphan *Orphan) (string, error) {
	link, err := s.getLink(h.NS, h.Index, "")
	if err != nil {
		return "", err
	}
	if link.Name != h.Name || !link.paired() || link.PeerIndex != orphan.PeerIndex || link.PeerNSID != orphan.PeerNSID {
		return "is another link now, or has another peer", nil
	}
	seen, err := s.lookAround()
	if err != nil || orphan.Peer == nil {
		return "", err
	}
	peer, err := s.getLink(orphan.Peer, orphan.PeerIndex, "")
	if err != nil {
		return "", err
	}
	here, err := s.arePeers(&link, &peer)
	if err != nil {
		return "", err
	}
	if !here {
		return "has another peer now", nil
	}
	if occupied, err := seen.isOccupied(s, orphan.Peer); err != nil || !occupied {
		return "", err
	}
	return isOccupied, nil
}
