package veth

import (
	"encoding/binary"
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
		if _, err := splitMessages(whole[:length]); !errors.Is(err, errMalformed) {
			t.Errorf("cut to %d bytes: %v", length, err)
		}
	}
	short := slices.Clone(whole)
	short[0] = 15
	if _, err := splitMessages(short); !errors.Is(err, errMalformed) {
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

// acknowledgement is what the kernel answers to a request, with a text unless
// that is empty.
func acknowledgement(t testing.TB, errno int32, flags netlink.HeaderFlags, text string) netlink.Message {
	t.Helper()
	data := binary.NativeEndian.AppendUint32(nil, uint32(errno))
	request := linkHeader(3, 0, 0)
	data = append(data, datagram(t, netlink.Message{Data: request})[:unix.SizeofNlMsghdr]...)
	if flags&netlink.Capped == 0 {
		data = append(data, request...)
	}
	attrs, err := encodeAttrs(func(ae *netlink.AttributeEncoder) {
		ae.Uint32(2, 5)
		ae.String(unix.NLMSGERR_ATTR_MSG, text)
	})
	if err != nil {
		t.Fatal(err)
	}
	if text != "" {
		data, flags = append(data, attrs...), flags|netlink.AcknowledgeTLVs
	}
	return netlink.Message{Header: netlink.Header{Type: netlink.Error, Flags: flags, Sequence: 9}, Data: data}
}

func TestRefusal(t *testing.T) {
	if err := refusal(&netlink.Message{Header: netlink.Header{Type: unix.RTM_NEWLINK}}); err != nil {
		t.Errorf("an answer: %v", err)
	}
	done := netlink.Message{Header: netlink.Header{Type: netlink.Done, Flags: netlink.Multi}}
	ack := acknowledgement(t, 0, 0, "")
	for _, m := range []netlink.Message{done, ack} {
		if err := refusal(&m); err != nil {
			t.Errorf("%+v: %v", m, err)
		}
	}
	for _, flags := range []netlink.HeaderFlags{0, netlink.Capped} {
		for _, text := range []string{"", "no such thing"} {
			m := acknowledgement(t, -int32(unix.EINVAL), flags, text)
			var op *netlink.OpError
			if err := refusal(&m); !errors.As(err, &op) || op.Err != unix.EINVAL || op.Message != text || op.Sequence != 9 {
				t.Errorf("flags %v, text %q: %v", flags, text, err)
			}
		}
	}
	done.Data = binary.NativeEndian.AppendUint32(nil, ^uint32(unix.EINTR)+1)
	if err := refusal(&done); !errors.Is(err, unix.EINTR) {
		t.Errorf("a list that failed: %v", err)
	}
	ack.Data = ack.Data[:3]
	if err := refusal(&ack); !errors.Is(err, errMalformed) {
		t.Errorf("cut: %v", err)
	}
}

// FuzzRefusal wants an acknowledgement of whatever bytes to be an error or none,
// and the kernel's number to come through.
func FuzzRefusal(f *testing.F) {
	for _, flags := range []netlink.HeaderFlags{0, netlink.Capped} {
		m := acknowledgement(f, -int32(unix.EEXIST), flags, "taken")
		f.Add(m.Data, uint16(m.Header.Flags), true)
		f.Add(m.Data, uint16(m.Header.Flags), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, flags uint16, isError bool) {
		m := netlink.Message{Header: netlink.Header{Type: netlink.Done, Flags: netlink.HeaderFlags(flags), Sequence: 1}, Data: data}
		if isError {
			m.Header.Type = netlink.Error
		}
		err := refusal(&m)
		if len(data) >= errnoLen && (err == nil) != (binary.NativeEndian.Uint32(data) == 0) {
			t.Errorf("%x: %v", data, err)
		}
	})
}
