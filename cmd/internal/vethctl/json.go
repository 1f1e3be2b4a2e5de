package vethctl

import (
	"bufio"
	"net"
	"strconv"

	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/pkg/veth"
	"golang.org/x/sys/unix"
)

// indent is one level of JSON, as the tables have it.
const indent = "   "

// object writes JSON objects and arrays that are no rows of cells. A value that
// is unknown is left out rather than written as nothing.
type object struct {
	w     *bufio.Writer
	level int
	count int
}

// begin writes the opening bracket.
func begin(w *bufio.Writer, bracket byte) *object {
	w.WriteByte(bracket)
	return &object{w: w, level: 1}
}

// end writes the closing bracket.
func (o *object) end(bracket byte) {
	o.level--
	if o.count > 0 {
		o.newline()
	}
	o.w.WriteByte(bracket)
}

func (o *object) newline() {
	o.w.WriteByte('\n')
	for range o.level {
		o.w.WriteString(indent)
	}
}

// next begins the next member; the key is "" in an array.
func (o *object) next(key string) {
	if o.count > 0 {
		o.w.WriteByte(',')
	}
	o.count++
	o.newline()
	if key != "" {
		o.w.Write(table.AppendJSONString(nil, key))
		o.w.WriteString(": ")
	}
}

// nest begins an object or array as the next member.
func (o *object) nest(key string, bracket byte) *object {
	o.next(key)
	o.w.WriteByte(bracket)
	return &object{w: o.w, level: o.level + 1}
}

// text writes a string unless it is empty.
func (o *object) text(key, value string) {
	if value != "" {
		o.next(key)
		o.w.Write(table.AppendJSONString(nil, value))
	}
}

func (o *object) number(key string, value uint64) {
	o.next(key)
	o.w.WriteString(number(value))
}

// known writes a number that is never 0 when it is known.
func (o *object) known(key string, value uint64) {
	if value != 0 {
		o.number(key, value)
	}
}

func (o *object) flag(key string, value bool) {
	o.next(key)
	o.w.WriteString(strconv.FormatBool(value))
}

// writePairs is list --json.
func writePairs(w *bufio.Writer, pairs []veth.Pair) {
	array := begin(w, '[')
	for i := range pairs {
		o := array.nest("", '{')
		o.pair(&pairs[i])
		o.end('}')
	}
	array.end(']')
	w.WriteByte('\n')
}

// writeMade is add --json.
func writeMade(w *bufio.Writer, pair *veth.Pair) {
	o := begin(w, '{')
	o.pair(pair)
	o.end('}')
	w.WriteByte('\n')
}

// writeLink is show --json and peer --json.
func writeLink(w *bufio.Writer, pair *veth.Pair) {
	o := begin(w, '{')
	o.side(&pair.A)
	if pair.B != nil {
		o.sideObject("peer", pair.B)
	}
	o.end('}')
	w.WriteByte('\n')
}

// writeSides is stats --json.
func writeSides(w *bufio.Writer, pairs []veth.Pair) {
	array := begin(w, '[')
	for i := range pairs {
		array.sideObject("", &pairs[i].A)
	}
	array.end(']')
	w.WriteByte('\n')
}

func (o *object) pair(pair *veth.Pair) {
	o.sideObject("a", &pair.A)
	if pair.B != nil {
		o.sideObject("b", pair.B)
		return
	}
	o.next("b")
	o.w.WriteString("null")
}

func (o *object) sideObject(key string, side *veth.Side) {
	inner := o.nest(key, '{')
	inner.side(side)
	inner.end('}')
}

// side writes the members of one end.
func (o *object) side(s *veth.Side) {
	o.text("name", s.Name)
	o.known("ifindex", uint64(s.Index))
	o.netns(s)
	if s.Name == "" {
		return
	}
	o.flag("up", s.Flags&unix.IFF_UP != 0)
	o.flag("carrier", carrier(s))
	o.text("operstate", operState(s))
	o.known("mtu", uint64(s.MTU))
	o.text("mac", net.HardwareAddr(s.MAC).String())
	o.number("txqlen", uint64(s.TxQLen))
	if s.NS != nil {
		o.network(s)
	}
	o.text("master", master(s))
	o.text("alias", s.Alias)
	o.number("group", uint64(s.Group))
	if s.Stats != nil {
		o.stats(s.Stats)
	}
}

func (o *object) netns(s *veth.Side) {
	inner := o.nest("netns", '{')
	if s.Place == nil {
		inner.number("nsid", uint64(s.NSID))
	} else {
		inner.known("inode", s.Place.Inode)
		inner.known("pid", uint64(s.Place.PID))
		inner.text("path", s.Place.Path)
		inner.text("name", s.Place.Name)
		inner.flag("own", s.Place.Own)
	}
	inner.end('}')
}

// network writes addresses and routes.
func (o *object) network(s *veth.Side) {
	array := o.nest("addrs", '[')
	for _, addr := range s.Addrs {
		array.text("", addr.Prefix.String())
	}
	array.end(']')
	array = o.nest("routes", '[')
	for _, route := range s.Routes {
		r := array.nest("", '{')
		r.text("dst", route.Dst.String())
		if route.Gateway.IsValid() {
			r.text("gateway", route.Gateway.String())
		}
		r.known("metric", uint64(route.Metric))
		r.end('}')
	}
	array.end(']')
}

func (o *object) stats(s *veth.Stats) {
	inner := o.nest("stats", '{')
	for _, part := range []struct {
		name                            string
		bytes, packets, errors, dropped uint64
	}{
		{"rx", s.RxBytes, s.RxPackets, s.RxErrors, s.RxDropped},
		{"tx", s.TxBytes, s.TxPackets, s.TxErrors, s.TxDropped},
	} {
		way := inner.nest(part.name, '{')
		way.number("bytes", part.bytes)
		way.number("packets", part.packets)
		way.number("errors", part.errors)
		way.number("dropped", part.dropped)
		way.end('}')
	}
	inner.end('}')
}
