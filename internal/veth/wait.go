package veth

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// waitGroups are the notifications that can end a wait.
const waitGroups = 1<<(unix.RTNLGRP_LINK-1) | 1<<(unix.RTNLGRP_IPV4_IFADDR-1) | 1<<(unix.RTNLGRP_IPV6_IFADDR-1)

// Wait returns when the link is as wanted. The kind of the error is TimedOut
// when it was not in time, NotFound when it is not there or is deleted, Failed
// when duplicate address detection found another owner of an address.
func (s *Session) Wait(end End, want WaitFor) error {
	link, err := s.find(end)
	if err != nil {
		return err
	}
	// Listen first and look then: nothing can happen in between unseen.
	listener, err := s.dial(door{link.NS, unix.NETLINK_ROUTE}, waitGroups)
	if err != nil {
		return err
	}
	defer listener.Close()
	var deadline time.Time
	if want.Timeout != 0 {
		deadline = time.Now().Add(want.Timeout)
	}
	for {
		if s.ended() != nil {
			return s.errInterrupted()
		}
		missing, err := s.missing(&link, want)
		if err != nil || missing == "" {
			return err
		}
		if err := s.listen(listener, deadline); err != nil {
			return waitError(link.NS.describe(link.Name), missing, err)
		}
	}
}

// glance is how often a wait looks whether its context has ended.
const glance = 50 * time.Millisecond

// listen is the function of that name until a deadline, none if it is zero, or until the
// session's context ends.
func (s *Session) listen(c conn, deadline time.Time) error {
	for {
		until := deadline
		if next := time.Now().Add(glance); s.options.Context != nil && (deadline.IsZero() || next.Before(deadline)) {
			until = next
		}
		if err := c.SetReadDeadline(until); err != nil {
			return err
		}
		err := listen(c)
		switch {
		case s.ended() != nil:
			return nil
		case until != deadline && errors.Is(err, os.ErrDeadlineExceeded):
		default:
			return err
		}
	}
}

// listen returns when something has happened. What it was does not matter, the
// link is looked at again; so notifications that were lost because the socket's
// buffer was full (ENOBUFS) do not matter either.
func listen(c conn) error {
	_, err := c.Receive()
	if errors.Is(err, unix.ENOBUFS) {
		return nil
	}
	return err
}

func waitError(subject, missing string, err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &Error{Kind: TimedOut, Subject: subject, What: "timed out waiting for " + missing, cause: os.ErrDeadlineExceeded}
	}
	return refused(subject, "cannot wait for "+missing, err)
}

// missing says what is not yet as wanted, "" when all is.
func (s *Session) missing(link *Link, want WaitFor) (string, error) {
	subject := link.NS.describe(link.Name)
	now, err := s.getLink(link.NS, link.Index, "")
	if err != nil {
		return "", lookupError(subject, err)
	}
	if text := want.missingOf(&now); text != "" || !want.Addrs {
		return text, nil
	}
	addrs, err := s.addrs(link.NS)
	if err != nil {
		return "", refused(subject, "cannot list the addresses", err)
	}
	return missingAddrs(subject, addrs[link.Index])
}

// missingOf says what the link itself lacks.
func (want *WaitFor) missingOf(link *Link) string {
	switch {
	case want.Carrier && (link.Flags&unix.IFF_LOWER_UP == 0 || link.Flags&unix.IFF_UP == 0):
		return "carrier"
	case want.OperState != nil && *want.OperState != link.OperState:
		return "state " + OperStateName(*want.OperState)
	}
	return ""
}

// missingAddrs says which address cannot be used yet. One that another host
// has will never be usable.
func missingAddrs(subject string, addrs []Addr) (string, error) {
	waiting := ""
	for _, addr := range addrs {
		switch {
		case addr.Flags&unix.IFA_F_DADFAILED != 0:
			return "", &Error{Kind: Failed, Subject: subject, What: "another host has the address " + addr.Prefix.Addr().String()}
		case addr.Flags&unix.IFA_F_TENTATIVE != 0 && waiting == "":
			waiting = "address " + addr.Prefix.String()
		}
	}
	return waiting, nil
}
