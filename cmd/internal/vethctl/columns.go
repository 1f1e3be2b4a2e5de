package vethctl

import (
	"fmt"
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
	help   string
	number bool
	lines  bool
	cell   func(*veth.Side) string
}

// peerPrefix before a column's name asks for the other side.
const peerPrefix = "PEER"

func sideColumns() []column {
	return []column{
		{name: "NAME", help: "name of the link", cell: func(s *veth.Side) string { return s.Name }},
		{name: "NS", help: "its network namespace, as an end is written", cell: (*veth.Side).Where},
		{name: "NETNS", help: "inode of the namespace", number: true, cell: func(s *veth.Side) string { return count(placeOf(s).Inode) }},
		{name: "PID", help: "lowest process in the namespace", number: true, cell: func(s *veth.Side) string { return count(uint64(placeOf(s).PID)) }},
		{name: "PATH", help: "file that the namespace is mounted on", cell: func(s *veth.Side) string { return placeOf(s).Path }},
		{name: "IFINDEX", help: "number of the link in its namespace", number: true, cell: func(s *veth.Side) string { return count(uint64(s.Index)) }},
		{name: "STATE", help: "UP with a carrier, else the operational state", cell: state},
		{name: "CARRIER", help: "1 with a carrier", number: true, cell: func(s *veth.Side) string { return known(s, flag(carrier(s))) }},
		{name: "MTU", help: "largest packet in bytes", number: true, cell: func(s *veth.Side) string { return count(uint64(s.MTU)) }},
		{name: "MAC", help: "Ethernet address", cell: func(s *veth.Side) string { return net.HardwareAddr(s.MAC).String() }},
		{name: "TXQLEN", help: "length of the transmit queue in packets", number: true, cell: func(s *veth.Side) string { return known(s, number(uint64(s.TxQLen))) }},
		{name: "ADDRS", help: "addresses", lines: true, cell: addrs},
		{name: "ROUTES", help: "routes out of the link that somebody made", lines: true, cell: routes},
		{name: "MASTER", help: "bridge or other master", cell: master},
		{name: "ALIAS", help: "free text", cell: func(s *veth.Side) string { return s.Alias }},
		{name: "GROUP", help: "device group", number: true, cell: func(s *veth.Side) string { return known(s, number(uint64(s.Group))) }},
		{name: "RXBYTES", help: "bytes received", number: true, cell: counter(func(s *veth.Stats) uint64 { return s.RxBytes })},
		{name: "RXPACKETS", help: "packets received", number: true, cell: counter(func(s *veth.Stats) uint64 { return s.RxPackets })},
		{name: "RXERRORS", help: "packets received with errors", number: true, cell: counter(func(s *veth.Stats) uint64 { return s.RxErrors })},
		{name: "RXDROPPED", help: "packets dropped on receipt", number: true, cell: counter(func(s *veth.Stats) uint64 { return s.RxDropped })},
		{name: "TXBYTES", help: "bytes sent", number: true, cell: counter(func(s *veth.Stats) uint64 { return s.TxBytes })},
		{name: "TXPACKETS", help: "packets sent", number: true, cell: counter(func(s *veth.Stats) uint64 { return s.TxPackets })},
		{name: "TXERRORS", help: "errors in sending", number: true, cell: counter(func(s *veth.Stats) uint64 { return s.TxErrors })},
		{name: "TXDROPPED", help: "packets dropped in sending", number: true, cell: counter(func(s *veth.Stats) uint64 { return s.TxDropped })},
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

// columnNotes lists the columns, for --help.
func columnNotes() string {
	var b strings.Builder
	b.WriteString("Available output columns, with " + peerPrefix + " before the name those of the other end:\n")
	for _, c := range sideColumns() {
		fmt.Fprintf(&b, "%10s  %s\n", c.name, c.help)
	}
	return b.String()
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
