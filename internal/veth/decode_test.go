package veth

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// encoded is a header with attributes, as the kernel sends them.
func encoded(t testing.TB, header []byte, fill func(*netlink.AttributeEncoder)) []byte {
	t.Helper()
	attrs, err := rtnl.Attributes(fill)
	if err != nil {
		t.Fatal(err)
	}
	return append(header, attrs...)
}

func linkBody(t testing.TB) []byte {
	return encoded(t, linkHeader(5, unix.IFF_UP|unix.IFF_LOWER_UP, 0), func(ae *netlink.AttributeEncoder) {
		group, queue := uint32(7), uint32(1000)
		alias := "an alias"
		putAttrs(ae, "ve0", &Attrs{
			MTU: 1400, MAC: MAC{2, 0, 0, 0, 0, 1}, TxQLen: &queue, Queues: 2, Group: &group, Alias: &alias,
			Master: &Handle{Index: 3},
		})
		ae.Uint8(unix.IFLA_OPERSTATE, 6)
		ae.Uint8(unix.IFLA_CARRIER, 1)
		ae.Int32(unix.IFLA_LINK, 9)
		ae.Int32(unix.IFLA_LINK_NETNSID, 4)
		ae.Nested(unix.IFLA_LINKINFO, func(info *netlink.AttributeEncoder) error {
			info.String(unix.IFLA_INFO_KIND, "veth")
			return nil
		})
		counters := make([]byte, 8*12)
		for i := range 10 {
			counters[8*i] = byte(i + 1)
		}
		ae.Bytes(unix.IFLA_STATS64, counters)
	})
}

func TestParseLinkMessage(t *testing.T) {
	got, err := parseLink(linkBody(t))
	want := Link{
		Name: "ve0", Index: 5, Kind: "veth", Flags: unix.IFF_UP | unix.IFF_LOWER_UP, OperState: 6, Carrier: true, MTU: 1400,
		MAC: []byte{2, 0, 0, 0, 0, 1}, TxQLen: 1000, Queues: 2, Group: 7, Alias: "an alias", MasterIndex: 3, PeerIndex: 9, PeerNSID: 4,
		Stats: &Stats{1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Link{})); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestParseLinkRefuses(t *testing.T) {
	name := func(name string) func(*netlink.AttributeEncoder) {
		return func(ae *netlink.AttributeEncoder) { ae.String(unix.IFLA_IFNAME, name) }
	}
	whole := linkBody(t)
	for what, body := range map[string][]byte{
		"nothing":           nil,
		"half a header":     whole[:15],
		"no attributes":     whole[:16],
		"half an attribute": whole[:len(whole)-4],
		"no index":          encoded(t, linkHeader(0, 0, 0), name("x")),
		"negative index":    encoded(t, linkHeader(-1, 0, 0), name("x")),
		"long name":         encoded(t, linkHeader(1, 0, 0), name("abcdefghijklmnop")),
		"short number": encoded(t, linkHeader(1, 0, 0), func(ae *netlink.AttributeEncoder) {
			name("x")(ae)
			ae.Uint16(unix.IFLA_MTU, 1500)
		}),
		"short counters": encoded(t, linkHeader(1, 0, 0), func(ae *netlink.AttributeEncoder) {
			name("x")(ae)
			ae.Bytes(unix.IFLA_STATS64, make([]byte, 79))
		}),
	} {
		if link, err := parseLink(body); !errors.Is(err, rtnl.ErrMalformed) {
			t.Errorf("%s: %+v, %v", what, link, err)
		}
	}
}

// TestAddrRoundTrip decodes what the encoder writes for an address.
func TestAddrRoundTrip(t *testing.T) {
	for _, want := range []Addr{
		{Prefix: netip.MustParsePrefix("10.0.0.1/24"), Valid: Forever, Preferred: Forever},
		{Prefix: netip.MustParsePrefix("fd00::1/64"), Flags: unix.IFA_F_NODAD, Valid: Forever, Preferred: Forever},
		{
			Prefix: netip.MustParsePrefix("10.0.0.1/32"), Peer: netip.MustParseAddr("10.0.0.2"), Broadcast: netip.MustParseAddr("10.0.0.255"),
			Label: "ve0:1", Scope: unix.RT_SCOPE_LINK, Flags: unix.IFA_F_NOPREFIXROUTE, Metric: 50, Valid: 600, Preferred: 300,
		},
	} {
		m, err := encodeAddr(unix.RTM_NEWADDR, 0, &want, 5)
		if err != nil {
			t.Fatal(err)
		}
		got, index, err := parseAddrMessage(m.Data)
		if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{}, netip.Addr{}), cmpopts.IgnoreUnexported(Addr{})); diff != "" || index != 5 || err != nil {
			t.Errorf("index %d, %v\n%s", index, err, diff)
		}
	}
}

// TestRouteRoundTrip decodes what the encoder writes for a route.
func TestRouteRoundTrip(t *testing.T) {
	for _, want := range []Route{
		newRoute(RouteSpec{Dst: netip.MustParsePrefix("0.0.0.0/0"), Gateway: netip.MustParseAddr("10.0.0.1")}),
		newRoute(RouteSpec{Dst: netip.MustParsePrefix("fd00::/64")}),
		{Dst: netip.MustParsePrefix("10.1.0.0/16"), Gateway: netip.MustParseAddr("fe80::1"), Table: 1000, Metric: 9, Source: netip.MustParseAddr("10.0.0.9"),
			Flags: unix.RTNH_F_ONLINK, metrics: []byte{8, 0, 2, 0, 0x78, 5, 0, 0}},
	} {
		m, err := encodeRoute(unix.RTM_NEWROUTE, 0, &want, 5)
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseRouteMessage(m.Data)
		opts := cmp.Options{cmpopts.EquateComparable(netip.Prefix{}, netip.Addr{}), cmp.AllowUnexported(Route{})}
		if diff := cmp.Diff(want, got.Route, opts); diff != "" || err != nil || got.index != 5 || !got.unicast || !got.plain {
			t.Errorf("%+v, %v\n%s", got, err, diff)
		}
	}
}

// TestParseRouteFinal wants routes that cannot be made again by themselves to
// be told apart.
func TestParseRouteFinal(t *testing.T) {
	header := []byte{unix.AF_INET, 0, 0, 0, unix.RT_TABLE_MAIN, 0, 0, unix.RTN_UNICAST, 0, 0, 0, 0}
	for _, attr := range []uint16{unix.RTA_MULTIPATH, unix.RTA_ENCAP, rtaNextHop} {
		m, err := parseRouteMessage(encoded(t, slices.Clone(header), func(ae *netlink.AttributeEncoder) { ae.Bytes(attr, make([]byte, 8)) }))
		if err != nil || m.plain {
			t.Errorf("attribute %d: plain %v, %v", attr, m.plain, err)
		}
	}
}

// TestParseRouteHops finds the links of a route with several, and ends where a length is wrong.
func TestParseRouteHops(t *testing.T) {
	header := []byte{unix.AF_INET, 0, 0, 0, unix.RT_TABLE_MAIN, 0, 0, unix.RTN_UNICAST, 0, 0, 0, 0}
	hop := func(length uint16, index byte, more int) []byte {
		b := binary.NativeEndian.AppendUint16(nil, length)
		b = binary.NativeEndian.AppendUint32(append(b, 0, 0), uint32(index))
		return append(b, make([]byte, more)...)
	}
	for _, tt := range []struct {
		what  string
		hops  []byte
		links []int
	}{
		{"two", append(hop(16, 3, 8), hop(8, 4, 0)...), []int{3, 4}},
		{"no length", append(hop(0, 3, 0), hop(8, 4, 0)...), []int{3, 4}},
		{"too long", hop(99, 3, 8), []int{3}},
		{"cut", hop(8, 3, 7), []int{3}},
	} {
		m, err := parseRouteMessage(encoded(t, slices.Clone(header), func(ae *netlink.AttributeEncoder) { ae.Bytes(unix.RTA_MULTIPATH, tt.hops) }))
		if err != nil || !slices.Equal(m.hops, tt.links) || m.uses(5) || !m.uses(tt.links[0]) {
			t.Errorf("%s: %v, %v", tt.what, m.hops, err)
		}
	}
}

// TestParseLinkAllocates wants nothing of a link to be copied but what is kept: hosts have thousands.
func TestParseLinkAllocates(t *testing.T) {
	body := linkBody(t)
	for range 40 { // what nobody reads
		body = append(body, encoded(t, nil, func(ae *netlink.AttributeEncoder) { ae.Bytes(unix.IFLA_MAP, make([]byte, 32)) })...)
	}
	allocations := testing.AllocsPerRun(10, func() {
		if _, err := parseLink(body); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 10 {
		t.Errorf("%v allocations for a link", allocations)
	}
}

// The fuzz targets want the parsers neither to panic nor to let anything
// through that the rest of the package does not expect.

func FuzzParseLink(f *testing.F) {
	f.Add(linkBody(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		link, err := parseLink(b)
		if err == nil && (link.Index <= 0 || link.Name == "" || len(link.Name) > maxName || link.PeerIndex < 0) {
			t.Errorf("accepted %+v", link)
		}
	})
}

func FuzzParseAddr(f *testing.F) {
	for _, text := range []string{"10.0.0.1/24", "fd00::1/64"} {
		addr := newAddr(netip.MustParsePrefix(text), false)
		m, err := encodeAddr(unix.RTM_NEWADDR, 0, &addr, 5)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(m.Data)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		addr, index, err := parseAddrMessage(b)
		if err != nil {
			return
		}
		if index <= 0 || !addr.Prefix.IsValid() {
			t.Errorf("accepted %+v of link %d", addr, index)
		}
		if _, err := encodeAddr(unix.RTM_NEWADDR, 0, &addr, index); err != nil {
			t.Errorf("cannot be added again: %v", err)
		}
	})
}

func FuzzParseRoute(f *testing.F) {
	route := newRoute(RouteSpec{Dst: netip.MustParsePrefix("0.0.0.0/0"), Gateway: netip.MustParseAddr("10.0.0.1")})
	m, err := encodeRoute(unix.RTM_NEWROUTE, 0, &route, 5)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(m.Data)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseRouteMessage(b)
		if err != nil {
			return
		}
		if !m.Dst.IsValid() {
			t.Errorf("accepted %+v", m)
		}
		if _, err := encodeRoute(unix.RTM_NEWROUTE, 0, &m.Route, m.index); err != nil {
			t.Errorf("cannot be added again: %v", err)
		}
	})
}

// FuzzParseEnd wants what is accepted to be read back the same.
func FuzzParseEnd(f *testing.F) {
	f.Add("pid:42@7:eth0,addr=10.0.0.1/24,gw=10.0.0.2,up")
	f.Add("/run/netns/x:a,route=fd00::/64@fe80::1,mac=02:00:00:00:00:01,noaddr")
	f.Fuzz(func(t *testing.T, text string) {
		end, err := ParseEnd(text)
		if err != nil {
			return
		}
		again, err := ParseLink(end.String())
		if err != nil || again.NS != end.NS || again.Name != end.Name {
			t.Errorf("%q is written %q, which is %+v, %v", text, end, again, err)
		}
	})
}
