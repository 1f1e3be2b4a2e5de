package veth

import (
	"testing"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// oldKernel answers as kernels before 6.2 do: without an echo of the link that
// was made, and with EBUSY to a new name for a link that is up.
type oldKernel struct {
	conn
	rename, busy bool
}

func (k *oldKernel) Send(m netlink.Message) (netlink.Message, error) {
	name := m.Header.Type == unix.RTM_NEWLINK && m.Header.Flags&netlink.Create == 0 &&
		len(m.Data) > linkHeaderLen+2 && m.Data[linkHeaderLen+2] == unix.IFLA_IFNAME
	k.busy = name && !k.rename
	k.rename = k.rename || name
	if k.busy {
		m.Header.Sequence = 1
		return m, nil
	}
	m.Header.Flags &^= netlink.Echo
	return k.conn.Send(m)
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
	if _, err := s.Rename(endIn(t, a, "x0"), "renamed"); err != nil {
		t.Fatal(err)
	}
	st, err := s.Look(endIn(t, a, "renamed"))
	if err != nil || st.admin() != Up || len(st.Addrs) == 0 || st.Addrs[0].Prefix.String() != "10.0.0.1/24" {
		t.Errorf("%+v, %v", st, err)
	}
}
