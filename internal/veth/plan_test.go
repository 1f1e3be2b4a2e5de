package veth

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// somewhere are namespaces that nobody opens.
func somewhere() (own, blue, pid *Namespace) {
	return &Namespace{Own: true, path: "/proc/self/ns/net"},
		&Namespace{Ref: NS{Kind: ByName, Text: "blue"}, path: "/run/netns/blue"},
		&Namespace{Ref: NS{Kind: ByPID, Number: 42}, path: "/proc/42/ns/net"}
}

func mustEnd(t *testing.T, text string) End {
	t.Helper()
	end, err := ParseEnd(text)
	if err != nil {
		t.Fatal(err)
	}
	return end
}

// lines writes the steps of a plan as --dry-run does.
func lines(steps []Step, write func(*Step) string) string {
	var b strings.Builder
	for i := range steps {
		if line := write(&steps[i]); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func trimmed(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimLeft(text, "\n")) {
		b.WriteString(strings.TrimLeft(line, "\t"))
	}
	return b.String()
}

func TestPlanAdd(t *testing.T) {
	own, blue, pid := somewhere()
	for _, tt := range []struct {
		name      string
		a, b      string
		ns        [2]*Namespace
		spec      AddSpec
		masters   [2]*Handle
		steps, ip string
	}{
		{
			name: "least", a: "a", b: "blue:b", ns: [2]*Namespace{own, blue},
			steps: `
				a: make the pair with blue:b: up
				a: add the link-local address
				blue:b: add the link-local address
				blue:b: set up
			`,
			ip: `
				ip link add name a up type veth peer name b netns blue
				ip -n blue link set dev b up
			`,
		},
		{
			name: "all", a: "pid:42:a,addr=10.0.0.1/24,addr=fd00::1/64,gw=10.0.0.2,mac=02:00:00:00:00:01,alias=it's,txqlen=5",
			b:  "b,down,addr=10.0.0.2/24,mtu=1400,queues=2,group=7,alias=",
			ns: [2]*Namespace{pid, own}, spec: AddSpec{MTU: 1300, Loopback: true},
			masters: [2]*Handle{nil, {NS: own, Name: "br0", Index: 3}},
			steps: `
				pid:42:a: make the pair with b: mtu 1300, mac 02:00:00:00:00:01, txqlen 5, up; b: mtu 1400, queues 2, group 7
				pid:42:a: add the link-local address
				b: set master br0, alias ""
				pid:42:a: set alias "it's"
				pid:42:a: add address 10.0.0.1/24
				pid:42:a: add address fd00::1/64
				b: add address 10.0.0.2/24
				pid:42:lo: set up
				pid:42:a: add route default via 10.0.0.2
			`,
			ip: `
				nsenter --net=/proc/42/ns/net ip link add name a mtu 1300 address 02:00:00:00:00:01 txqueuelen 5 up type veth peer name b netns /proc/$$/ns/net mtu 1400 numtxqueues 2 numrxqueues 2 group 7
				ip link set dev b master br0 alias ''
				nsenter --net=/proc/42/ns/net ip link set dev a alias 'it'\''s'
				nsenter --net=/proc/42/ns/net ip addr add 10.0.0.1/24 dev a
				nsenter --net=/proc/42/ns/net ip addr add fd00::1/64 dev a nodad
				ip addr add 10.0.0.2/24 dev b
				nsenter --net=/proc/42/ns/net ip link set dev lo up
				nsenter --net=/proc/42/ns/net ip route add default via 10.0.0.2 dev a
			`,
		},
		{
			name: "bridge", a: "a,pin-mac,master=br0", b: "blue:b,route=fd01::/64@fd00::1,route=fd00::/64",
			ns: [2]*Namespace{own, blue}, spec: AddSpec{Bridge: End{Name: "br0", Settings: Settings{Addrs: []netip.Prefix{netip.MustParsePrefix("10.1.0.1/16")}}}},
			steps: `
				br0: make the bridge
				br0: add address 10.1.0.1/16
				br0: set up
				br0: fix the address
				a: make the pair with blue:b: master br0, up
				a: add the link-local address
				blue:b: add the link-local address
				blue:b: set up
				blue:b: add route fd00::/64
				blue:b: add route fd01::/64 via fd00::1
			`,
			ip: `
				ip link add name br0 type bridge
				ip addr add 10.1.0.1/16 dev br0
				ip link set dev br0 up
				ip link set dev br0 address $(ip -br link show dev br0 | awk '{ print $3 }')
				ip link add name a master br0 up type veth peer name b netns blue
				ip -n blue link set dev b up
				ip -n blue -6 route add fd00::/64 dev b
				ip -n blue -6 route add fd01::/64 via fd00::1 dev b
			`,
		},
		{
			name: "netkit", a: "a,addr=10.0.0.1/24", b: "blue:b,mtu=1400", ns: [2]*Namespace{own, blue}, spec: AddSpec{Kind: KindNetkitL3},
			steps: `
				a: make the netkit pair (l3) with blue:b: up; blue:b: mtu 1400
				blue:b: set up
				a: add address 10.0.0.1/24
			`,
			ip: `
				ip link add name a up type netkit mode l3 peer name b netns blue mtu 1400
				ip -n blue link set dev b up
				ip addr add 10.0.0.1/24 dev a
			`,
		},
		{
			name: "netkit l2", a: "a,down", b: "blue:b,down,mac=02:00:00:00:00:01", ns: [2]*Namespace{own, blue}, spec: AddSpec{Kind: KindNetkitL2},
			steps: "a: make the netkit pair (l2) with blue:b: down; blue:b: mac 02:00:00:00:00:01\n",
			ip:    "ip link add name a down type netkit mode l2 peer name b netns blue address 02:00:00:00:00:01\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.spec.A, tt.spec.B = mustEnd(t, tt.a), mustEnd(t, tt.b)
			if err := tt.spec.check(); err != nil {
				t.Fatal(err)
			}
			plan := planAdd(&tt.spec, tt.ns[0], tt.ns[1], tt.masters)
			if got, want := lines(plan.Steps, (*Step).String), trimmed(tt.steps); got != want {
				t.Errorf("steps:\n%swant:\n%s", got, want)
			}
			if got, want := lines(plan.Steps, (*Step).IPCommand), trimmed(tt.ip); got != want {
				t.Errorf("as ip commands:\n%swant:\n%s", got, want)
			}
		})
	}
}

// TestAddCanBeUndone wants a way back from each step that makes something which
// does not go with the pair.
func TestAddCanBeUndone(t *testing.T) {
	own, blue, _ := somewhere()
	spec := AddSpec{
		A: mustEnd(t, "a"), B: mustEnd(t, "blue:b"), Loopback: true,
		Bridge: mustEnd(t, "br0,addr=10.0.0.1/24"),
	}
	undo := map[string]string{}
	for _, step := range planAdd(&spec, own, blue, [2]*Handle{}).Steps {
		undo[step.String()] = lines(step.Undo, (*Step).String)
	}
	for step, want := range map[string]string{
		"br0: make the bridge":                         "br0: delete\n",
		"br0: add address 10.0.0.1/24":                 "br0: remove address 10.0.0.1/24\n",
		"a: make the pair with blue:b: master br0, up": "a: delete\n",
		"blue:lo: set up":                              "blue:lo: set down\n",
	} {
		if got, ok := undo[step]; !ok || got != want {
			t.Errorf("%s: undone by %q, want %q", step, got, want)
		}
	}
}

// stateOf is a link as one might find it.
func stateOf(ns *Namespace, name string) *State {
	h := &Handle{NS: ns, Name: name, Index: 5}
	return &State{
		Link: Link{
			NS: ns, Name: name, Index: 5, Kind: "veth", Flags: unix.IFF_UP, MTU: 1500, TxQLen: 1000, Queues: 1,
			MAC: []byte{2, 0, 0, 0, 0, 1}, Alias: "old", MasterIndex: 3, Isolated: new(bool),
		},
		Handle: h, Master: &Handle{NS: ns, Name: "br0", Index: 3}, Sysctls: map[string]string{"ipv4/conf/arp_ignore": "1"}, Features: []Feature{{"rx-gro", true}},
		Neighbours: []Neighbour{{Addr: netip.MustParseAddr("10.0.0.7")}},
		Addrs: []Addr{
			{Prefix: netip.MustParsePrefix("10.0.0.1/24")},
			{Prefix: netip.MustParsePrefix("fd00::1/64"), Proto: 0},
			{Prefix: netip.MustParsePrefix("fe80::1/64"), Proto: protoKernelLL},
			{Prefix: netip.MustParsePrefix("fd01::1/64"), Proto: protoKernelRA},
			{Prefix: netip.MustParsePrefix("fe80::2/64")},
		},
		Routes: []Route{
			newRoute(RouteSpec{Dst: netip.MustParsePrefix("0.0.0.0/0"), Gateway: netip.MustParseAddr("10.9.0.1")}),
			newRoute(RouteSpec{Dst: netip.MustParsePrefix("10.9.0.0/24")}),
		},
	}
}

func TestPlanSet(t *testing.T) {
	own, _, _ := somewhere()
	for _, tt := range []struct{ keys, steps, undo string }{
		{
			"mtu=1400,addr=10.0.0.9/24",
			`
				a: set mtu 1400
				a: add address 10.0.0.9/24
			`, `
				a: remove address 10.0.0.9/24
				a: set its attributes as they were
				a: add address 10.0.0.1/24
				a: add address fd00::1/64
				a: add route 10.9.0.0/24
				a: add route default via 10.9.0.1
			`,
		},
		{
			"down,alias=new,txqlen=1,group=2,mac=02:00:00:00:00:09,nomaster",
			`
				a: set mac 02:00:00:00:00:09, txqlen 1, group 2, nomaster, alias "new", down
			`, `
				a: set its attributes as they were
				a: set master br0
				a: set what it was as a port of its bridge
				a: set up
				a: add address 10.0.0.1/24
				a: add address fd00::1/64
				a: add route 10.9.0.0/24
				a: add route default via 10.9.0.1
				a: add neighbour 10.0.0.7
			`,
		},
		{
			"noaddr",
			`
				a: remove address 10.0.0.1/24
				a: remove address fd00::1/64
			`, `
				a: set its attributes as they were
				a: add address 10.0.0.1/24
				a: add address fd00::1/64
				a: add route 10.9.0.0/24
				a: add route default via 10.9.0.1
				a: add neighbour 10.0.0.7
			`,
		},
		{
			"noaddr=10.7.0.1/24,route=10.8.0.0/24",
			`
				a: remove address 10.7.0.1/24
				a: add route 10.8.0.0/24
			`, `
				a: remove route 10.8.0.0/24
				a: set its attributes as they were
				a: add address 10.0.0.1/24
				a: add address fd00::1/64
				a: add route 10.9.0.0/24
				a: add route default via 10.9.0.1
				a: add neighbour 10.0.0.7
			`,
		},
		{
			"mtu=600,tso=off,delay=1ms,isolated",
			`
				a: set mtu 600
				a: set isolated on
				a: set tso off
				a: set netem delay 1ms
			`, `
				a: set its attributes as they were
				a: set its sysctls as they were
				a: set what it was as a port of its bridge
				a: set up
				a: add address 10.0.0.1/24
				a: add address fd00::1/64
				a: add route 10.9.0.0/24
				a: add route default via 10.9.0.1
				a: set netem
				a: add neighbour 10.0.0.7
				a: set rx-gro on
			`,
		},
	} {
		t.Run(tt.keys, func(t *testing.T) {
			end := mustEnd(t, "a,"+tt.keys)
			plan := planSet(stateOf(own, "a"), &end.Settings, nil)
			var undo string
			for i := len(plan.Steps) - 1; i >= 0; i-- {
				undo += lines(plan.Steps[i].Undo, (*Step).String)
			}
			undo += lines(plan.Undo, (*Step).String)
			if got := lines(plan.Steps, (*Step).String); got != trimmed(tt.steps) {
				t.Errorf("steps:\n%s", got)
			}
			if undo != trimmed(tt.undo) {
				t.Errorf("undo:\n%s", undo)
			}
		})
	}
}

func TestPlanMove(t *testing.T) {
	own, blue, _ := somewhere()
	plan := planMove(stateOf(own, "a"), blue, "b", false)
	want := trimmed(`
		a: move to netns blue as b
		a: set its sysctls as they were
		a: set up
		a: add address 10.0.0.1/24
		a: add address fd00::1/64
		a: add route 10.9.0.0/24
		a: add route default via 10.9.0.1
		a: add neighbour 10.0.0.7
	`)
	if got := lines(plan.Steps, (*Step).String); got != want {
		t.Errorf("steps:\n%s", got)
	}
	want = trimmed(`
		a: move to netns .
		a: set its attributes as they were
		a: set its sysctls as they were
		a: set master br0
		a: set what it was as a port of its bridge
		a: set up
		a: add address 10.0.0.1/24
		a: add address fd00::1/64
		a: add route 10.9.0.0/24
		a: add route default via 10.9.0.1
		a: set netem
		a: add neighbour 10.0.0.7
		a: set rx-gro on
	`)
	undo := plan.Steps[0].Undo
	if got := lines(undo, (*Step).String); got != want || undo[0].NewName != "a" {
		t.Errorf("undo:\n%s", got)
	}
	if bare := planMove(stateOf(own, "a"), blue, "b", true); len(bare.Steps) != 1 || bare.Steps[0].lost != nil {
		t.Errorf("bare steps:\n%s", lines(bare.Steps, (*Step).String))
	}
	odd := stateOf(own, "a")
	odd.unkept, odd.token = []string{"qdisc tbf"}, netip.MustParseAddr("::5")
	if lost := planMove(odd, blue, "b", false).Steps[0].lost; !slices.Equal(lost, []string{"qdisc tbf", "IPv6 token ::5"}) {
		t.Errorf("lost: %q", lost)
	}
}

func TestPlanRename(t *testing.T) {
	own, _, _ := somewhere()
	plan := planRename(stateOf(own, "a"), "b")
	if got := lines(plan.Steps, (*Step).String); got != "a: set name b\n" {
		t.Errorf("steps:\n%s", got)
	}
	want := trimmed(`
		a: set down
		a: set name b
		a: set up
		a: add address 10.0.0.1/24
		a: add address fd00::1/64
		a: add route 10.9.0.0/24
		a: add route default via 10.9.0.1
		a: add neighbour 10.0.0.7
	`)
	if got := lines(plan.Steps[0].IfBusy, (*Step).String); got != want {
		t.Errorf("steps of an old kernel:\n%s", got)
	}
	odd := stateOf(own, "a")
	odd.unkept = []string{"next hop 7"}
	if plan := planRename(odd, "b"); plan.Steps[0].lost != nil || !slices.Equal(plan.Steps[0].IfBusy[1].lost, odd.unkept) {
		t.Errorf("lost: %q, %q", plan.Steps[0].lost, plan.Steps[0].IfBusy[1].lost)
	}
}

// TestPlansNameWhatTheirWayBackLoses: a rollback says what it cannot give back.
func TestPlansNameWhatTheirWayBackLoses(t *testing.T) {
	own, blue, _ := somewhere()
	a, b := stateOf(own, "a"), stateOf(blue, "b")
	a.unkept, b.unkept = []string{"next hop 7"}, []string{"next hop 8"}
	for name, tt := range map[string]struct {
		back []Step
		want []string
	}{
		"move":            {planMove(a, blue, "c", false).Steps[0].Undo, a.unkept},
		"bare move":       {planMove(a, blue, "c", true).Steps[0].Undo, a.unkept},
		"rename, when up": {planRename(a, "c").Steps[0].IfBusy[0].Undo, a.unkept},
		"down":            {planSet(a, &Settings{Admin: Down}, nil).Steps[0].Undo, a.unkept},
		"delete":          {planDelete(a, b).Steps[0].Undo, []string{"next hop 7", "next hop 8"}},
	} {
		if got := slices.Concat(tt.back[0].lost, tt.back[0].peerLost); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	if plan := planSet(a, &Settings{MTU: 1400}, nil); plan.Steps[0].Undo != nil || plan.Undo[0].lost != nil {
		t.Errorf("another MTU loses something: %+v", plan)
	}
}

func TestPlanDelete(t *testing.T) {
	own, blue, _ := somewhere()
	plan := planDelete(stateOf(own, "a"), stateOf(blue, "b"))
	want := trimmed(`
		a: make the pair with blue:b: mtu 1500, mac 02:00:00:00:00:01, queues 1; blue:b: mtu 1500, mac 02:00:00:00:00:01, queues 1
		a: set its attributes as they were
		blue:b: set its attributes as they were
		a: set its sysctls as they were
		blue:b: set its sysctls as they were
		a: set master br0
		blue:b: set master br0
		a: set what it was as a port of its bridge
		blue:b: set what it was as a port of its bridge
		a: set up
		blue:b: set up
		a: add address 10.0.0.1/24
		a: add address fd00::1/64
		blue:b: add address 10.0.0.1/24
		blue:b: add address fd00::1/64
		a: add route 10.9.0.0/24
		a: add route default via 10.9.0.1
		blue:b: add route 10.9.0.0/24
		blue:b: add route default via 10.9.0.1
		a: set netem
		blue:b: set netem
		a: add neighbour 10.0.0.7
		blue:b: add neighbour 10.0.0.7
		a: set rx-gro on
		blue:b: set rx-gro on
	`)
	if got := lines(plan.Steps[0].Undo, (*Step).String); got != want || plan.Final {
		t.Errorf("undo (final %v):\n%s", plan.Final, got)
	}
	if !planDelete(stateOf(own, "a"), nil).Final {
		t.Error("without a peer there is no way back, and the plan does not say so")
	}
}

// TestDescribeMove follows a link to its new place, with all that its addresses
// and routes have; the plan is the same afterwards.
func TestDescribeMove(t *testing.T) {
	own, there := &Namespace{Own: true}, &Namespace{Ref: NS{Kind: ByName, Text: "blue"}, path: "/run/netns/blue"}
	link := &Handle{NS: own, Name: "a$b", Index: 3}
	st := State{
		Link: Link{NS: own, Name: "a$b", Index: 3, Flags: unix.IFF_UP}, Handle: link,
		Addrs: []Addr{
			{
				Prefix: netip.MustParsePrefix("10.0.0.1/24"), Peer: netip.MustParseAddr("10.0.0.9"), Broadcast: netip.MustParseAddr("10.0.0.255"),
				Label: "a:1", Scope: unix.RT_SCOPE_LINK, Metric: 5, Valid: 60, Preferred: 30,
			},
			newAddr(netip.MustParsePrefix("127.0.0.2/8"), false),
			newAddr(netip.MustParsePrefix("fd00::1/64"), true),
		},
		Routes: []Route{
			{
				Dst: netip.MustParsePrefix("0.0.0.0/0"), Gateway: netip.MustParseAddr("10.9.0.1"), Source: netip.MustParseAddr("10.0.0.1"),
				Metric: 7, Table: 300, Proto: unix.RTPROT_STATIC, Flags: unix.RTNH_F_ONLINK,
			},
			newRoute(RouteSpec{Dst: netip.MustParsePrefix("fd01::/64")}),
		},
	}
	plan := planMove(&st, there, "c", false)
	want := []string{
		"ip link set dev 'a$b' netns blue name c",
		"ip -n blue link set dev c up",
		"ip -n blue addr add 10.0.0.1 peer 10.0.0.9/24 dev c broadcast 10.0.0.255 label a:1 scope 253 metric 5 valid_lft 60 preferred_lft 30",
		"ip -n blue addr add 127.0.0.2/8 dev c",
		"ip -n blue addr add fd00::1/64 dev c nodad",
		"ip -n blue -6 route add fd01::/64 dev c",
		"ip -n blue route add default via 10.9.0.1 dev c src 10.0.0.1 metric 7 table 300 proto 4 onlink",
	}
	if diff := cmp.Diff(want, plan.Describe((*Step).IPCommand)); diff != "" {
		t.Errorf("- want + got\n%s", diff)
	}
	if *link != (Handle{NS: own, Name: "a$b", Index: 3}) {
		t.Errorf("the link is changed: %+v", link)
	}
}
