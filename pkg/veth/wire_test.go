package veth

import (
	"errors"
	"testing"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// script is a socket that answers what it is told to.
type script struct {
	conn    // nil: what is not overridden must not be called
	answers [][]netlink.Message
	errs    []error
	sent    []netlink.Message
}

func (s *script) Send(m netlink.Message) (netlink.Message, error) {
	m.Header.Sequence, m.Header.PID = 7, 8
	s.sent = append(s.sent, m)
	return m, nil
}

func (s *script) Receive() ([]netlink.Message, error) {
	if len(s.answers) == 0 {
		return nil, errors.New("nothing more to receive")
	}
	answer, err := s.answers[0], error(nil)
	s.answers = s.answers[1:]
	if len(s.errs) > 0 {
		err, s.errs = s.errs[0], s.errs[1:]
	}
	return answer, err
}

func (s *script) SetReadDeadline(time.Time) error { return nil }

func reply(kind netlink.HeaderType, flags netlink.HeaderFlags) netlink.Message {
	return netlink.Message{Header: netlink.Header{Type: kind, Flags: flags, Sequence: 7, PID: 8}}
}

func TestExchange(t *testing.T) {
	ack := reply(netlink.Error, 0)
	echo := reply(unix.RTM_NEWLINK, 0)
	stale, stranger := echo, echo
	stale.Header.Sequence, stranger.Header.PID = 6, 9
	for _, tt := range []struct {
		name    string
		answers [][]netlink.Message
		replies int
		err     error
	}{
		{name: "only acknowledged", answers: [][]netlink.Message{{ack}}},
		{name: "echo, then acknowledged", answers: [][]netlink.Message{{echo}, {ack}}, replies: 1},
		{name: "both at once", answers: [][]netlink.Message{{echo, ack}}, replies: 1},
		{name: "answer to an earlier request", answers: [][]netlink.Message{{stale}, {ack}}, err: errForeign},
		{name: "answer to somebody else", answers: [][]netlink.Message{{stranger}, {ack}}, err: errForeign},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &script{answers: tt.answers}
			replies, err := exchange(s, netlink.Message{})
			if len(replies) != tt.replies || !errors.Is(err, tt.err) {
				t.Errorf("%d replies, %v", len(replies), err)
			}
			if want := netlink.Request | netlink.Acknowledge; s.sent[0].Header.Flags != want {
				t.Errorf("sent with flags %v", s.sent[0].Header.Flags)
			}
		})
	}
}

func TestRefusalOfAnother(t *testing.T) {
	for sequence, want := range map[uint32]error{7: unix.EPERM, 6: errForeign} {
		for name, ask := range map[string]func(conn, netlink.Message) ([]netlink.Message, error){"exchange": exchange, "dump": dump} {
			refused := &netlink.OpError{Op: "receive", Err: unix.EPERM, Sequence: sequence}
			s := &script{answers: [][]netlink.Message{nil}, errs: []error{refused}}
			if _, err := ask(s, netlink.Message{}); !errors.Is(err, want) {
				t.Errorf("%s: request 7, refusal of %d: %v", name, sequence, err)
			}
		}
	}
}

func TestDump(t *testing.T) {
	part := []netlink.Message{reply(unix.RTM_NEWLINK, netlink.Multi)}
	torn := []netlink.Message{reply(unix.RTM_NEWLINK, netlink.Multi), reply(unix.RTM_NEWLINK, netlink.Multi|netlink.DumpInterrupted)}
	stranger := []netlink.Message{{Header: netlink.Header{Sequence: 7, PID: 9}}}
	endless := make([][]netlink.Message, 2*dumpTries)
	for i := range endless {
		endless[i] = torn
	}
	for _, tt := range []struct {
		name    string
		answers [][]netlink.Message
		sent    int
		replies int
		err     error
	}{
		{name: "whole", answers: [][]netlink.Message{part}, sent: 1, replies: 1},
		{name: "interrupted twice", answers: [][]netlink.Message{torn, torn, part}, sent: 3, replies: 1},
		{name: "interrupted for ever", answers: endless, sent: dumpTries, err: errInterrupted},
		{name: "somebody else's", answers: [][]netlink.Message{stranger}, sent: 1, err: errForeign},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &script{answers: tt.answers}
			replies, err := dump(s, netlink.Message{})
			if len(replies) != tt.replies || len(s.sent) != tt.sent || !errors.Is(err, tt.err) {
				t.Errorf("%d replies to %d requests, %v", len(replies), len(s.sent), err)
			}
		})
	}
}

// TestListen wants a full socket buffer, which loses notifications, to be a
// reason to look again and not a failure.
func TestListen(t *testing.T) {
	full := &netlink.OpError{Op: "receive", Err: unix.ENOBUFS}
	if err := listen(&script{answers: [][]netlink.Message{nil}, errs: []error{full}}); err != nil {
		t.Errorf("ENOBUFS ends the wait: %v", err)
	}
	if err := listen(&script{answers: [][]netlink.Message{nil}, errs: []error{unix.EBADF}}); !errors.Is(err, unix.EBADF) {
		t.Errorf("%v, want EBADF", err)
	}
}

func TestOnlyLinkWantsALink(t *testing.T) {
	if _, err := onlyLink([]netlink.Message{reply(unix.RTM_NEWADDR, 0)}); !errors.Is(err, errForeign) {
		t.Errorf("%v, want %v", err, errForeign)
	}
	if _, err := onlyLink([]netlink.Message{reply(unix.RTM_NEWLINK, 0)}); !errors.Is(err, errMalformed) {
		t.Errorf("%v, want %v", err, errMalformed)
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
