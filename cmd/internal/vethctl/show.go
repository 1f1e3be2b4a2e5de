package vethctl

import (
	"os"
	"slices"

	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/veth"
)

// The columns that are shown when none are asked for.
const (
	listColumns = "NS,NAME,STATE,PEERNS,PEERNAME,PEERSTATE"
	showColumns = "NS,NAME,IFINDEX,STATE,MTU,MAC,ADDRS,MASTER,PEERNS,PEERNAME"
	peerColumns = "NS,NAME,IFINDEX,PID,NETNS,PATH"
	// orphanColumns are those of list --orphans.
	orphanColumns = "NS,NAME,STATE,AGE,PEERNS,PEERNAME,PEERHOLDERS,PEERNSAGE"
	statsColumns  = "NS,NAME,RXBYTES,RXPACKETS,RXERRORS,RXDROPPED,TXBYTES,TXPACKETS,TXERRORS,TXDROPPED"
)

// all is what JSON shows.
var all = veth.Wants{Addrs: true, Routes: true, Masters: true}

func list(c *call) error {
	if c.chosen.graph != "" {
		return c.listGraph()
	}
	usual := listColumns
	if c.chosen.orphans {
		usual = orphanColumns
	}
	if c.nested() {
		pairs, err := c.pairs(all.And(orphanWants(c.chosen.orphans)))
		if err == nil {
			writePairs(c.inv.Stdout, pairs)
		}
		return err
	}
	v, err := chooseColumns(c.chosen.columns, usual)
	if err != nil {
		return err
	}
	pairs, err := c.pairs(v.wants())
	if err != nil {
		return err
	}
	c.print(v.table("pairs", pairs, c.chosen.json))
	return nil
}

// nested says that JSON is wanted in its own form and not as a table.
func (c *call) nested() bool { return c.chosen.json && c.chosen.columns == "" }

// pairs lists the veth pairs that the options choose.
func (c *call) pairs(wants veth.Wants) ([]veth.Pair, error) {
	pairs, err := c.session.List(wants.And(c.whereWants()))
	if err == nil {
		pairs, err = c.inNS(pairs)
	}
	if err != nil {
		return nil, err
	}
	if c.chosen.orphans {
		pairs = c.session.Orphans(pairs)
	}
	return c.matching(pairs)
}

// inNS are the pairs of one namespace with their endpoints in it first, or all.
func (c *call) inNS(pairs []veth.Pair) ([]veth.Pair, error) {
	if c.chosen.ns == nil {
		return pairs, nil
	}
	ns, err := c.session.Namespace(*c.chosen.ns)
	if err != nil {
		return nil, err
	}
	for i := range pairs {
		if p := &pairs[i]; !isIn(&p.A, ns) && p.B != nil && isIn(p.B, ns) {
			*p = p.Turned()
		}
	}
	return slices.DeleteFunc(pairs, func(p veth.Pair) bool { return !isIn(&p.A, ns) }), nil
}

func isIn(side *veth.Side, ns *veth.Namespace) bool {
	return side.Place != nil && side.Place.Inode == ns.Inode
}

func show(c *call) error { return c.showLink((*veth.Session).Inspect, showColumns) }

func peer(c *call) error { return c.showLink(peerFirst, peerColumns) }

// question asks a session about one link.
type question func(*veth.Session, veth.End, veth.Wants) (veth.Pair, error)

// peerFirst asks for a pair, and turns it so that the other endpoint is the first.
func peerFirst(s *veth.Session, end veth.End, wants veth.Wants) (veth.Pair, error) {
	pair, err := s.Peer(end, wants)
	switch {
	case err != nil:
		return pair, err
	case pair.B == nil:
		return pair, &veth.Error{Kind: veth.NotFound, Subject: end.String(), What: "its peer is being deleted"}
	}
	return pair.Turned(), nil
}

// showLink shows one link.
func (c *call) showLink(ask question, usual string) error {
	pair, v, err := c.inspect(ask, usual)
	switch {
	case err != nil:
		return err
	case c.nested():
		writeLink(c.inv.Stdout, &pair)
	default:
		c.print(v.table("links", []veth.Pair{pair}, c.chosen.json))
	}
	return nil
}

func stats(c *call) error {
	if c.chosen.watch > 0 {
		return c.watchStats()
	}
	_, err := c.statsOnce()
	return err
}

// statsOnce shows both endpoints, each in a row.
func (c *call) statsOnce() (veth.Pair, error) {
	pair, v, err := c.inspect((*veth.Session).Inspect, statsColumns)
	if err != nil {
		return pair, err
	}
	rows := []veth.Pair{pair}
	if pair.B != nil {
		rows = append(rows, pair.Turned())
	}
	if c.nested() {
		writeSides(c.inv.Stdout, rows)
	} else {
		c.print(v.table("links", rows, c.chosen.json))
	}
	return pair, nil
}

// inspect asks about the link that the command line names, as much as what is
// shown of it needs.
func (c *call) inspect(ask question, usual string) (veth.Pair, view, error) {
	end, err := c.link(0)
	if err != nil {
		return veth.Pair{}, nil, err
	}
	c.pin(&end)
	v, err := chooseColumns(c.chosen.columns, usual)
	if err != nil {
		return veth.Pair{}, nil, err
	}
	wants := v.wants()
	if c.nested() {
		wants.Addrs, wants.Routes, wants.Masters = true, true, true
	}
	pair, err := ask(c.session, end, wants)
	return pair, v, err
}

// print writes a table as the options say.
func (c *call) print(t *table.Table) {
	layout := table.Layout{NoHeadings: c.chosen.noHeadings, UTF8: table.UTF8Locale(os.Getenv)}
	if c.chosen.json {
		layout.Format = table.JSON
	}
	t.Write(c.inv.Stdout, layout)
}

// printEnds shows what a plan has made.
func (c *call) printEnds(ends []*veth.Handle) error {
	pair, err := c.session.Made(ends[0], ends[1], all)
	if err == nil {
		writeMade(c.inv.Stdout, &pair)
	}
	return err
}
