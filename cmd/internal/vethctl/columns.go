package vethctl

import (
	"net"
	"strconv"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/pkg/veth"
	"golang.org/x/sys/unix"
)

// column is something that can be shown of one side of a cable.
type column struct {
	name   string
	number bool
	lines  bool
	cell   func(*veth.Side) string
}

// peerPrefix before a column's name asks for the other side.
const peerPrefix = "PEER"

func sideColumns() []column {
	return []column{
		{name: "NAME", cell: func(s *veth.Side) string { return s.Name }},
		{name: "NS", cell: (*veth.Side).Where},
		{name: "NETNS", number: true, cell: func(s *veth.Side) string { return count(placeOf(s).Inode) }},
		{name: "PID", number: true, cell: func(s *veth.Side) string { return count(uint64(placeOf(s).PID)) }},
		{name: "PATH", cell: func(s *veth.Side) string { return placeOf(s).Path }},
		{name: "IFINDEX", number: true, cell: func(s *veth.Side) string { return count(uint64(s.Index)) }},
		{name: "STATE", cell: state},
		{name: "CARRIER", number: true, cell: func(s *veth.Side) string { return known(s, flag(carrier(s))) }},
		{name: "MTU", number: true, cell: func(s *veth.Side) string { return count(uint64(s.MTU)) }},
		{name: "MAC", cell: func(s *veth.Side) string { return net.HardwareAddr(s.MAC).String() }},
		{name: "TXQLEN", number: true, cell: func(s *veth.Side) string { return known(s, number(uint64(s.TxQLen))) }},
		{name: "ADDRS", lines: true, cell: addrs},
		{name: "ROUTES", lines: true, cell: routes},
		{name: "MASTER", cell: master},
		{name: "ALIAS", cell: func(s *veth.Side) string { return s.Alias }},
		{name: "GROUP", number: true, cell: func(s *veth.Side) string { return known(s, number(uint64(s.Group))) }},
		{name: "RXBYTES", number: true, cell: counter(func(s *veth.Stats) uint64 { return s.RxBytes })},
		{name: "RXPACKETS", number: true, cell: counter(func(s *veth.Stats) uint64 { return s.RxPackets })},
		{name: "RXERRORS", number: true, cell: counter(func(s *veth.Stats) uint64 { return s.RxErrors })},
		{name: "RXDROPPED", number: true, cell: counter(func(s *veth.Stats) uint64 { return s.RxDropped })},
		{name: "TXBYTES", number: true, cell: counter(func(s *veth.Stats) uint64 { return s.TxBytes })},
		{name: "TXPACKETS", number: true, cell: counter(func(s *veth.Stats) uint64 { return s.TxPackets })},
		{name: "TXERRORS", number: true, cell: counter(func(s *veth.Stats) uint64 { return s.TxErrors })},
		{name: "TXDROPPED", number: true, cell: counter(func(s *veth.Stats) uint64 { return s.TxDropped })},
	}
}

// columnNames are the words of --output.
func columnNames() []string {
	var names []string
	for _, prefix := range []string{"", peerPrefix} {
		for _, c := range sideColumns() {
			names = append(names, prefix+c.name)
		}
	}
	return names
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

func state(s *veth.Side) string { return known(s, veth.OperStateName(s.OperState)) }

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

func counter(read func(*veth.Stats) uint64) func(*veth.Side) string {
	return func(s *veth.Side) string {
		if s.Stats == nil {
			return ""
		}
		return number(read(s.Stats))
	}
}

// view is a choice of columns.
type view struct {
	columns []column
	// peer says for each column that it is about the other side.
	peer  []bool
	names []string
}

// chooseColumns reads --output; usual are the columns without it.
func chooseColumns(text, usual string) (*view, error) {
	switch {
	case text == "":
		text = usual
	case text[0] == '+':
		text = usual + "," + text[1:]
	}
	v := &view{}
	for _, name := range strings.Split(text, ",") {
		if !v.add(strings.ToUpper(name)) {
			return nil, &applet.Error{Text: "unknown column: " + name, Code: usageCode}
		}
	}
	return v, nil
}

func (v *view) add(name string) bool {
	for _, c := range sideColumns() {
		if name == c.name || name == peerPrefix+c.name {
			v.columns = append(v.columns, c)
			v.peer = append(v.peer, name != c.name)
			v.names = append(v.names, name)
			return true
		}
	}
	return false
}

// wants is what the chosen columns cost to find out.
func (v *view) wants() veth.Wants {
	var wants veth.Wants
	for _, c := range v.columns {
		wants.Addrs = wants.Addrs || c.name == "ADDRS"
		wants.Routes = wants.Routes || c.name == "ROUTES"
		wants.Masters = wants.Masters || c.name == "MASTER"
		wants.Stats = wants.Stats || c.name[:2] == "RX" || c.name[:2] == "TX" && c.name != "TXQLEN"
	}
	return wants
}

// table lays cables out, one a row.
func (v *view) table(name string, pairs []veth.Pair) *table.Table {
	t := &table.Table{Name: name}
	for i, c := range v.columns {
		t.Columns = append(t.Columns, table.Column{Name: v.names[i], Right: c.number, Number: c.number, Lines: c.lines})
	}
	for i := range pairs {
		row := &table.Row{}
		for j, c := range v.columns {
			side := &pairs[i].A
			if v.peer[j] {
				side = pairs[i].B
			}
			cell := ""
			if side != nil {
				cell = c.cell(side)
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
