package census

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/pkg/ns"
)

// TestHeldByPath: a descriptor that was opened through a bind mount is found
// while the mount is there and when it is gone, on hosts with network file systems too.
func TestHeldByPath(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	path, inode := bound(t)
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	place, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(place) })
	want := []Holder{{How: ByDescriptor, PID: os.Getpid(), FD: fd}, {How: ByDescriptor, PID: os.Getpid(), FD: place}}
	for _, mounted := range []bool{true, false} {
		if !mounted {
			if err := unix.Unmount(path, unix.MNT_DETACH); err != nil {
				t.Fatal(err)
			}
		}
		for _, local := range []bool{true, false} {
			s, err := take(Options{Kinds: ns.SetOf(ns.UTS), Want: Descriptors}, &system{isLocal: func(string) bool { return local }})
			if err != nil {
				t.Fatal(err)
			}
			n := s.Find(inode)
			if n != nil { // another process that looks at descriptors has this one open for a moment
				n.Holders = slices.DeleteFunc(n.Holders, func(h Holder) bool { return h.PID != os.Getpid() })
			}
			if n == nil || !slices.Equal(n.Holders, want) {
				t.Errorf("mounted %v, local file systems %v: %+v, want %v", mounted, local, n, want)
				continue
			}
			if err := s.Relate(Hostnames, nil); err != nil || n.Hostname != "census-test" {
				t.Errorf("mounted %v: it is not opened through its descriptor: %+v, %v", mounted, n, err)
			}
		}
	}
}

// TestHeldByThread: a namespace that only a thread is in, as Go programs leave
// them in the hands of a locked goroutine, is found and opened.
func TestHeldByThread(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	tid, done, ended := make(chan int), make(chan bool), make(chan bool)
	go func() {
		defer close(ended)
		runtime.LockOSThread() // for good: the thread ends with the function
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			t.Error(err)
		}
		tid <- unix.Gettid()
		<-done
	}()
	want := Holder{How: ByThread, PID: os.Getpid(), TID: <-tid}
	defer func() { close(done); <-ended }()
	link, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", want.TID))
	_, inode, ok := parseLink([]byte(link))
	if err != nil || !ok {
		t.Fatal(link, err)
	}
	s, err := Take(Options{Want: Threads})
	if err != nil {
		t.Fatal(err)
	}
	n := s.Find(inode)
	if n == nil || n.Processes != 0 || !slices.Equal(n.Holders, []Holder{want}) {
		t.Fatalf("%+v, want %v", n, want)
	}
	if path := fmt.Sprintf("/proc/%d/task/%d/ns/net", want.PID, want.TID); s.Path(n) != path {
		t.Errorf("%s, want %s", s.Path(n), path)
	}
	fd, err := s.Open(n)
	if err != nil || inodeOf(fd) != inode {
		t.Errorf("it cannot be opened: %v", err)
	}
	unix.Close(fd)
}

// cover mounts a FUSE file system that never answers over a file, and returns
// what ends the waiting for it.
func cover(t *testing.T, path string) (release func()) {
	fuse, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	options := fmt.Sprintf("fd=%d,rootmode=100644,user_id=0,group_id=0", fuse)
	if err := unix.Mount("nothing", path, "fuse", 0, options); err != nil {
		t.Fatal(err)
	}
	release = sync.OnceFunc(func() { unix.Close(fuse) })
	t.Cleanup(func() {
		release()
		unix.Unmount(path, unix.MNT_DETACH)
	})
	return release
}

// TestCovered: what lies under a file system that never answers is known by the
// mount table, and nobody waits for that file system.
func TestCovered(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	testkit.Require(t, testkit.NeedsKernel("/dev/fuse"))
	path, inode := bound(t)
	release := cover(t, path)
	for _, without := range []bool{false, true} {
		result := make(chan error)
		go func() {
			s, err := Take(Options{Kinds: ns.SetOf(ns.UTS), Want: Descriptors | Mounts | OnlyMounts, NoNewCalls: without})
			if err == nil {
				err = s.Relate(Owners|Hostnames, nil)
			}
			n := s.Find(inode)
			if n == nil || !slices.Equal(n.Mounts, []string{path}) || !slices.Equal(n.Covered, n.Mounts) || s.Path(n) != "" {
				t.Errorf("without %v: %+v", without, n)
			}
			// Also by whoever does not know that it is covered.
			if fd, opened := nsfsDevice().openPath(path, inode); opened == nil {
				unix.Close(fd)
				t.Error("the file system was opened")
			}
			result <- err
		}()
		select {
		case err := <-result:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(20 * time.Second): // without a fault it takes no time
			release()
			t.Fatal("it waits for the file system")
		}
	}
}

func TestLocal(t *testing.T) {
	for text, want := range map[string]bool{
		"nodev\tsysfs\nnodev\ttmpfs\n\text4\nnodev\tfuse\n": true,
		"nodev\tsysfs\nnodev\tnfs4\n":                       false,
		"nodev\t9p\n":                                       false,
		"nodev\tunheard\n":                                  false,
		"":                                                  false,
	} {
		if onlyLocal([]byte(text)) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

func TestMayBeNamespace(t *testing.T) {
	for text, want := range map[string]bool{
		"pos:\t0\nflags:\t0100000\nmnt_id:\t4\nino:\t4026532254\n":        true,
		"pos:\t0\nflags:\t0100000\nmnt_id:\t4\nino:\t4026531833\nlock:\t": true,
		"pos:\t0\nflags:\t0100000\nmnt_id:\t4\nino:\t4294967296\n":        false,
		"pos:\t0\nflags:\t0100002\nmnt_id:\t25\nino:\t4\n":                false,
		"pos:\t0\nflags:\t0100002\nmnt_id:\t25\n":                         true, // before Linux 5.14
		"": false,
	} {
		if mayBeNamespace([]byte(text)) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
