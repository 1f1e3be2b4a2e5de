package vethctl

import (
	"bufio"
	"net"
	"strconv"

	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/veth"
	"golang.org/x/sys/unix"
)

// object writes JSON that is no rows of cells. A value that is unknown is left
// out rather than written as nothing.
type object struct{ *table.JSONWriter }

// text writes a string unless it is empty.
func (o object) text(key, value string) {
	if value != "" {
		o.Text(key, value)
	}
}

func (o object) number(key string, value uint64) { o.Bare(key, number(value)) }

// known writes a number that is never 0 when it is known.
func (o object) known(key string, value uint64) {
	if value != 0 {
		o.number(key, value)
	}
}

func (o object) flag(key string, value bool) { o.Bare(key, strconv.FormatBool(value)) }

// writePairs is list --json.
func writePairs(w *bufio.Writer, pairs []veth.Pair) {
	o := object{table.NewJSON(w)}
	o.Array("", func() {
		for i := range pairs {
			o.Object("", func() { o.pair(&pairs[i]) })
		}
	})
	o.End()
}

// writeMade is add --json.
func writeMade(w *bufio.Writer, pair *veth.Pair) {
	o := object{table.NewJSON(w)}
	o.Object("", func() { o.pair(pair) })
	o.End()
}

// writeLink is show --json and peer --json.
func writeLink(w *bufio.Writer, pair *veth.Pair) {
	o := object{table.NewJSON(w)}
	o.Object("", func() {
		o.side(&pair.A)
		if pair.B != nil {
			o.Object("peer", func() { o.side(pair.B) })
		}
	})
	o.End()
}

// writeSides is stats --json.
func writeSides(w *bufio.Writer, pairs []veth.Pair) {
	o := object{table.NewJSON(w)}
	o.Array("", func() {
		for i := range pairs {
			o.Object("", func() { o.side(&pairs[i].A) })
		}
	})
	o.End()
}

func (o object) pair(pair *veth.Pair) {
	o.Object("a", func() { o.side(&pair.A) })
	if pair.B == nil {
		o.Bare("b", "null")
		return
	}
	o.Object("b", func() { o.side(pair.B) })
}

// side writes the members of one endpoint.
func (o object) side(s *veth.Side) {
	o.text("name", s.Name)
	o.known("ifindex", uint64(s.Index))
	o.Object("netns", func() { o.netns(s) })
	if s.Name == "" {
		return
	}
	o.text("kind", s.Kind)
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
		o.Object("stats", func() { o.stats(s.Stats) })
	}
}

func (o object) netns(s *veth.Side) {
	if s.Place == nil {
		o.number("nsid", uint64(s.NSID))
		return
	}
	o.known("inode", s.Place.Inode)
	o.known("pid", uint64(s.Place.PID))
	o.text("path", s.Place.Path)
	o.text("name", s.Place.Name)
	o.text("container", s.Place.Container)
	o.flag("own", s.Place.Own)
	if s.NSAge != 0 {
		o.held(s)
	}
}

// network writes addresses and routes.
func (o object) network(s *veth.Side) {
	o.Array("addrs", func() {
		for _, addr := range s.Addrs {
			o.Text("", addr.Prefix.String())
		}
	})
	o.Array("routes", func() {
		for _, route := range s.Routes {
			o.Object("", func() {
				o.text("dst", route.Dst.String())
				if route.Gateway.IsValid() {
					o.text("gateway", route.Gateway.String())
				}
				o.known("metric", uint64(route.Metric))
			})
		}
	})
}

func (o object) stats(s *veth.Stats) {
	for _, part := range []struct {
		name                            string
		bytes, packets, errors, dropped uint64
	}{
		{"rx", s.RxBytes, s.RxPackets, s.RxErrors, s.RxDropped},
		{"tx", s.TxBytes, s.TxPackets, s.TxErrors, s.TxDropped},
	} {
		o.Object(part.name, func() {
			o.number("bytes", part.bytes)
			o.number("packets", part.packets)
			o.number("errors", part.errors)
			o.number("dropped", part.dropped)
		})
	}
}
