package rtnl

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// script is a socket that answers what it is told to.
type script struct {
	Conn    // nil: what is not overridden must not be called
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

func answer(kind netlink.HeaderType, flags netlink.HeaderFlags) netlink.Message {
	return netlink.Message{Header: netlink.Header{Type: kind, Flags: flags, Sequence: 7, PID: 8}}
}

func TestAsk(t *testing.T) {
	ack := answer(netlink.Error, 0)
	echo := answer(unix.RTM_NEWLINK, 0)
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
		{name: "answer to an earlier request", answers: [][]netlink.Message{{stale}, {ack}}, err: ErrForeign},
		{name: "answer to somebody else", answers: [][]netlink.Message{{stranger}, {ack}}, err: ErrForeign},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &script{answers: tt.answers}
			replies, err := Ask(s, netlink.Message{})
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
	for sequence, want := range map[uint32]error{7: unix.EPERM, 6: ErrForeign} {
		for name, ask := range map[string]func(Conn, netlink.Message) ([]netlink.Message, error){"Ask": Ask, "List": List} {
			refused := &netlink.OpError{Op: "receive", Err: unix.EPERM, Sequence: sequence}
			s := &script{answers: [][]netlink.Message{nil}, errs: []error{refused}}
			if _, err := ask(s, netlink.Message{}); !errors.Is(err, want) {
				t.Errorf("%s: request 7, refusal of %d: %v", name, sequence, err)
			}
		}
	}
}

func TestList(t *testing.T) {
	part := []netlink.Message{answer(unix.RTM_NEWLINK, netlink.Multi)}
	torn := []netlink.Message{answer(unix.RTM_NEWLINK, netlink.Multi), answer(unix.RTM_NEWLINK, netlink.Multi|netlink.DumpInterrupted)}
	stranger := []netlink.Message{{Header: netlink.Header{Sequence: 7, PID: 9}}}
	endless := make([][]netlink.Message, 2*listTries)
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
		{name: "interrupted for ever", answers: endless, sent: listTries, err: ErrInterrupted},
		{name: "somebody else's", answers: [][]netlink.Message{stranger}, sent: 1, err: ErrForeign},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &script{answers: tt.answers}
			replies, err := List(s, netlink.Message{})
			if len(replies) != tt.replies || len(s.sent) != tt.sent || !errors.Is(err, tt.err) {
				t.Errorf("%d replies to %d requests, %v", len(replies), len(s.sent), err)
			}
		})
	}
}

// TestPassing has the kernel refuse thrice what it then does, for every reason
// that may pass, and a refusal for good reported at once.
func TestPassing(t *testing.T) {
	ack, list := answer(netlink.Error, 0), answer(unix.RTM_NEWLINK, netlink.Multi)
	for _, errno := range []unix.Errno{unix.EINTR, unix.EAGAIN, unix.ENOBUFS, unix.EBUSY} {
		refused := &netlink.OpError{Op: "receive", Err: errno, Sequence: 7}
		for name, ask := range map[string]func(Conn, netlink.Message) ([]netlink.Message, error){"Ask": Ask, "List": List} {
			last := ack
			if name == "List" {
				last = list
			}
			s := &script{answers: [][]netlink.Message{nil, nil, nil, {last}}, errs: []error{refused, refused, refused}}
			if _, err := ask(s, netlink.Message{}); err != nil || len(s.sent) != 4 {
				t.Errorf("%s, %v: %d requests, %v", name, errno, len(s.sent), err)
			}
		}
		lost := &script{answers: [][]netlink.Message{nil, {ack}}, errs: []error{&netlink.OpError{Op: "receive", Err: errno}}}
		if _, err := Ask(lost, netlink.Message{}); !errors.Is(err, errno) || len(lost.sent) != 1 {
			t.Errorf("%v: a request whose answer was lost was sent %d times, %v", errno, len(lost.sent), err)
		}
	}
	refused := &netlink.OpError{Op: "receive", Err: unix.EPERM, Sequence: 7}
	s := &script{answers: [][]netlink.Message{nil, {ack}}, errs: []error{refused}}
	if _, err := Ask(s, netlink.Message{}); !errors.Is(err, unix.EPERM) || len(s.sent) != 1 {
		t.Errorf("EPERM: %d requests, %v", len(s.sent), err)
	}
}

func TestWalk(t *testing.T) {
	attr := func(length, kind uint16, value ...byte) []byte {
		b := binary.NativeEndian.AppendUint16(nil, length)
		return append(binary.NativeEndian.AppendUint16(b, kind), value...)
	}
	for _, tt := range []struct {
		what string
		b    []byte
		want string
		err  error
	}{
		{what: "none"},
		{what: "padded", b: append(attr(5, 1, 'a', 0, 0, 0), attr(6, 2, 'b', 'c')...), want: "1:a 2:bc "},
		{what: "empty", b: attr(4, 3), want: "3: "},
		{what: "nested and in network order", b: attr(5, unix.NLA_F_NESTED|unix.NLA_F_NET_BYTEORDER|7, 'x'), want: "7:x "},
		{what: "no header", b: append(attr(4, 1), 4, 0), want: "1: ", err: ErrMalformed},
		{what: "no length", b: attr(0, 1), err: ErrMalformed},
		{what: "shorter than its header", b: attr(3, 1), err: ErrMalformed},
		{what: "longer than the rest", b: attr(9, 1, 1, 2, 3, 4), err: ErrMalformed},
		{what: "refused", b: append(attr(5, 9, 'a', 0, 0, 0), attr(4, 1)...), want: "9:a ", err: ErrForeign},
	} {
		got := ""
		err := Walk(tt.b, func(kind uint16, value []byte) error {
			got += fmt.Sprintf("%d:%s ", kind, value)
			if kind == 9 {
				return ErrForeign
			}
			return nil
		})
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s: %q, %v; want %q, %v", tt.what, got, err, tt.want, tt.err)
		}
	}
}
