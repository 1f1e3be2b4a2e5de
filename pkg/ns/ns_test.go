package ns

import (
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
}
