package census

import (
	"encoding/binary"
	"os"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// TestForgedNetID has a process answer in place of the kernel.
func TestForgedNetID(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	own, err := os.Open("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	var n netIDs
	defer n.close()
	want := n.of(int(own.Fd()))
	name, err := unix.Getsockname(n.socket)
	if err != nil {
		t.Fatal(err)
	}
	forger, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(forger)
	answer := request(4242) // which has the same layout
	binary.NativeEndian.PutUint16(answer[4:], unix.RTM_NEWNSID)
	binary.NativeEndian.PutUint16(answer[netIDAttribute+2:], unix.NETNSA_NSID)
	if err := unix.Sendto(forger, answer, 0, name); err != nil {
		t.Fatal(err)
	}
	if got := n.of(int(own.Fd())); (got == nil) != (want == nil) || got != nil && *got != *want {
		t.Errorf("the identifier is %v, and was %v: a process was believed", got, want)
	}
}
