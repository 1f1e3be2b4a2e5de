package veth

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// explain makes the error of a step that the kernel refused. The plan is nil
// when the step was to take another one back.
func (s *Session) explain(step *Step, err error, plan *Plan) error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	e := refused(step.Link.String(), "cannot "+step.goal(), err)
	switch {
	case step.Op == OpPair && e.Kind == Exists && plan != nil:
		if clash := s.clash(step); clash != nil {
			return clash
		}
	case step.Op == OpPair && step.Kind != KindVeth && errors.Is(err, unix.EOPNOTSUPP) && e.Ack == unknownKind:
		e.Ack = "this kernel has no netkit (CONFIG_NETKIT, Linux 6.7)"
	case step.Op == OpNetem && errors.Is(err, unix.ENOENT):
		e.Kind, e.Ack = Failed, "this kernel has no netem (CONFIG_NET_SCH_NETEM)"
	case step.Op == OpAddAddr && errors.Is(err, unix.EACCES):
		e.Kind = Failed // IPv6 is disabled on the link; nobody may
	case e.Kind == NotFound && step.Link.Made:
		e.Kind = Failed
		e.What += ", the link was deleted meanwhile"
	}
	return e
}

// unknownKind is the kernel's answer to a kind that it lacks, net/core/rtnetlink.c.
const unknownKind = "Unknown device type"

// clash names the endpoint of a pair whose name is taken, nil if it is free again.
func (s *Session) clash(step *Step) error {
	for _, h := range []*Handle{step.Link, step.Peer} {
		if link, err := s.exists(h.NS, h.Name); err == nil && link != nil {
			return existsError(h.NS, h.Name)
		}
	}
	return nil
}

func existsError(ns *Namespace, name string) *Error {
	where := "the caller's own netns"
	if !ns.Own {
		where = "netns " + ns.String()
	}
	return &Error{Kind: Exists, Subject: name, What: "already exists in " + where, cause: unix.EEXIST}
}

// goal says what the step is for, behind "cannot".
func (step *Step) goal() string {
	switch step.Op {
	case OpPair:
		pair, _ := step.Kind.words()
		return "make the " + pair + " with " + step.Peer.String()
	case OpBridge:
		return "make the bridge"
	case OpPin:
		return "fix the address"
	case OpLinkLocal:
		return "add the link-local address"
	case OpAddAddr:
		return "add address " + step.Addr.Prefix.String()
	case OpDelAddr:
		return "remove address " + step.Addr.Prefix.String()
	case OpAddRoute:
		return "add route " + step.Route.String()
	case OpDelRoute:
		return "remove route " + step.Route.String()
	case OpSysctls:
		return "set its sysctls as they were"
	case OpAddNeighbour:
		return "add neighbour " + step.Neighbour.Addr.String()
	case OpMove:
		return "move to netns " + step.To.String()
	case OpDelete:
		return "delete"
	case OpFeatures:
		return "set " + featureWords(step.Features)
	case OpIsolated:
		if step.was != nil {
			return "set what it was as a port of its bridge"
		}
		return "set isolated " + onOff(step.On)
	case OpRestore:
		return "set its attributes as they were"
	case OpNetem:
		return "set " + step.Netem.String()
	case OpLost:
		return "be made again"
	}
	return "set " + step.Attrs.String()
}

// Describe describes each step by form, which may be [Step.String] or
// [Step.IPCommand]: as it will be when those before it are done, for a link that
// is moved or renamed is elsewhere from then on. Nothing is done.
func (p *Plan) Describe(form func(*Step) string) []string {
	lines := make([]string, 0, len(p.Steps))
	before := map[*Handle]Handle{}
	for i := range p.Steps {
		step := &p.Steps[i]
		if line := form(step); line != "" {
			lines = append(lines, line)
		}
		if step.wrong() != "" {
			continue
		}
		h := step.Link
		if _, known := before[h]; !known {
			before[h] = *h
		}
		switch {
		case step.Op == OpMove:
			h.NS = step.To
			if step.NewName != "" {
				h.Name = step.NewName
			}
		case step.Op == OpSet && step.Attrs.Name != "":
			h.Name = step.Attrs.Name
		}
	}
	for h, was := range before {
		*h = was
	}
	return lines
}

// String describes the step in one line.
func (step *Step) String() string {
	if why := step.wrong(); why != "" {
		return why
	}
	text := step.Link.String() + ": " + step.goal()
	switch step.Op {
	case OpPair:
		text = strings.TrimRight(text+": "+step.Attrs.String(), ": ")
		if peer := step.PeerAttrs.String(); peer != "" {
			text += "; " + step.Peer.String() + ": " + peer
		}
	case OpDelete:
		text += step.Orphan.why()
	case OpMove:
		if step.NewName != "" && step.NewName != step.Link.Name {
			text += " as " + step.NewName
		}
	}
	return text
}

// setting is an attribute in words, and with the words that ip(8) has for it.
type setting struct{ word, value, ip string }

// list has the attributes that are asked for.
func (a *Attrs) list() []setting {
	var all []setting
	add := func(wanted bool, word, value, ip string) {
		if wanted {
			all = append(all, setting{word, value, ip})
		}
	}
	number := func(n *uint32, word, ip string) {
		if n != nil {
			add(true, word, strconv.FormatUint(uint64(*n), 10), ip)
		}
	}
	add(a.Name != "", "name", a.Name, "") // where it stands depends on the command
	add(a.MTU != 0, "mtu", ipNumber(a.MTU), "mtu")
	add(a.MAC != MAC{}, "mac", a.MAC.String(), "address")
	number(a.TxQLen, "txqlen", "txqueuelen")
	add(a.Queues != 0, "queues", ipNumber(a.Queues), "numtxqueues "+ipNumber(a.Queues)+" numrxqueues")
	number(a.Group, "group", "group")
	if a.Master != nil {
		add(true, "master", a.Master.Name, "master")
	}
	add(a.NoMaster, "nomaster", "", "nomaster")
	if a.Alias != nil {
		add(true, "alias", *a.Alias, "alias")
	}
	add(a.Admin == Up, "up", "", "up")
	add(a.Admin == Down, "down", "", "down")
	return all
}

// String lists the attributes that are asked for.
func (a *Attrs) String() string {
	list := a.list()
	words := make([]string, len(list))
	for i, s := range list {
		switch {
		case s.word == "alias":
			s.value = strconv.Quote(s.value)
		case s.value == "":
			words[i] = s.word
			continue
		}
		words[i] = s.word + " " + s.value
	}
	return strings.Join(words, ", ")
}

// String writes the route as ip-route(8) would.
func (r *Route) String() string {
	text := r.Dst.String()
	if r.Dst.Bits() == 0 {
		text = "default"
	}
	if r.Gateway.IsValid() {
		text += " via " + r.Gateway.String()
	}
	return text
}
