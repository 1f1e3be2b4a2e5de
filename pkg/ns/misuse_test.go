package ns

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestNoKind(t *testing.T) {
	for _, k := range []Kind{KindCount, 200} {
		if k.String() != "unknown" || k.ForChildren() != "unknown" || k.Flag() != 0 {
			t.Errorf("kind %d: %v, %#x", uint8(k), k, k.Flag())
		}
		if s := SetOf(k); s == 0 || len(s.List()) != 0 || s.Flags() != 0 || s.Has(User) || s != (Set(0)).With(k) || s.Without(k) != 0 {
			t.Errorf("kind %d: set %b has %v", uint8(k), s, s.List())
		}
		if h, err := OpenPID(os.Getpid(), k); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%v, %v", h, err)
		}
	}
	if _, ok := Parse("unknown"); ok {
		t.Error("unknown is no kind")
	}
}

// TestNoHandle makes sure that a Handle that is not open gives errors.
func TestNoHandle(t *testing.T) {
	closed, err := Open("/proc/self/ns/uts")
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Error(err)
	}
	for name, h := range map[string]*Handle{"nil": nil, "zero": {}, "closed": closed} {
		_, err1 := h.ID()
		_, err2 := h.Kind()
		_, err3 := h.Owner()
		_, err4 := h.Parent()
		_, err5 := h.OwnerUID()
		for _, err := range []error{err1, err2, err3, err4, err5} {
			if !errors.Is(err, unix.EBADF) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := h.Close(); err == nil || h.FD() != -1 {
			t.Errorf("%s: %v, %d", name, err, h.FD())
		}
	}
}

// TestOpenDoesNotWait makes sure that a FIFO in the place of a namespace's file
// is no trap.
func TestOpenDoesNotWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if h, err := Open(path); !errors.Is(err, unix.ENOTTY) {
		t.Errorf("%v, %v", h, err)
	}
	h, err := Open("/proc/self/ns/uts")
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if flags, err := unix.FcntlInt(uintptr(h.FD()), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK != 0 {
		t.Errorf("%#x, %v", flags, err)
	}
}
