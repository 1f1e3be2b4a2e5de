package rtnl

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// newNetNS makes a network namespace that only a descriptor holds.
func newNetNS(t *testing.T) *os.File {
	t.Helper()
	var file *os.File
	done := make(chan error)
	go Aside(func() {
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
	return file
}

// TestVisit wants every thread to be where it was after a socket was opened elsewhere.
func TestVisit(t *testing.T) {
	file := newNetNS(t)
	before := threadsIn(t, file) // the one that made it may not be gone yet
	var d Dialer
	defer d.Close()
	for range 50 {
		c, err := d.Dial(int(file.Fd()), unix.NETLINK_ROUTE, 0)
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	if d.requests != nil {
		t.Error("a thread was started for it")
	}
	for thread := range threadsIn(t, file) {
		if !before[thread] {
			t.Errorf("a thread has stayed there: %s", thread)
		}
	}
}

// threadsIn are the threads of this process that are in a namespace.
func threadsIn(t *testing.T, ns *os.File) map[string]bool {
	t.Helper()
	links, err := filepath.Glob("/proc/self/task/*/ns/net")
	if err != nil || len(links) == 0 {
		t.Fatal(links, err)
	}
	want, err := ns.Stat()
	if err != nil {
		t.Fatal(err)
	}
	in := map[string]bool{}
	for _, link := range links {
		if got, err := os.Stat(link); err == nil && os.SameFile(want, got) {
			in[link] = true
		}
	}
	return in
}
