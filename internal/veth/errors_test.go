package veth

import (
	"errors"
	"testing"
	"time"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// failing is a connection on which nothing comes but an error.
type failing struct {
	conn // nil: nothing else is called
	err  error
}

func (f failing) Receive() ([]netlink.Message, error) { return nil, f.err }

func (f failing) SetReadDeadline(time.Time) error { return nil }

func reply(kind netlink.HeaderType, flags netlink.HeaderFlags) netlink.Message {
	return netlink.Message{Header: netlink.Header{Type: kind, Flags: flags, Sequence: 7, PID: 8}}
}

// TestListen wants a full socket buffer, which loses notifications, to be a
// reason to look again and not a failure.
func TestListen(t *testing.T) {
	full := &netlink.OpError{Op: "receive", Err: unix.ENOBUFS}
	if err := listen(failing{err: full}); err != nil {
		t.Errorf("ENOBUFS ends the wait: %v", err)
	}
	if err := listen(failing{err: unix.EBADF}); !errors.Is(err, unix.EBADF) {
		t.Errorf("%v, want EBADF", err)
	}
}

func TestOnlyLinkWantsALink(t *testing.T) {
	if _, err := onlyLink([]netlink.Message{reply(unix.RTM_NEWADDR, 0)}); !errors.Is(err, rtnl.ErrForeign) {
		t.Errorf("%v, want %v", err, rtnl.ErrForeign)
	}
	if _, err := onlyLink([]netlink.Message{reply(unix.RTM_NEWLINK, 0)}); !errors.Is(err, rtnl.ErrMalformed) {
		t.Errorf("%v, want %v", err, rtnl.ErrMalformed)
	}
}

func TestErrorTexts(t *testing.T) {
	acked := &netlink.OpError{Op: "receive", Err: unix.EINVAL, Message: "Invalid prefix length"}
	for _, tt := range []struct {
		err  error
		text string
		kind Kind
	}{
		{refused("eth0", "cannot add it", acked), "eth0: cannot add it: Invalid prefix length (Invalid argument)", Failed},
		{refused("eth0", "cannot add it", &netlink.OpError{Err: unix.EPERM}), "eth0: cannot add it: Operation not permitted", Denied},
		{refused("", "cannot", unix.EEXIST), "cannot: File exists", Exists},
		{lookupError("x:eth0", &netlink.OpError{Err: unix.ENODEV}), "x:eth0: no such link", NotFound},
		{waitError("eth0", "carrier", unix.ENOMEM), "eth0: cannot wait for carrier: Cannot allocate memory", Failed},
	} {
		if tt.err.Error() != tt.text || KindOf(tt.err) != tt.kind {
			t.Errorf("%q of kind %d, want %q of kind %d", tt.err, KindOf(tt.err), tt.text, tt.kind)
		}
	}
}
