package veth

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/rtnl"
	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// newNetNS makes a network namespace that only a descriptor holds, and returns
// a reference to it.
func newNetNS(t *testing.T) NS {
	t.Helper()
	var file *os.File
	done := make(chan error)
	go rtnl.Aside(func() {
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			file, err = os.Open("/proc/thread-self/ns/net")
		}
		done <- err
	})
	if err := <-done; errors.Is(err, unix.EPERM) {
		testkit.Skip(t, testkit.NeedsRoot)
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return NS{Kind: ByFD, Number: int(file.Fd())}
}

// newSession begins a session; the caller closes it.
func newSession(t *testing.T) *Session {
	t.Helper()
	s, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// saboteur makes the nth request fail: before it is sent, or after the kernel
// has carried it out.
type saboteur struct {
	fail, count int
	afterwards  bool
	// forever lets all requests behind it fail, too.
	forever bool
}

var errSabotage = errors.New("sabotage")

func (s *saboteur) wrap(c conn) conn { return &sabotaged{conn: c, by: s} }

type sabotaged struct {
	conn
	by   *saboteur
	lost bool
	list bool
}

func (c *sabotaged) Send(m netlink.Message) (netlink.Message, error) {
	c.by.count++
	hit := c.by.count == c.by.fail || c.by.forever && c.by.count > c.by.fail
	if hit && !c.by.afterwards {
		return m, errSabotage
	}
	c.lost, c.list = hit, m.Header.Flags&netlink.Root != 0
	return c.conn.Send(m)
}

// Receive loses the whole answer to the request that is to fail.
func (c *sabotaged) Receive() ([]netlink.Message, error) {
	replies, err := c.conn.Receive()
	for c.lost && !c.list && err == nil && !slices.ContainsFunc(replies, last) {
		replies, err = c.conn.Receive()
	}
	if c.lost {
		c.lost = false
		return nil, errSabotage
	}
	return replies, err
}

// last says that a message ends an answer that is no list.
func last(m netlink.Message) bool { return m.Header.Type == netlink.Error }

// picture is all that a namespace holds, as text: what was undone must look the
// same again. The kernel's own work, which takes its time, is left out.
func picture(t *testing.T, refs ...NS) map[string]string {
	t.Helper()
	s := newSession(t)
	defer s.Close()
	all := map[string]string{}
	for i, ref := range refs {
		ns, err := s.Namespace(ref)
		if err != nil {
			t.Fatal(err)
		}
		m := netlink.Message{Header: netlink.Header{Type: unix.RTM_GETLINK}, Data: linkHeader(0, 0, 0)}
		replies, err := s.list(ns, m, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, reply := range replies {
			link, err := parseLink(reply.Data)
			if err != nil {
				t.Fatal(err)
			}
			link.NS = ns
			all[fmt.Sprintf("%d:%s", i, link.Name)] = describeLink(t, s, link)
		}
	}
	return all
}

func describeLink(t *testing.T, s *Session, link Link) string {
	t.Helper()
	st, err := s.state(link, everything)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := differing(link.raw, nil, settable[:])
	if err != nil {
		t.Fatal(err)
	}
	words := []string{link.Kind, "up=" + strconv.FormatBool(link.Flags&unix.IFF_UP != 0), fmt.Sprint(link.MTU), fmt.Sprintf("%x", link.MAC),
		fmt.Sprint(link.TxQLen, link.Group), link.Alias}
	if st.Master != nil {
		words = append(words, "master="+st.Master.Name)
	}
	for _, addr := range st.Addrs {
		if restorable(&addr) {
			words = append(words, fmt.Sprintf("%s flags %#x", addr.Prefix, addr.Flags))
		}
	}
	for _, route := range st.Routes {
		words = append(words, route.String())
	}
	if link.Isolated != nil {
		port, err := differing(link.port(), nil, portSettings[:])
		words = append(words, fmt.Sprintf("port %x %v", port, err))
	}
	words = append(words, link.altNames()...)
	words = append(words, fmt.Sprintf("%x %x", settings, link.Flags&settableFlags), fmt.Sprint(st.Neighbours, st.Sysctls, featureWords(st.Features)))
	return strings.Join(words, "\n")
}

// lay makes what the acts below find: a bridge br0 and a pair old0/old1 with
// addresses and a route.
func lay(t *testing.T, a, b NS) {
	t.Helper()
	s := newSession(t)
	defer s.Close()
	_, err := s.Add(&AddSpec{
		A:      endIn(t, a, "old0,addr=10.5.0.1/24,addr=fd05::1/64,route=10.6.0.0/16@10.5.0.2,alias=kept,mac=02:00:00:00:05:01,tso=off,isolated,queues=3"),
		B:      endIn(t, b, "old1,addr=10.5.0.2/24,mtu=1400,txqlen=77,mac=02:00:00:00:05:02,group=9,gro=on"),
		Bridge: endIn(t, a, "br0,mac=02:00:00:00:00:b0"),
	}, MustBeNew, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, end := range []End{endIn(t, a, "old0"), endIn(t, b, "old1")} {
		st, err := s.Look(end)
		if err != nil {
			t.Fatal(err)
		}
		n := Neighbour{Addr: netip.MustParseAddr("10.5.0.77"), MAC: []byte{2, 0, 0, 0, 0, 7}, State: unix.NUD_PERMANENT}
		if _, err := s.do(&Step{Op: OpAddNeighbour, Link: st.Handle, Neighbour: n}); err != nil {
			t.Fatal(err)
		}
		values := map[string]string{"ipv4/conf/arp_ignore": "2", "ipv6/conf/hop_limit": "77", "ipv4/neigh/gc_stale_time": "99"}
		if err := s.doSysctls(&Step{Op: OpSysctls, Link: st.Handle, Sysctls: values}); err != nil || s.Lost() != nil {
			t.Fatal(err)
		}
		m, err := encodeAltName(st.Index, "second-name-of-"+end.Name)
		if _, err := s.ask(st.NS, m, err); err != nil {
			t.Fatal(err)
		}
	}
}

func endIn(t *testing.T, ns NS, text string) End {
	t.Helper()
	end := mustEnd(t, text)
	end.NS = ns
	return end
}

// acts are what people do, each as one that must be done whole or not at all.
func acts(t *testing.T, a, b NS) map[string]func(*Session) error {
	add := func(s *Session, mode AddMode, nameA, nameB string) error {
		_, err := s.Add(&AddSpec{
			A:   endIn(t, a, nameA+",addr=10.0.0.1/24,addr=fd00::1/64,gw=fd00::2,alias=new"),
			B:   endIn(t, b, nameB+",addr=10.0.0.2/24,gw=10.0.0.1,txqlen=5,alias=x"),
			MTU: 1300, Loopback: true, Bridge: endIn(t, a, "br1,addr=10.7.0.1/24"),
		}, mode, 0)
		return err
	}
	set := func(s *Session, text string) error {
		if _, err := s.Namespace(b); err != nil { // the peer's, which no path leads to
			return err
		}
		plan, err := s.PlanSet(endIn(t, a, text), true)
		return run(s, plan, err)
	}
	move := func(s *Session, from NS, name string, to NS, newName string) error {
		plan, err := s.PlanMove(endIn(t, from, name), to, newName, false)
		return run(s, plan, err)
	}
	del := func(s *Session) error {
		plan, err := s.PlanDelete(endIn(t, b, "old0"), true)
		return run(s, plan, err)
	}
	rename := func(s *Session) error {
		plan, err := s.PlanRename(endIn(t, a, "old0"), "very0")
		return run(s, plan, err)
	}
	return map[string]func(*Session) error{
		"add":      func(s *Session) error { return add(s, MustBeNew, "a0", "b0") },
		"add auto": func(s *Session) error { return add(s, MustBeNew, "auto", "auto") },
		"replace":  func(s *Session) error { return add(s, Replace, "old0", "b0") },
		"set": func(s *Session) error {
			return set(s, "old0,mtu=1200,noaddr=10.5.0.1/24,addr=10.9.0.1/24,down,nomaster,group=4")
		},
		"move":   func(s *Session) error { return move(s, a, "old0", b, "new0") },
		"rename": rename,
		"old rename": func(s *Session) error {
			wrap := s.wrap
			s.wrap = func(c conn) conn { return wrap(&oldKernel{conn: c}) }
			return rename(s)
		},
		"netkit": func(s *Session) error {
			wrap := s.wrap
			s.wrap = func(c conn) conn { return wrap(&netkit{c}) }
			_, err := s.Add(&AddSpec{Kind: KindNetkitL2, A: endIn(t, a, "a0,addr=10.0.0.1/24"), B: endIn(t, b, "b0,alias=x")}, MustBeNew, 0)
			return err
		},
		"atomic batch": func(s *Session) error {
			return firstOf(
				func() error { return add(s, MustBeNew, "a0", "b0") },
				func() error { return set(s, "old0,mtu=1200,addr=10.9.0.1/24") },
				func() error { return move(s, a, "old0", b, "") },
				func() error { return del(s) },
			)
		},
	}
}

// run carries out a plan unless there is none.
func run(s *Session, plan *Plan, err error) error {
	if err != nil {
		return err
	}
	return s.Run(plan)
}

func firstOf(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// TestFaults makes each request of each act fail in turn, once before it is sent
// and once after the kernel has done it. Nothing may be left of the act.
func TestFaults(t *testing.T) {
	for _, name := range []string{"add", "add auto", "replace", "set", "move", "rename", "old rename", "netkit", "atomic batch"} {
		for when, afterwards := range map[string]bool{"unsent": false, "done": true} {
			if afterwards && name == "atomic batch" {
				continue // it is made of the others, and takes long
			}
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				a, b := newNetNS(t), newNetNS(t)
				lay(t, a, b)
				before := picture(t, a, b)
				for n := 1; !t.Failed() && faulty(t, acts(t, a, b)[name], n, afterwards); n++ {
					if diff := cmp.Diff(before, picture(t, a, b)); diff != "" {
						t.Errorf("after fault %d:\n%s", n, diff)
					}
				}
			})
		}
	}
}

// faulty lets the nth request of an act fail and takes back what the act has
// done; it returns false when the act has no such request.
func faulty(t *testing.T, act func(*Session) error, n int, afterwards bool) bool {
	t.Helper()
	s := newSession(t)
	defer s.Close()
	bad := &saboteur{fail: n, afterwards: afterwards}
	s.wrap = bad.wrap
	err := act(s)
	bad.fail = 0
	if bad.count < n {
		if err != nil {
			t.Errorf("undisturbed: %v", err)
		}
		return false
	}
	if left := s.Rollback(0); left != nil || KindOf(err) == Stuck {
		t.Errorf("fault %d: %v; rollback: %v", n, err, left)
	}
	return true
}

// TestStuck lets the way back fail, too: whenever something of an add is left,
// the error says so and names it.
func TestStuck(t *testing.T) {
	stuck := 0
	for n := 1; !t.Failed(); n++ {
		a, b := newNetNS(t), newNetNS(t)
		before := picture(t, a, b)
		s := newSession(t)
		bad := &saboteur{fail: n, forever: true}
		s.wrap = bad.wrap
		err := acts(t, a, b)["add"](s)
		s.Close()
		if bad.count < n {
			break
		}
		left := picture(t, a, b)
		if cmp.Equal(before, left) {
			continue
		}
		stuck++
		if KindOf(err) != Stuck {
			t.Errorf("request %d on: kind %d, left %v", n, KindOf(err), left)
		}
		for link := range left {
			// The second endpoint goes with the first, and lo is its own.
			name := link[2:]
			if _, old := before[link]; !old && name != "b0" && !strings.Contains(err.Error(), name+": cannot delete") {
				t.Errorf("request %d on: %s is left, but %v", n, link, err)
			}
		}
	}
	if stuck < 5 {
		t.Errorf("something was left %d times only", stuck)
	}
}

// TestPlaceVanishes wants a namespace that was found and is gone when it is to
// be entered to be left out, and never another one to be taken for it.
func TestPlaceVanishes(t *testing.T) {
	s := newSession(t)
	defer s.Close()
	const noPID = 1<<22 + 1 // above every limit of /proc/sys/kernel/pid_max
	places := map[string]*Place{"nothing leads there": {Inode: 1}}
	for name, space := range map[string]census.Namespace{
		"process ended":           {PID: noPID},
		"number of another":       {PID: os.Getpid()},
		"no longer bound":         {Mounts: []string{"/etc/passwd"}},
		"path gone":               {Mounts: []string{"/nowhere"}},
		"another one bound there": {Mounts: []string{"/proc/self/ns/net"}},
	} {
		space.Inode, space.Kind = 1, ns.Net
		places[name] = &Place{Inode: 1, snapshot: &census.Snapshot{Proc: "/proc"}, space: &space}
	}
	for name, p := range places {
		if ns, err := s.reach(p); ns != nil || err != nil {
			t.Errorf("%s: %v, %v", name, ns, err)
		}
	}
}
