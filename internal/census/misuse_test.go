package census

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// TestNoNamespace makes sure that what Find returns for a namespace that is not
// there can be handed on.
func TestNoNamespace(t *testing.T) {
	s, err := Take(Options{Kinds: ns.SetOf(ns.UTS)})
	if err != nil {
		t.Fatal(err)
	}
	for _, space := range []*Namespace{s.Find(1), {}, {Kind: 99, Inode: 1}} {
		if members := s.Members(space); len(members) != 0 && space == nil {
			t.Errorf("members %v", members)
		}
		if fd, err := s.Open(space); !errors.Is(err, unix.ENOENT) {
			t.Errorf("%d, %v", fd, err)
		}
	}
	var r Reader
	if d, ok := r.Details(os.Getpid(), Command); ok {
		t.Error(d)
	}
}

// TestNil makes sure that what is nil has nothing, and that kinds print as words.
func TestNil(t *testing.T) {
	var s *Snapshot
	if s.Find(1) != nil || s.Process(1) != nil || s.Members(&Namespace{}) != nil {
		t.Error("a nil Snapshot has something")
	}
	if text := fmt.Sprint(ByThread, ByOwned, How(99)); text != "thread owned unknown" {
		t.Error(text)
	}
}

// TestContext makes sure that a context ends the reading, and says why.
func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	if _, err := Take(Options{Context: ctx}); err != nil {
		t.Error(err)
	}
	cancel(os.ErrExist)
	if s, err := Take(Options{Context: ctx}); err != os.ErrExist {
		t.Errorf("%v, %v", s, err)
	}
}

// TestOpenWithoutDescriptors makes sure that a lack of descriptors is not taken
// for a namespace that is gone.
func TestOpenWithoutDescriptors(t *testing.T) {
	s, err := Take(Options{Kinds: ns.SetOf(ns.UTS)})
	if err != nil {
		t.Fatal(err)
	}
	space := s.Find(s.Process(os.Getpid()).Namespaces[ns.UTS])
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	none := unix.Rlimit{Cur: 3, Max: old.Max}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	fd, err := s.Open(space)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, unix.EMFILE) {
		t.Errorf("%d, %v", fd, err)
	}
}
