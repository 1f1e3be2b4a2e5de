package ns

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestKinds(t *testing.T) {
	for _, k := range Kinds() {
		if got, ok := Parse(k.String()); !ok || got != k {
			t.Errorf("Parse(%q) = %v, %v", k, got, ok)
		}
	}
	if _, ok := Parse("pid_for_children"); ok {
		t.Error("pid_for_children is no kind")
	}
}

func TestSet(t *testing.T) {
	s := SetOf(Net, User).With(PID).Without(Net)
	if s.Has(Net) || !s.Has(User) || s.Flags() != unix.CLONE_NEWUSER|unix.CLONE_NEWPID {
		t.Errorf("set %b has flags %#x", s, s.Flags())
	}
	if list := s.List(); len(list) != 2 || list[0] != User || list[1] != PID {
		t.Errorf("list %v", list)
	}
}

func TestHandleOfOurOwn(t *testing.T) {
	for _, k := range Kinds() {
		h, err := OpenPID(os.Getpid(), k)
		if errors.Is(err, os.ErrNotExist) && k == Time { // Linux before 5.6
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		if got, err := h.Kind(); err != nil || got != k {
			t.Errorf("kind of %v: %v, %v", k, got, err)
		}
		again, err := Open("/proc/self/ns/" + k.String())
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		one, err1 := h.ID()
		two, err2 := again.ID()
		if one != two || err1 != nil || err2 != nil {
			t.Errorf("%v: %v and %v, %v, %v", k, one, two, err1, err2)
		}
	}
}

func TestOpenRefusesOtherFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if h, err := Open(path); err == nil {
		h.Close()
		t.Error("an ordinary file was taken for a namespace")
	}
}
