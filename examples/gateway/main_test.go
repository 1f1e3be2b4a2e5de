//go:build linux

package main

import (
	"net/netip"
	"testing"

	"github.com/nskit/nskit/pkg/nstest"
	"github.com/nskit/nskit/pkg/veth"
)

// TestFind has a network of its own: what it makes is gone with it, and the host's
// routes do not matter.
func TestFind(t *testing.T) {
	nstest.Run(t, nstest.Net, func(t *testing.T) {
		if _, _, err := find(); err == nil {
			t.Fatal("there is a gateway already")
		}
		local := veth.Endpoint{Name: "eth0", Addrs: []netip.Prefix{netip.MustParsePrefix("192.0.2.2/24")}, Gateways: []netip.Addr{netip.MustParseAddr("192.0.2.1")}}
		if _, err := veth.Add(t.Context(), veth.Spec{A: local, B: veth.Endpoint{Name: "far"}}); err != nil {
			t.Fatal(err)
		}
		gateway, device, err := find()
		if gateway.String() != "192.0.2.1" || device != "eth0" || err != nil {
			t.Error(gateway, device, err)
		}
	})
}
