package veth

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// quickLines are command lines that Quick must know, as people type them.
var quickLines = [][2]string{
	{"va", "vb"},
	{"va,group=77,addr=10.9.0.1/24", "blue:vb,addr=10.9.0.2/24,gw=10.9.0.1"},
	{"4711:eth0,addr=10.0.0.1/24", "4712:eth0,addr=10.0.0.2/24"},
	{"ve1,up,addr=192.168.55.200/24", "/run/netns/blue:ve2,addr=192.168.55.100/24,addr=172.16.0.1/32,mtu=1400,mac=02:00:0a:Bc:dE:ff"},
	{".:a-b_c.d,gw=10.1.255.254,addr=10.1.0.1/16", "my-net:eth0,mtu=0068,group=0"},
	{"a,addr=10.0.0.1/1,addr=10.0.0.2/30,addr=10.0.0.3/32,addr=10.0.0.4/8", "b"},
}

// notQuick are left to the ordinary way, right or wrong.
var notQuick = [][2]string{
	{"a", "a"}, {"a", "auto"}, {"a%d", "b"}, {"-a", "b"}, {"a", "b,down"}, {"a", "b,alias=x"}, {"a", "b,addr=fd00::1/64"}, {"a", "b,master=br0"},
	{"a", "pid:5:b"}, {"a", "fd:5:b"}, {"a", "5@6:b"}, {"a", "0:b"}, {"a", "007:b"}, {"a", "../x:b"}, {"a", "/x/../y:b"}, {"a", "//x:b"}, {"a", ":b"},
	{"a", "name:b"}, {"a", "pid:b"}, {"a", "1234567890:b"}, {"a,", "b"}, {"a,,up", "b"}, {"a,up=1", "b"}, {"a,mtu=67", "b"}, {"a,mtu=65536", "b"},
	{"a,addr=10.0.0.1", "b"}, {"a,addr=10.0.0.01/8", "b"}, {"a,addr=10.0.0.1/0", "b"}, {"a,addr=10.0.0.1/33", "b"}, {"a,addr=10.0.0.1/08", "b"},
	{"a,addr=10.0.0/8", "b"}, {"a,addr=10.0.0.1.2/8", "b"}, {"a,addr=10.0.0.256/8", "b"}, {"a,addr=224.0.0.1/8", "b"}, {"a,addr=0.0.0.1/8", "b"}, {"a,addr=127.0.0.2/8", "b"},
	{"a,addr=10.0.0.1/8,addr=10.0.0.1/16", "b"}, {"a,gw=10.0.0.1", "b"}, {"a,addr=10.0.0.1/24,gw=10.0.1.1", "b"}, {"a,addr=10.0.0.1/24,gw=10.0.0.1", "b"},
	{"a,addr=10.0.0.1/24,gw=10.0.0.2,gw=10.0.0.3", "b"}, {"a,mac=01:00:00:00:00:00", "b"}, {"a,mac=00:00:00:00:00:00", "b"}, {"a,mac=02-00-00-00-00-01", "b"},
	{"a,mac=02:00:00:00:00:0g", "b"}, {"abcdefghijklmnop", "b"}, {"all", "b"}, {"a b", "b"}, {"", "b"}, {"a,mtu=+100", "b"}, {"a,route=10.0.0.0/8", "b"},
}

func TestQuickParse(t *testing.T) {
	for _, line := range quickLines {
		if !new(Quick).Parse(line[0], line[1]) {
			t.Errorf("%q is not accepted", line)
		}
		compareQuick(t, line[0], line[1])
	}
	for _, line := range notQuick {
		if new(Quick).Parse(line[0], line[1]) || line[0] != line[1] && new(Quick).Parse(line[1], line[0]) {
			t.Errorf("%q is accepted", line)
		}
	}
}

// FuzzQuick wants whatever Quick accepts to be right, and its requests to be
// those of the ordinary way.
func FuzzQuick(f *testing.F) {
	for _, line := range append(quickLines, notQuick...) {
		f.Add(line[0], line[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) { compareQuick(t, a, b) })
}

// compareQuick holds the requests for two ends against those of a plan.
func compareQuick(t *testing.T, a, b string) {
	t.Helper()
	var q Quick
	if !q.Parse(a, b) {
		return
	}
	var spec AddSpec
	var err error
	if spec.A, err = ParseEnd(a); err != nil {
		t.Fatalf("%q: %v", a, err)
	}
	if spec.B, err = ParseEnd(b); err != nil {
		t.Fatalf("%q: %v", b, err)
	}
	if err := spec.check(); err != nil {
		t.Fatalf("%q %q: %v", a, b, err)
	}
	if got := quickRequests(&q, &spec); !cmp.Equal(got, planRequests(t, &spec)) {
		t.Errorf("%q %q: - plan + quick\n%s", a, b, cmp.Diff(planRequests(t, &spec), got))
	}
}

// quickRequests are all requests as text, for namespaces and indexes that are made up.
func quickRequests(q *Quick, spec *AddSpec) []string {
	q.own.fd = 6
	for i, end := range []*End{&spec.A, &spec.B} {
		e := &q.ends[i]
		e.index, e.at.fd = uint32(20+i), 6
		if end.NS.Kind != Own {
			e.at.fd = 11 + i
		}
		if e.mac == (MAC{}) {
			e.mac = MAC{2, 0, 0, 0, 0, byte(i)}
		}
	}
	var all []string
	for i := 0; ; i++ {
		e := q.step(i)
		if e == nil {
			return all
		}
		var m netlink.Message
		if err := m.UnmarshalBinary(q.out[:q.n]); err != nil {
			return append(all, err.Error())
		}
		all = append(all, fmt.Sprintf("%d %x %v %x", e.at.fd-1, m.Header.Type, m.Header.Flags, m.Data))
	}
}

func planRequests(t *testing.T, spec *AddSpec) []string {
	t.Helper()
	own := &Namespace{fd: 5, Own: true}
	ns := [2]*Namespace{own, own}
	for i, end := range []*End{&spec.A, &spec.B} {
		if end.NS.Kind != Own {
			ns[i] = &Namespace{Ref: end.NS, fd: 10 + i}
		}
	}
	plan := planAdd(spec, ns[0], ns[1], [2]*Handle{})
	for i, h := range plan.Ends {
		h.Index = 20 + i
	}
	var all []string
	for i := range plan.Steps {
		step := &plan.Steps[i]
		var m netlink.Message
		var err error
		switch step.Op {
		case OpPair:
			for i, attrs := range []*Attrs{&step.Attrs, &step.PeerAttrs} {
				if attrs.MAC == (MAC{}) {
					attrs.MAC = MAC{2, 0, 0, 0, 0, byte(i)}
				}
			}
			m, err = encodePair(step.Link, step.Peer, &step.Attrs, &step.PeerAttrs)
		case OpSet:
			m, err = encodeSet(step.Link.Index, &step.Attrs)
		default:
			m, err = step.encode()
		}
		if err != nil {
			t.Fatal(err)
		}
		m.Header.Flags |= netlink.Request | netlink.Acknowledge
		all = append(all, fmt.Sprintf("%d %x %v %x", step.Link.NS.fd, m.Header.Type, m.Header.Flags, m.Data))
	}
	return all
}

// quickPlace is a path that Quick takes, for a namespace that a descriptor holds.
func quickPlace(ns NS) string { return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), ns.Number) }

// TestQuickAdd lays a cable with every request failing in turn: refused, lost
// before it was sent, lost after it was carried out. Nothing may be left; and
// undisturbed the cable is there, without a single allocation.
func TestQuickAdd(t *testing.T) {
	a, b := newNetNS(t), newNetNS(t)
	endA, endB := quickPlace(a)+":qa,addr=10.0.0.1/24,addr=10.1.0.1/24,gw=10.0.0.2", quickPlace(b)+":qb,addr=10.0.0.2/24,gw=10.0.0.1,mtu=1300,group=7"
	before := picture(t, a, b)
	const requests = 7
	for _, how := range []struct {
		name   string
		sent   bool
		result uint32
	}{{"refused", false, uint32(unix.EPERM)}, {"unsent", false, lost}, {"done", true, lost}} {
		for n := uint32(1); n <= requests; n++ {
			q := Quick{spoil: func(request uint32) (spoiled, sent bool, result uint32) {
				return request == n, request != n || how.sent, how.result
			}}
			if !q.Parse(endA, endB) || q.Add() {
				t.Errorf("%s, request %d: done", how.name, n)
			}
			if diff := cmp.Diff(before, picture(t, a, b)); diff != "" {
				t.Fatalf("%s, request %d:\n%s", how.name, n, diff)
			}
		}
	}
	// An old kernel's answer, which does not tell the indexes.
	q := Quick{spoil: func(request uint32) (spoiled, sent bool, result uint32) { return request == 1, true, 0 }}
	if !q.Parse(endA, endB) || !q.Add() {
		t.Fatal("without an echo: not done")
	}
	old := picture(t, a, b)
	removeQuick(t, a)
	q.spoil = nil
	done := false
	if n := testing.AllocsPerRun(1, func() { done = done || q.Parse(endA, endB) && q.Add() }); n != 0 || !done {
		t.Fatalf("%v allocations, done: %v", n, done)
	}
	now := picture(t, a, b)
	for _, key := range []string{"0:qa", "1:qb"} {
		if want := withoutMAC(old[key]); want == "" || withoutMAC(now[key]) != want {
			t.Errorf("%s: %s, without an echo %s", key, now[key], old[key])
		}
	}
	removeQuick(t, a)
	s := newSession(t)
	defer s.Close()
	if _, err := s.Add(&AddSpec{A: endIn(t, a, endA[strings.LastIndexByte(endA, ':')+1:]), B: endIn(t, b, endB[strings.LastIndexByte(endB, ':')+1:])}, MustBeNew, 0); err != nil {
		t.Fatal(err)
	}
	ordinary := picture(t, a, b)
	for _, key := range []string{"0:qa", "1:qb"} {
		if withoutMAC(ordinary[key]) != withoutMAC(now[key]) {
			t.Errorf("%s: %s, by a session %s", key, now[key], ordinary[key])
		}
	}
}

// withoutMAC leaves out the random address of a link's description.
func withoutMAC(text string) string {
	words := strings.Fields(text)
	if len(words) < 4 {
		return ""
	}
	return strings.Join(append(words[:3:3], words[4:]...), " ")
}

func removeQuick(t *testing.T, ns NS) {
	t.Helper()
	s := newSession(t)
	defer s.Close()
	plan, err := s.PlanDelete(End{NS: ns, Name: "qa"}, false)
	if err == nil {
		err = s.Run(plan)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// FuzzQuickRead wants no answer whatever to be read past its end.
func FuzzQuickRead(f *testing.F) {
	ack := acknowledgement(f, 0, netlink.Capped, "")
	f.Add(datagram(f, netlink.Message{Header: netlink.Header{Type: unix.RTM_NEWLINK, Sequence: 9}, Data: linkBody(f)}, ack))
	f.Add(datagram(f, ack))
	f.Fuzz(func(_ *testing.T, b []byte) {
		q := Quick{sequence: 9}
		q.read(b)
	})
}
