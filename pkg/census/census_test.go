package census

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// TestTake makes sure that what nskit itself sees arrives whole: this process, in
// its namespaces, and a descriptor of it that holds one.
func TestTake(t *testing.T) {
	own, err := ns.OpenPID(os.Getpid(), ns.UTS)
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	id, err := own.ID()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Take(t.Context(), Options{Want: Descriptors | Threads | Relations})
	if err != nil {
		t.Fatal(err)
	}
	space := s.Find(Inode(id.Ino))
	if space == nil || space.Kind != ns.UTS || s.Self != os.Getpid() || !slices.Contains(s.Members(space), s.Self) {
		t.Fatalf("%d, %+v", s.Self, space)
	}
	want := Holder{How: ByDescriptor, PID: s.Self, FD: own.FD()}
	if !slices.Contains(space.Holders, want) {
		t.Errorf("%v lack %v", space.Holders, want)
	}
	if user := s.Process(s.Self).Namespaces[ns.User]; space.Owner == 0 || space.Owner != s.Find(space.Owner).Inode || user == 0 {
		t.Errorf("owner %d, user namespace %d", space.Owner, user)
	}
	h, err := s.Open(space)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if again, err := h.ID(); again != id || err != nil {
		t.Errorf("%v is not %v: %v", again, id, err)
	}
	if d, ok := s.Details(s.Self); !ok || d.UID != os.Geteuid() || d.PPID != os.Getppid() || d.Command == "" || d.Cgroup == "" {
		t.Errorf("%+v", d)
	}
}

// TestWanted makes sure that each Want asks for its own.
func TestWanted(t *testing.T) {
	for want, inner := range map[Want]census.Want{0: 0, Descriptors: census.Descriptors, Sockets: census.Sockets, Mounts: census.Mounts,
		AllMounts: census.AllMounts, ForChildren: census.ForChildren, Listed: census.Listed, Threads: census.Threads, Relations: 0, NetIDs: 0} {
		if got := wanted(want); got != inner {
			t.Errorf("%b: %b, not %b", want, got, inner)
		}
	}
	if ask := asked(Descriptors | NetIDs); ask != census.NetIDs {
		t.Error(ask)
	}
}

// TestWords makes sure that holders print as those that nskit prints.
func TestWords(t *testing.T) {
	for how, inner := range map[How]census.How{ByThread: census.ByThread, ByDescriptor: census.ByDescriptor, BySocket: census.BySocket,
		ByChildren: census.ByChildren, ByMount: census.ByMount, ByChild: census.ByChild, ByOwned: census.ByOwned} {
		if uint8(how) != uint8(inner) || how.String() != inner.String() {
			t.Errorf("%d %v, not %d %v", how, how, inner, inner)
		}
	}
	if text := fmt.Sprint(Holder{How: ByDescriptor, PID: 12, FD: 7}, How(99)); text != "fd 12/7 unknown" {
		t.Error(text)
	}
}

// TestNothing makes sure that what is nil or not there can be handed on.
func TestNothing(t *testing.T) {
	taken, err := Take(t.Context(), Options{Kinds: ns.SetOf(ns.UTS)})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Snapshot{nil, {}, taken} {
		if s.Find(1) != nil || s.Process(-1) != nil || len(s.Members(nil)) != 0 {
			t.Error("something is there")
		}
		for _, space := range []*Namespace{nil, {}, {Kind: 99, Inode: 1}} {
			if h, err := s.Open(space); !errors.Is(err, unix.ENOENT) {
				t.Errorf("%v, %v", h, err)
			}
		}
		if d, ok := s.Details(-1); ok {
			t.Error(d)
		}
	}
}

// TestContext makes sure that a context ends the reading, and says why.
func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(os.ErrExist)
	if s, err := Take(ctx, Options{}); !errors.Is(err, os.ErrExist) {
		t.Errorf("%v, %v", s, err)
	}
}

// TestNoKind wants what is no kind of namespace to be an error, not to stand for all of them.
func TestNoKind(t *testing.T) {
	for _, kinds := range []ns.Set{ns.SetOf(ns.KindCount), ns.SetOf(ns.Net, 99), 1 << 31} {
		if _, err := Take(t.Context(), Options{Kinds: kinds}); !errors.Is(err, unix.EINVAL) {
			t.Errorf("%b: %v", kinds, err)
		}
	}
}
