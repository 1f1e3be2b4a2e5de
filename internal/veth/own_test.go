package veth

import (
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"testing"

	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// TestOwnIsWhereTheSessionWasOpened opens a session on a thread that is elsewhere, as
// a CNI plugin does, and uses it from there and from a thread that is at home.
func TestOwnIsWhereTheSessionWasOpened(t *testing.T) {
	ref := newNetNS(t)
	var s *Session
	done := make(chan error)
	go rtnl.Aside(func() {
		err := unix.Setns(ref.Number, unix.CLONE_NEWNET)
		if err == nil {
			s, err = Open(Options{})
		}
		if err == nil {
			_, err = s.Add(&AddSpec{A: End{Name: "owna"}, B: End{Name: "ownb"}}, MustBeNew, 0)
		}
		done <- err
	})
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.own.Inode != inodeOf(t, fmt.Sprintf("/proc/self/fd/%d", ref.Number)) {
		t.Error("the session's own namespace is not the one that it was opened in")
	}
	if _, err := s.Look(End{Name: "owna"}); err != nil {
		t.Error("seen from home:", err)
	}
	s.closeSockets()
	if _, err := s.Look(End{Name: "ownb"}); err != nil {
		t.Error("by a socket that was opened at home:", err)
	}
	plan, err := s.PlanSet(End{Name: "ownb", Settings: Settings{Features: []Feature{{"tso", false}}}}, false)
	if err := run(s, plan, err); err != nil {
		t.Error("by a socket of generic netlink:", err)
	}
	home := newSession(t)
	defer home.Close()
	if st, err := home.Look(End{NS: ref, Name: "ownb"}); err != nil {
		t.Error(err)
	} else if f, err := home.features(st.Handle); err != nil || f.active["tx-tcp-segmentation"] {
		t.Error("features were not switched there:", err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if home.own.Inode != inodeOf(t, "/proc/thread-self/ns/net") {
		t.Error("a session at home is elsewhere")
	}
	if _, err := home.Look(End{Name: "owna"}); KindOf(err) != NotFound {
		t.Errorf("the link is at home, too: %v", err)
	}
}

// closeSockets has the next request open another socket.
func (s *Session) closeSockets() {
	for to, c := range s.conns {
		c.Close()
		delete(s.conns, to)
	}
}

func inodeOf(t *testing.T, path string) uint64 {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		t.Fatal(&os.PathError{Op: "stat", Path: path, Err: err})
	}
	return st.Ino
}

// TestZeroAddresses makes sure that what is no address is refused, and not taken for
// the unspecified one.
func TestZeroAddresses(t *testing.T) {
	s := newSession(t)
	defer s.Close()
	for what, settings := range map[string]Settings{
		"gateway": {Gateways: []netip.Addr{{}}},
		"address": {Addrs: []netip.Prefix{{}}},
		"route":   {Routes: []RouteSpec{{}}},
	} {
		_, err := s.PlanAdd(&AddSpec{A: End{Name: "zeroa", Settings: settings}, B: End{Name: "zerob"}}, MustBeNew)
		if KindOf(err) != Invalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := s.PlanAdd(&AddSpec{A: End{Name: "zeroa"}, B: End{Name: "zerob"}}, 77); KindOf(err) != Invalid {
		t.Error(err)
	}
}

// TestNames makes sure that values print as words.
func TestNames(t *testing.T) {
	text := fmt.Sprint(Stuck, Kind(99), Down, ByFD, Replace, OpLost, Op(99))
	if text != "stuck unknown down fd replace lost unknown" {
		t.Error(text)
	}
}
