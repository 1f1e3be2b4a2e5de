package rtnl

import (
	"errors"
	"testing"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// forged is an answer as the kernel would give it: all was done.
func forged(t *testing.T) []byte {
	t.Helper()
	return datagram(t, netlink.Message{Header: netlink.Header{Type: netlink.Error, Sequence: 1}, Data: make([]byte, 4+unix.SizeofNlMsghdr)})
}

// plant puts an answer into a netlink socket, as root in the namespace that the
// calling thread is in can.
func plant(t *testing.T, port uint32, answer []byte) {
	t.Helper()
	forger, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(forger)
	if err := unix.Sendto(forger, answer, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Pid: port}); errors.Is(err, unix.EPERM) {
		testkit.Skip(t, testkit.NeedsRoot)
	} else if err != nil {
		t.Fatal(err)
	}
}

// TestForgedAnswer lets root in a container answer in place of the kernel.
func TestForgedAnswer(t *testing.T) {
	c, err := Dial(unix.NETLINK_ROUTE, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	plant(t, c.PID(), forged(t))
	m := netlink.Message{Header: netlink.Header{Type: unix.RTM_GETLINK}, Data: make([]byte, unix.SizeofIfInfomsg)}
	m.Data[7] = 99
	if _, err := AskOnce(c, m); !errors.Is(err, unix.ENODEV) {
		t.Errorf("there is no such link, and the answer is %v: a process was believed", err)
	}
}
