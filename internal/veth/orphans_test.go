package veth

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/nskit/nskit/internal/rtnl"
	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// orphansIn plans to delete the orphans that have an endpoint in a namespace.
func orphansIn(t *testing.T, s *Session, ref NS) *Plan {
	t.Helper()
	ns, err := s.Namespace(ref)
	if err != nil {
		t.Fatal(err)
	}
	pairs, err := s.List(Wants{Ages: true})
	if err != nil {
		t.Fatal(err)
	}
	var ours []Pair
	for _, p := range s.Orphans(pairs) {
		if p.A.NS == ns || p.B.NS == ns {
			ours = append(ours, p)
		}
	}
	plan, err := s.PlanDeleteOrphans(ours)
	if errors.Is(err, ErrHidden) {
		testkit.Skip(t, testkit.NeedsAllProcesses)
	}
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// only is the one endpoint of a pair in a namespace.
func only(t *testing.T, s *Session, ref NS) End {
	t.Helper()
	ns, err := s.Namespace(ref)
	if err != nil {
		t.Fatal(err)
	}
	links, err := s.pairs(ns)
	if err != nil || len(links) != 1 {
		t.Fatalf("%d links, %v", len(links), err)
	}
	return End{NS: ref, Name: links[0].Name}
}

// TestOrphanChanges wants a link that has changed since it was found to be an orphan to
// be left alone, and told of.
func TestOrphanChanges(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*testing.T, *Session, NS, NS)
		kept   string
	}{
		"nothing": {func(*testing.T, *Session, NS, NS) {}, ""},
		"renamed": {func(t *testing.T, s *Session, a, _ NS) {
			plan, err := s.PlanRename(only(t, s, a), "other")
			if err := run(s, plan, err); err != nil {
				t.Fatal(err)
			}
		}, "is another link now, or has another peer"},
		"peer elsewhere": {func(t *testing.T, s *Session, a, b NS) {
			plan, err := s.PlanMove(only(t, s, b), a, "", true)
			if err := run(s, plan, err); err != nil {
				t.Fatal(err)
			}
		}, "is another link now, or has another peer"},
		"a process there": {func(t *testing.T, _ *Session, _, b NS) {
			cmd, started := exec.Command("sleep", "1000"), make(chan error)
			go rtnl.Aside(func() {
				err := unix.Setns(b.Number, unix.CLONE_NEWNET)
				if err == nil {
					err = cmd.Start()
				}
				started <- err
			})
			if err := <-started; err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
		}, isOccupied},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := newNetNS(t), newNetNS(t)
			s, other := newSession(t), newSession(t)
			defer s.Close()
			defer other.Close()
			if _, err := s.Add(&AddSpec{A: endIn(t, a, "o0"), B: endIn(t, b, "o1")}, MustBeNew, 0); err != nil {
				t.Fatal(err)
			}
			plan := orphansIn(t, s, a)
			if len(plan.Steps) != 1 {
				t.Fatalf("%d steps", len(plan.Steps))
			}
			first := *plan.Steps[0].Link
			if first.NS.Ref == b { // no process is with either endpoint
				a, b = b, a
			}
			tt.change(t, other, a, b)
			err := s.Run(plan)
			kept := strings.Join(s.Kept(), "")
			if err != nil || !strings.HasSuffix(kept, tt.kept) || (kept == "") != (tt.kept == "") {
				t.Errorf("%v, kept %q", err, kept)
			}
			left, err := other.getLink(first.NS, first.Index, "")
			if gone(err) != (tt.kept == "") {
				t.Errorf("left: %+v, %v", left, err)
			}
		})
	}
}

// TestAges wants lower bounds: nothing is older than it is.
func TestAges(t *testing.T) {
	before := time.Now()
	a, b := newNetNS(t), newNetNS(t)
	s := newSession(t)
	defer s.Close()
	if _, err := s.Add(&AddSpec{A: endIn(t, a, "g0,addr=10.0.0.1/24"), B: endIn(t, b, "g1")}, MustBeNew, 0); err != nil {
		t.Fatal(err)
	}
	pair, err := s.Peer(endIn(t, b, "g1"), Wants{Ages: true})
	if err != nil {
		t.Fatal(err)
	}
	most := time.Since(before) + time.Second // jiffies are coarse
	if pair.A.Age > most || pair.A.Age != pair.B.Age || pair.A.NSAge <= 0 || pair.A.NSAge > most || pair.B.NSAge > most {
		t.Errorf("at most %v, but %v %v, %v %v", most, pair.A.Age, pair.B.Age, pair.A.NSAge, pair.B.NSAge)
	}
}
