package load

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// TestLoad makes and ends containers: NSKIT_LOAD of them (some dozens by
// default) one after the other, and as many with up to 200 at a time.
func TestLoad(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	testkit.Require(t, testkit.NeedsUserNamespaces)
	testkit.Require(t, testkit.NeedsTool("busybox"))
	count := testkit.Number(t, "NSKIT_LOAD", 60)
	dir := t.TempDir()
	check(t, testkit.Rootfs(dir+"/rootfs"))
	for _, atOnce := range []int{1, min(200, count/2)} {
		t.Run(fmt.Sprintf("%d at a time", atOnce), func(t *testing.T) {
			before := take(t)
			check(t, one(dir, "warm", 9)) // what the system makes once stays
			system, began := takeKernel(t), time.Now()
			flood(t, dir, count, atOnce)
			took := time.Since(began)
			expectSame(t, before)
			expectNoGrowth(t, system, count)
			fmt.Printf("%d containers, %d at a time, %.1f s; left: %+v as before; the system: %s\n",
				count, atOnce, took.Seconds(), before, difference(system, takeKernel(t)))
		})
	}
}

// flood makes count containers with so many hands.
func flood(t *testing.T, dir string, count, hands int) {
	var next atomic.Int64
	var group sync.WaitGroup
	for hand := range hands {
		group.Go(func() {
			for i := next.Add(1); i <= int64(count) && !t.Failed(); i = next.Add(1) {
				if err := one(dir, fmt.Sprint(hand), int(i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

// one makes the ith container, and ends it.
func one(dir, hand string, i int) error {
	switch {
	case i%10 == 9:
		return together(dir, hand)
	case i%10 > 5:
		_, err := says(0, "pivot", "-Urpf", "--proc", dir+"/rootfs", "true")
		return err
	}
	_, err := says(0, "unshare", "-Urpmfn", "--mount-proc", "true")
	return err
}

// together has two containers run, a veth pair between them and others enter them,
// and a namespace that outlives its processes.
func together(dir, hand string) error {
	a, err := start("unshare", "-Urpmfn", "--mount-proc", "--kill-child")
	if err != nil {
		return err
	}
	b, err := start("unshare", "-n")
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "net"+hand)
	steps := []func() error{
		func() error {
			return said(0, "vethctl", "add", fmt.Sprintf("%d:eth0,addr=10.0.0.1/24", a.pid), fmt.Sprintf("%d:eth0,addr=10.0.0.2/24", b.pid))
		},
		func() error { return said(0, "nsenter", "-t", strconv.Itoa(a.pid), "-a", "true") },
		func() error { return os.WriteFile(file, nil, 0o644) },
		func() error { return said(0, "unshare", "--net="+file, "--loopback", "true") },
		func() error { return said(0, "nsenter", "--net="+file, "true") },
		func() error { return unix.Unmount(file, unix.MNT_DETACH) },
		func() error { return os.Remove(file) },
		func() error { return a.end(true) },
		func() error { return b.end(true) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// said is says for commands whose output is of no interest.
func said(code int, name string, args ...string) error {
	_, err := says(code, name, args...)
	return err
}
