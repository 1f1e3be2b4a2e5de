package fleet

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/veth"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// text is the samples of families that are not 0, in a line each.
func text(families ...Family) string {
	var b strings.Builder
	for _, f := range families {
		for _, s := range f.Samples {
			if s.Value == 0 {
				continue
			}
			b.WriteString(f.Name)
			for _, l := range s.Labels {
				b.WriteString(" " + l.Name + "=" + l.Value)
			}
			fmt.Fprintf(&b, " %v\n", s.Value)
		}
	}
	return b.String()
}

func TestCountNamespaces(t *testing.T) {
	space := func(kind ns.Kind, processes int, holders ...census.How) census.Namespace {
		n := census.Namespace{Kind: kind, Processes: processes}
		for _, how := range holders {
			n.Holders = append(n.Holders, census.Holder{How: how})
		}
		return n
	}
	bound := space(ns.Net, 0, census.ByThread)
	bound.Mounts = []string{"/run/netns/a"}
	s := &census.Snapshot{Namespaces: []census.Namespace{
		space(ns.Net, 3), space(ns.Net, 1, census.ByDescriptor), bound,
		space(ns.Net, 0, census.BySocket, census.ByDescriptor), // the descriptor is the one to close
		space(ns.Net, 0, census.BySocket), space(ns.Net, 0, census.ByThread), space(ns.Net, 0),
		space(ns.UTS, 0, census.ByMount), space(ns.PID, 0, census.ByChildren), space(ns.PID, 0, census.ByChild),
		space(ns.User, 0, census.ByOwned), space(ns.User, 0, census.ByOwned, census.ByChild),
	}}
	const want = `nskit_namespaces type=user 2
nskit_namespaces type=uts 1
nskit_namespaces type=net 7
nskit_namespaces type=pid 2
nskit_namespaces_unpopulated type=user held_by=child 1
nskit_namespaces_unpopulated type=user held_by=owned 1
nskit_namespaces_unpopulated type=uts held_by=mount 1
nskit_namespaces_unpopulated type=net held_by=mount 1
nskit_namespaces_unpopulated type=net held_by=fd 1
nskit_namespaces_unpopulated type=net held_by=socket 1
nskit_namespaces_unpopulated type=net held_by=thread 1
nskit_namespaces_unpopulated type=net held_by=unknown 1
nskit_namespaces_unpopulated type=pid held_by=child 2
`
	if got := text(countNamespaces(s)...); got != want {
		t.Errorf("%s", got)
	}
	series := 0
	for _, f := range countNamespaces(&census.Snapshot{}) {
		series += len(f.Samples)
	}
	if series != 8+34 { // as many on every host
		t.Errorf("%d series", series)
	}
}

func TestCountEnds(t *testing.T) {
	here, there, empty := &veth.Place{Own: true}, &veth.Place{Processes: 2}, &veth.Place{}
	side := func(kind string, place *veth.Place, carrier bool) *veth.Side {
		s := &veth.Side{Place: place}
		s.NS, s.Kind, s.Carrier = &veth.Namespace{}, kind, carrier
		return s
	}
	distant := &veth.Side{}
	pair := func(a, b *veth.Side) veth.Pair { return veth.Pair{A: *a, B: b} }
	got := text(countEnds([]veth.Pair{
		pair(side("veth", here, true), side("veth", there, true)),
		pair(side("veth", here, false), side("veth", there, false)),
		pair(side("veth", here, true), side("veth", empty, true)), // the other one's peer is there
		pair(side("veth", here, true), distant), pair(side("netkit", here, true), nil),
	}))
	const want = `nskit_link_ends kind=veth state=connected 3
nskit_link_ends kind=veth state=no_carrier 2
nskit_link_ends kind=veth state=peer_unpopulated 1
nskit_link_ends kind=veth state=peer_unseen 1
nskit_link_ends kind=netkit state=peer_unseen 1
`
	if got != want {
		t.Errorf("%s", got)
	}
}

// TestCollect: a collector that fails keeps no other one from its work.
func TestCollect(t *testing.T) {
	got := Collect(&Host{}, []Collector{
		{"broken", func(*Host) ([]Family, error) { return nil, errors.New("broken") }},
		{"whole", func(*Host) ([]Family, error) { return []Family{single("x", "X.", 7)}, nil }},
	})
	if len(got) != 3 || text(got[0]) != "x 7\n" || text(got[2]) != "nskit_collector_success collector=whole 1\n" || len(got[1].Samples) != 2 {
		t.Errorf("%+v", got)
	}
	for _, f := range Collect(&Host{Proc: t.TempDir()}, Collectors()) {
		for _, s := range f.Samples {
			if f.Name == "nskit_collector_success" && s.Value == 1 {
				t.Errorf("without a process: %+v", s)
			}
		}
	}
}

// TestRights: who sees only a part must not count it for the whole.
func TestRights(t *testing.T) {
	all := uint64(1<<unix.CAP_SYS_PTRACE | 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_NET_ADMIN | 1<<unix.CAP_SYS_ADMIN)
	needs := []int{unix.CAP_SYS_PTRACE, unix.CAP_DAC_READ_SEARCH, unix.CAP_NET_ADMIN, unix.CAP_SYS_ADMIN}
	for _, tt := range []struct {
		rights
		want string
	}{
		{rights{all, false, 0, 9}, ""},
		{rights{all, false, 1, 9}, ""}, // one that the system guards from everybody
		{rights{all&^(1<<unix.CAP_DAC_OVERRIDE) | 1<<unix.CAP_DAC_READ_SEARCH, false, 0, 9}, ""},
		{rights{all &^ (1 << unix.CAP_SYS_PTRACE), false, 0, 9}, "without CAP_SYS_PTRACE other users' processes are not found"},
		{rights{all &^ (1 << unix.CAP_DAC_OVERRIDE), false, 0, 9}, "without CAP_DAC_READ_SEARCH what other users' processes hold is not found"},
		{rights{all &^ (1 << unix.CAP_NET_ADMIN), false, 0, 9}, "without CAP_NET_ADMIN what sockets hold is not found"},
		{rights{all &^ (1 << unix.CAP_SYS_ADMIN), false, 0, 9}, "without CAP_SYS_ADMIN other mount and network namespaces cannot be looked into"},
		{rights{all, true, 0, 9}, "9 processes can be looked at, 0 cannot, others may be hidden"},
		{rights{all, false, 9, 1}, "1 processes can be looked at, 9 cannot, others may be hidden"},
	} {
		err := tt.check(needs...)
		if got := fmt.Sprint(err); got != tt.want && (err != nil || tt.want != "") {
			t.Errorf("%+v: %s", tt.rights, got)
		}
	}
	if err := (&rights{}).check(); err != nil {
		t.Error(err)
	}
}

// TestNames: whoever sees everything finds each family.
func TestNames(t *testing.T) {
	var got []string
	for _, f := range Collect(&Host{}, Collectors()) {
		if f.Name == "nskit_collector_success" && slices.ContainsFunc(f.Samples, func(s Sample) bool { return s.Value == 0 }) {
			return // the others say why: TestRights
		}
		got = append(got, f.Name)
	}
	want := Names()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
