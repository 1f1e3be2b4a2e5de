package veth

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// oldKernel answers as kernels before 6.2 do: without an echo of the link that
// was made, and with EBUSY to a new name for a link that is up.
type oldKernel struct {
	conn
	busy bool
}

func (k *oldKernel) Send(m netlink.Message) (netlink.Message, error) {
	name := m.Header.Type == unix.RTM_NEWLINK && m.Header.Flags&netlink.Create == 0 &&
		len(m.Data) > linkHeaderLen+2 && m.Data[linkHeaderLen+2] == unix.IFLA_IFNAME
	if k.busy = name && k.up(int(binary.NativeEndian.Uint32(m.Data[4:]))); k.busy {
		m.Header.Sequence = 1
		return m, nil
	}
	m.Header.Flags &^= netlink.Echo
	return k.conn.Send(m)
}

func (k *oldKernel) up(index int) bool {
	m, err := encodeGetLink(index, "", rtnl.NoNSID)
	if err != nil {
		return false
	}
	replies, err := rtnl.Ask(k.conn, m)
	if err != nil {
		return false
	}
	link, err := onlyLink(replies)
	return err == nil && link.Flags&unix.IFF_UP != 0
}

func (k *oldKernel) Receive() ([]netlink.Message, error) {
	if k.busy {
		return nil, &netlink.OpError{Op: "receive", Err: unix.EBUSY, Sequence: 1}
	}
	return k.conn.Receive()
}

func TestOldKernel(t *testing.T) {
	a, b := newNetNS(t), newNetNS(t)
	s := newSession(t)
	defer s.Close()
	s.wrap = func(c conn) conn { return &oldKernel{conn: c} }
	for _, names := range [][2]string{{"x0", "x1"}, {"auto", "auto"}, {"y%d", "z9"}} {
		plan, err := s.Add(&AddSpec{A: endIn(t, a, names[0]+",addr=10.0.0.1/24"), B: endIn(t, b, names[1]), Bridge: endIn(t, a, "br0")}, MustBeNew, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range plan.Ends {
			if h.Index == 0 || isTemplate(h.Name) {
				t.Errorf("%v: end %+v", names, h)
			}
		}
	}
}

// TestOldRename renames a link that is up, and takes that back.
func TestOldRename(t *testing.T) {
	a, b := newNetNS(t), newNetNS(t)
	lay(t, a, b)
	s := newSession(t)
	defer s.Close()
	s.wrap = func(c conn) conn { return &oldKernel{conn: c} }
	before := picture(t, a, b)
	mark := s.Mark()
	plan, err := s.PlanMove(endIn(t, a, "old0"), a, "very0", false)
	if err == nil && len(plan.Steps[0].IfBusy) > 1 {
		plan.Steps[0].IfBusy[1].lost = []string{"next hop 7"}
	}
	if err := run(s, plan, err); err != nil {
		t.Fatal(err)
	}
	if lost := s.Lost(); len(lost) != 1 || !strings.HasSuffix(lost[0], ":very0: next hop 7") {
		t.Errorf("lost: %q", lost)
	}
	if _, err := s.Look(endIn(t, a, "very0")); err != nil {
		t.Error(err)
	}
	plan, err = s.PlanRename(endIn(t, a, "very0"), "old0")
	if err := run(s, plan, err); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, picture(t, a, b)); diff != "" {
		t.Error("there and back:\n" + diff)
	}
	if err := s.Rollback(mark); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, picture(t, a, b)); diff != "" {
		t.Error("taken back:\n" + diff)
	}
	taken, err := s.PlanRename(endIn(t, a, "old0"), "lo")
	if err == nil {
		taken.Steps[0].IfBusy[0].lost = []string{"next hop 7"}
	}
	if err := run(s, taken, err); KindOf(err) != Exists {
		t.Errorf("a name that is taken: %v", err)
	}
	if lost := s.Lost(); len(lost) > 0 {
		t.Errorf("what was rolled back has lost %q", lost)
	}
	if diff := cmp.Diff(before, picture(t, a, b)); diff != "" {
		t.Error("a name that is taken:\n" + diff)
	}
}
