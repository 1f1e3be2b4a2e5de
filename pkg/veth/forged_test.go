package veth

import (
	"errors"
	"testing"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// forged is an answer as the kernel would give it: the link was made, and both
// it and its peer are number 1.
func forged(t *testing.T) []byte {
	body := encoded(t, linkHeader(1, 0, 0), func(ae *netlink.AttributeEncoder) { ae.Uint32(unix.IFLA_LINK, 1) })
	made := netlink.Message{Header: netlink.Header{Type: unix.RTM_NEWLINK, Sequence: 1}, Data: body}
	done := netlink.Message{Header: netlink.Header{Type: netlink.Error, Sequence: 1}, Data: make([]byte, errnoLen+unix.SizeofNlMsghdr)}
	return datagram(t, made, done)
}

// plant puts an answer into a netlink socket, as the root of the namespace that
// the calling thread is in can.
func plant(t *testing.T, sock int, answer []byte) {
	t.Helper()
	unix.Bind(sock, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}) // unless it is
	name, err := unix.Getsockname(sock)
	if err != nil || name.(*unix.SockaddrNetlink).Pid == 0 {
		t.Fatal(name, err)
	}
	forger, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(forger)
	if err := unix.Sendto(forger, answer, 0, name); err != nil {
		t.Fatal(err)
	}
}

// TestForgedAnswer lets the root of a container answer in place of the kernel,
// with the number of a link that is another's in the namespace of the other end.
func TestForgedAnswer(t *testing.T) {
	a := newNetNS(t)
	errs := make(chan error)
	go aside(func() {
		errs <- unix.Setns(a.Number, unix.CLONE_NEWNET)
		c, err := dialHere(0)
		if err != nil {
			errs <- err
			return
		}
		defer c.Close()
		plant(t, c.(*connection).fd, forged(t))
		_, err = c.Send(netlink.Message{Header: netlink.Header{Type: unix.RTM_GETLINK, Flags: netlink.Request | netlink.Acknowledge}, Data: linkHeader(99, 0, 0)})
		if err == nil {
			_, err = c.Receive()
		}
		errs <- err
	})
	if err := <-errs; err != nil {
		t.Fatal(err)
	}
	if err := <-errs; !errors.Is(err, unix.ENODEV) {
		t.Errorf("there is no link 99, and the answer is %v: a process was believed", err)
	}
}
