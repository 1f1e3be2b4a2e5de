package veth

import (
	"bytes"
	"testing"

	"github.com/mdlayher/netlink"
)

// netkit is a kernel whose veths are netkits.
type netkit struct{ conn }

// Send makes a veth where a netkit is asked for; what is netkit's own no veth looks at.
func (k *netkit) Send(m netlink.Message) (netlink.Message, error) {
	m.Data = bytes.Replace(m.Data, []byte("\x0b\x00\x01\x00netkit\x00\x00"), []byte("\x09\x00\x01\x00veth\x00\x00\x00\x00"), 1)
	return k.conn.Send(m)
}

func (k *netkit) Receive() ([]netlink.Message, error) {
	replies, err := k.conn.Receive()
	for i := range replies {
		// The name has seven bytes with its end, which the padding has room for.
		kind := []byte("\x09\x00\x01\x00veth\x00\x00\x00\x00")
		if at := bytes.Index(replies[i].Data, kind); at >= 0 {
			copy(replies[i].Data[at:], "\x0b\x00\x01\x00netkit\x00\x00")
		}
	}
	return replies, err
}

// TestNetkit wants netkit pairs to be listed, resolved and deleted as veths are.
func TestNetkit(t *testing.T) {
	a, b := newNetNS(t), newNetNS(t)
	s := newSession(t)
	defer s.Close()
	s.wrap = func(c conn) conn { return &netkit{c} }
	if _, err := s.Add(&AddSpec{A: endIn(t, a, "x0,addr=10.0.0.1/24"), B: endIn(t, b, "x1")}, MustBeNew, 0); err != nil {
		t.Fatal(err)
	}
	pair, err := s.Peer(endIn(t, a, "x0"), Wants{Addrs: true})
	if err != nil || pair.A.Kind != "netkit" || pair.B == nil || pair.B.Name != "x1" || pair.B.Place == nil || len(pair.A.Addrs) == 0 {
		t.Errorf("peer: %+v, %v", pair, err)
	}
	pairs, err := s.List(Wants{})
	listed := 0
	for _, p := range pairs {
		if p.A.Place == nil || pair.A.Place == nil || p.A.Place.Inode != pair.A.Place.Inode && (pair.B == nil || p.A.Place.Inode != pair.B.Place.Inode) {
			continue // another test's
		}
		if p.B != nil && p.A.Kind == "netkit" && p.A.Name+p.B.Name == "x0x1" || p.B != nil && p.A.Name+p.B.Name == "x1x0" {
			listed++
		}
	}
	if err != nil || listed != 1 {
		t.Errorf("listed %d times, %v", listed, err)
	}
	if plan, err := s.PlanSet(endIn(t, a, "x0,mtu=1400"), true); err != nil || s.Run(plan) != nil {
		t.Errorf("set: %v", err)
	}
	plan, err := s.PlanDelete(endIn(t, b, "x1"), false)
	if err != nil || s.Run(plan) != nil || !plan.Final {
		t.Errorf("delete: %v", err)
	}
}
