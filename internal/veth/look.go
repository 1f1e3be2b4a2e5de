package veth

import (
	"errors"
	"strconv"
)

// lookup finds a link by its name.
func (s *Session) lookup(ns *Namespace, name string) (Link, error) {
	link, err := s.getLink(ns, 0, name)
	if err != nil {
		return Link{}, lookupError(ns.describe(name), err)
	}
	return link, nil
}

func lookupError(subject string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	e = refused(subject, "cannot ask for the link", err)
	if gone(err) {
		e.What, e.Ack, e.Err, e.cause = "no such link", "", nil, e.Err
	}
	return e
}

// find opens the namespace of an endpoint and finds the link.
func (s *Session) find(end End) (Link, error) {
	ns, err := s.Namespace(end.NS)
	if err != nil {
		return Link{}, err
	}
	return s.lookup(ns, end.Name)
}

// exists says whether a link of that name is there, and which.
func (s *Session) exists(ns *Namespace, name string) (*Link, error) {
	if isTemplate(name) {
		return nil, nil
	}
	link, err := s.lookup(ns, name)
	if KindOf(err) == NotFound && err != nil {
		return nil, nil
	}
	return &link, err
}

// masterOf is the link's master, nil for none.
func (s *Session) masterOf(link *Link) *Handle {
	if link.MasterIndex == 0 {
		return nil
	}
	master, err := s.getLink(link.NS, link.MasterIndex, "")
	if err != nil {
		master = Link{NS: link.NS, Index: link.MasterIndex, Name: "#" + strconv.Itoa(link.MasterIndex)}
	}
	return s.handle(&master)
}

// Look returns the state of one link of any kind, with its addresses and routes.
func (s *Session) Look(end End) (State, error) { return s.look(end, ofAddrs|ofRoutes) }

// look is the same with some parts of what the link has.
func (s *Session) look(end End, which parts) (State, error) {
	link, err := s.find(end)
	if err != nil {
		return State{}, err
	}
	return s.state(link, which)
}

// master finds the master that an endpoint names, nil for none.
func (s *Session) master(ns *Namespace, name string) (*Handle, error) {
	if name == "" {
		return nil, nil
	}
	link, err := s.lookup(ns, name)
	if err != nil {
		return nil, err
	}
	return s.handle(&link), nil
}
