package rtnl

import (
	"errors"
	"testing"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// encoded is a header with attributes behind it.
func encoded(t testing.TB, header []byte, fill func(*netlink.AttributeEncoder)) []byte {
	t.Helper()
	attrs, err := Attributes(fill)
	if err != nil {
		t.Fatal(err)
	}
	return append(header, attrs...)
}

func TestParseNSID(t *testing.T) {
	body := func(typ uint16, n int32) []byte {
		return encoded(t, make([]byte, 4), func(ae *netlink.AttributeEncoder) { ae.Int32(typ, n) })
	}
	for _, tt := range []struct {
		name string
		body []byte
		want int
		err  error
	}{
		{"number", body(unix.NETNSA_NSID, 3), 3, nil},
		{"none", body(unix.NETNSA_NSID, -1), NoNSID, nil},
		{"impossible", body(unix.NETNSA_NSID, -2), -2, ErrMalformed},
		{"absent", body(unix.NETNSA_PID, 3), NoNSID, ErrMalformed},
		{"short", make([]byte, 3), 0, ErrMalformed},
	} {
		if got, err := parseNSID(tt.body); got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s: %d, %v", tt.name, got, err)
		}
	}
}

func FuzzParseNSID(f *testing.F) {
	f.Add(encoded(f, make([]byte, 4), func(ae *netlink.AttributeEncoder) { ae.Int32(unix.NETNSA_NSID, 3) }))
	f.Fuzz(func(t *testing.T, b []byte) {
		if nsid, err := parseNSID(b); err == nil && nsid < NoNSID {
			t.Errorf("accepted %d", nsid)
		}
	})
}
