package vethctl

import (
	"net"
	"strconv"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/veth"
	"golang.org/x/sys/unix"
)

// column is something that can be shown of one side of a veth pair.
type column = table.Of[*veth.Side, veth.Wants]

// peerPrefix before a column's name asks for the other side.
const peerPrefix = "PEER"

var sideColumns = table.Set[*veth.Side, veth.Wants]{
	{Column: table.Column{Name: "NAME"}, Help: "name of the link", Cell: func(s *veth.Side) string { return s.Name }},
	{Column: table.Column{Name: "NS"}, Help: "its network namespace, as in an endpoint", Cell: (*veth.Side).Where},
	{Column: table.Column{Name: "NETNS", Right: true, Number: true}, Help: "inode of the namespace", Cell: func(s *veth.Side) string { return count(placeOf(s).Inode) }},
	{Column: table.Column{Name: "PID", Right: true, Number: true}, Help: "lowest process in the namespace", Cell: func(s *veth.Side) string { return count(uint64(placeOf(s).PID)) }},
	{Column: table.Column{Name: "PATH"}, Help: "file that the namespace is mounted on", Cell: func(s *veth.Side) string { return placeOf(s).Path }},
	{Column: table.Column{Name: "IFINDEX", Right: true, Number: true}, Help: "number of the link in its namespace", Cell: func(s *veth.Side) string { return count(uint64(s.Index)) }},
	{Column: table.Column{Name: "KIND"}, Help: "veth, netkit, bridge and so on", Cell: func(s *veth.Side) string { return s.Kind }},
	{Column: table.Column{Name: "STATE"}, Help: "UP with a carrier, else the operational state", Cell: state},
	{Column: table.Column{Name: "CARRIER", Right: true, Number: true}, Help: "1 with a carrier", Cell: func(s *veth.Side) string { return known(s, flag(carrier(s))) }},
	{Column: table.Column{Name: "MTU", Right: true, Number: true}, Help: "largest packet in bytes", Cell: func(s *veth.Side) string { return count(uint64(s.MTU)) }},
	{Column: table.Column{Name: "MAC"}, Help: "Ethernet address", Cell: func(s *veth.Side) string { return net.HardwareAddr(s.MAC).String() }},
	{Column: table.Column{Name: "TXQLEN", Right: true, Number: true}, Help: "length of the transmit queue in packets", Cell: func(s *veth.Side) string { return known(s, number(uint64(s.TxQLen))) }},
	{Column: table.Column{Name: "ADDRS", Lines: true}, Help: "addresses", Needs: veth.Wants{Addrs: true}, Cell: addrs},
	{Column: table.Column{Name: "ROUTES", Lines: true}, Help: "routes out of the link that somebody made", Needs: veth.Wants{Routes: true}, Cell: routes},
	{Column: table.Column{Name: "MASTER"}, Help: "bridge or other master", Needs: veth.Wants{Masters: true}, Cell: master},
	{Column: table.Column{Name: "ALIAS"}, Help: "free text", Cell: func(s *veth.Side) string { return s.Alias }},
	{Column: table.Column{Name: "GROUP", Right: true, Number: true}, Help: "device group", Cell: func(s *veth.Side) string { return known(s, number(uint64(s.Group))) }},
	{Column: table.Column{Name: "NPROCS", Right: true, Number: true}, Help: "processes and single threads in the namespace, as far as they can be seen", Needs: veth.Wants{Holders: true}, Cell: processes},
	{Column: table.Column{Name: "HOLDERS", Lines: true}, Help: "what else keeps the namespace alive, and where", Needs: veth.Wants{Holders: true}, Cell: holders},
	{Column: table.Column{Name: "AGE", Right: true, Number: true}, Help: "time that the pair has been there at least", Needs: veth.Wants{Ages: true},
		Cell: func(s *veth.Side) string { return age(s.Age) }, Plain: func(s *veth.Side) string { return seconds(s.Age) }},
	{Column: table.Column{Name: "NSAGE", Right: true, Number: true}, Help: "time that the namespace has been there at least", Needs: veth.Wants{Ages: true},
		Cell: func(s *veth.Side) string { return age(s.NSAge) }, Plain: func(s *veth.Side) string { return seconds(s.NSAge) }},
	{Column: table.Column{Name: "RXBYTES", Right: true, Number: true}, Help: "bytes received", Needs: veth.Wants{Stats: true},
		Cell: func(s *veth.Side) string { return counter(s.Stats, func(t *veth.Stats) uint64 { return t.RxBytes }) }},
	{Column: table.Column{Name: "RXPACKETS", Right: true, Number: true}, Help: "packets received", Needs: veth.Wants{Stats: true},
		Cell: func(s *veth.Side) string { return counter(s.Stats, func(t *veth.Stats) uint64 { return t.RxPackets }) }},
	{Column: table.Column{Name: "RXERRORS", Right: true, Number: true}, Help: "packets received with errors", Needs: veth.Wants{Stats: true},
		Cell: func(s *veth.Side) string { return counter(s.Stats, func(t *veth.Stats) uint64 { return t.RxErrors }) }},
	{Column: table.Column{Name: "RXDROPPED", Right: true, Number: true}, Help: "packets dropped on receipt", Needs: veth.Wants{Stats: true},
		Cell: func(s *veth.Side) string { return counter(s.Stats, func(t *veth.Stats) uint64 { return t.RxDropped }) }},
	{Column: table.Column{Name: "TXBYTES", Right: true, Number: true}, Help: "bytes sent", Needs: veth.Wants{Stats: true},
		Cell: func(s *veth.Side) string { return counter(s.Stats, func(t *veth.Stats) uint64 { return t.TxBytes }) }},
	{Column: table.Column{Name: "TXPACKETS", Right: true, Number: true}, Help: "packets sent", Needs: veth.Wants{Stats: true},
		Cell: func(s *veth.Side) string { return counter(s.Stats, func(t *veth.Stats) uint64 { return t.TxPackets }) }},
	{Column: table.Column{Name: "TXERRORS", Right: true, Number: true}, Help: "errors in sending", Needs: veth.Wants{Stats: true},
		Cell: func(s *veth.Side) string { return counter(s.Stats, func(t *veth.Stats) uint64 { return t.TxErrors }) }},
	{Column: table.Column{Name: "TXDROPPED", Right: true, Number: true}, Help: "packets dropped in sending", Needs: veth.Wants{Stats: true},
		Cell: func(s *veth.Side) string { return counter(s.Stats, func(t *veth.Stats) uint64 { return t.TxDropped }) }},
}

// columnNames are the words of --output.
func columnNames() []string {
	names := sideColumns.Names()
	for _, name := range names {
		names = append(names, peerPrefix+name)
	}
	return names
}

// columnNotes lists the columns, for --help.
func columnNotes() string {
	return "Available output columns, with " + peerPrefix + " before the name those of the peer:\n" + sideColumns.Notes(10)
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

// count is a number that is never 0 when it is known.
func count(n uint64) string {
	if n == 0 {
		return ""
	}
	return number(n)
}

func flag(set bool) string {
	if set {
		return "1"
	}
	return "0"
}

// known leaves a cell empty when nothing was found out about the link.
func known(s *veth.Side, text string) string {
	if s.Name == "" {
		return ""
	}
	return text
}

func carrier(s *veth.Side) bool { return s.Flags&unix.IFF_LOWER_UP != 0 }

func operState(s *veth.Side) string { return known(s, veth.OperStateName(s.OperState)) }

// state is UP for a link that is up and has a carrier: the operational state
// follows up to a second later.
func state(s *veth.Side) string {
	if carrier(s) && s.Flags&unix.IFF_UP != 0 {
		return known(s, "UP")
	}
	return operState(s)
}

func placeOf(s *veth.Side) veth.Place {
	if s.Place == nil {
		return veth.Place{}
	}
	return *s.Place
}

func addrs(s *veth.Side) string {
	var lines []string
	for _, addr := range s.Addrs {
		lines = append(lines, addr.Prefix.String())
	}
	return strings.Join(lines, "\n")
}

func routes(s *veth.Side) string {
	var lines []string
	for _, route := range s.Routes {
		lines = append(lines, route.String())
	}
	return strings.Join(lines, "\n")
}

func master(s *veth.Side) string {
	if s.Master == nil {
		return ""
	}
	return s.Master.Name
}

func counter(stats *veth.Stats, read func(*veth.Stats) uint64) string {
	if stats == nil {
		return ""
	}
	return number(read(stats))
}

// sided is a column of one of the two sides.
type sided struct {
	*column
	// peer says that it is about the other side.
	peer bool
}

// view is a choice of columns.
type view []sided

// chooseColumns reads --output; usual are the columns without it.
func chooseColumns(text, usual string) (view, error) {
	switch {
	case text == "":
		text = usual
	case text[0] == '+':
		text = usual + "," + text[1:]
	}
	v, err := table.Choose(text, findColumn)
	if err != nil {
		return nil, &applet.Error{Text: err.Error(), Code: usageCode}
	}
	return v, nil
}

// findColumn finds a column of either side by its name in any case.
func findColumn(name string) (sided, bool) {
	if c := sideColumns.Find(name); c != nil {
		return sided{c, false}, true
	}
	if len(name) < len(peerPrefix) || !strings.EqualFold(name[:len(peerPrefix)], peerPrefix) {
		return sided{}, false
	}
	c := sideColumns.Find(name[len(peerPrefix):])
	return sided{c, true}, c != nil
}

// wants is what the chosen columns cost to find out.
func (v view) wants() veth.Wants {
	var wants veth.Wants
	for _, c := range v {
		wants = wants.And(c.Needs)
	}
	return wants
}

// table has one row for each veth pair.
func (v view) table(name string, pairs []veth.Pair, program bool) *table.Table {
	t := &table.Table{Name: name}
	for _, c := range v {
		column := c.Column
		if c.peer {
			column.Name = peerPrefix + column.Name
		}
		t.Columns = append(t.Columns, column)
	}
	for i := range pairs {
		row := &table.Row{}
		for _, c := range v {
			row.Cells = append(row.Cells, c.of(&pairs[i], program))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// of is the cell of a veth pair, for a program or a person.
func (c sided) of(pair *veth.Pair, program bool) string {
	side := &pair.A
	if c.peer {
		side = pair.B
	}
	if side == nil {
		return ""
	}
	return c.Text(side, program)
}
