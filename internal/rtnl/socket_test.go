package rtnl

import (
	"errors"
	"slices"
	"testing"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// datagram puts messages behind one another as the kernel does.
func datagram(t testing.TB, messages ...netlink.Message) []byte {
	t.Helper()
	var all []byte
	for _, m := range messages {
		m.Header.Length = uint32(unix.SizeofNlMsghdr + len(m.Data))
		padded := m
		padded.Data = append(slices.Clone(m.Data), make([]byte, -len(m.Data)&3)...)
		padded.Header.Length = uint32(unix.SizeofNlMsghdr + len(padded.Data))
		b, err := padded.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		b[0], b[1] = byte(m.Header.Length), byte(m.Header.Length>>8)
		all = append(all, b...)
	}
	return all
}

// splitMessages is split into a list.
func splitMessages(datagram []byte) (all []netlink.Message, err error) {
	split(aligned(datagram), func(m netlink.Message, e error) bool {
		all, err = append(all, m), e
		return e == nil
	})
	return all, err
}

func TestSplitMessages(t *testing.T) {
	first := netlink.Message{Header: netlink.Header{Type: 16, Flags: 2, Sequence: 3, PID: 4}, Data: []byte{1, 2, 3, 4, 5}}
	second := netlink.Message{Header: netlink.Header{Type: 17}, Data: []byte{6}}
	whole := datagram(t, first, second)
	got, err := splitMessages(whole)
	if err != nil || len(got) != 2 || got[0].Header.Sequence != 3 || got[0].Header.PID != 4 ||
		!slices.Equal(got[0].Data, first.Data) || !slices.Equal(got[1].Data, second.Data) {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, length := range []int{1, 15, 18, 24 + 15, 24 + 16} {
		if _, err := splitMessages(whole[:length]); !errors.Is(err, ErrMalformed) {
			t.Errorf("cut to %d bytes: %v", length, err)
		}
	}
	short := slices.Clone(whole)
	short[0] = 15
	if _, err := splitMessages(short); !errors.Is(err, ErrMalformed) {
		t.Errorf("a length of 15: %v", err)
	}
}

func FuzzSplitMessages(f *testing.F) {
	f.Add(datagram(f, netlink.Message{Data: []byte{1}}, netlink.Message{Data: []byte{1, 2, 3, 4}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		messages, err := splitMessages(b)
		total := 0
		for _, m := range messages {
			total += unix.SizeofNlMsghdr + len(m.Data)
		}
		if err == nil && total > len(b) {
			t.Errorf("%d bytes out of %d", total, len(b))
		}
	})
}
