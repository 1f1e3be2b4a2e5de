package ns

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// fresh makes a namespace that only a Handle holds.
func fresh(t testing.TB, kind Kind) *Handle {
	t.Helper()
	var h *Handle
	done := make(chan error)
	unshare := func() {
		err := unix.Unshare(kind.Flag() | unix.CLONE_FS)
		if err == nil {
			h, err = Open("/proc/thread-self/ns/" + kind.String())
		}
		done <- err
	}
	go func() {
		runtime.LockOSThread() // the thread ends with the goroutine, unless it is the first
		if unix.Gettid() != unix.Getpid() {
			unshare()
			return
		}
		started := make(chan struct{})
		go func() {
			runtime.LockOSThread()
			close(started)
			unshare()
		}()
		<-started
		runtime.UnlockOSThread()
	}()
	if err := <-done; errors.Is(err, unix.EPERM) {
		testkit.Skip(t, testkit.NeedsRoot)
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// here is the namespace of the calling thread.
func here(t testing.TB, kind Kind) ID {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Stat("/proc/thread-self/ns/"+kind.String(), &st); err != nil {
		t.Fatal(err)
	}
	return ID{uint64(st.Dev), st.Ino}
}

func idOf(t testing.TB, h *Handle) ID {
	t.Helper()
	id, err := h.ID()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// allHome waits until no thread of this process is in a namespace: that which made it
// may not have ended yet.
func allHome(t *testing.T, kind Kind, not ID) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		there := ""
		links, err := filepath.Glob("/proc/self/task/*/ns/" + kind.String())
		if err != nil || len(links) == 0 {
			t.Fatal(links, err)
		}
		for _, link := range links {
			var st unix.Stat_t
			if unix.Stat(link, &st) == nil && st.Ino == not.Ino {
				there = link
			}
		}
		switch {
		case there == "":
			return
		case time.Now().After(deadline):
			t.Errorf("a thread is still there: %s", there)
			return
		}
	}
}

func TestDo(t *testing.T) {
	for _, kind := range []Kind{Net, UTS, IPC, Mount, Cgroup} {
		t.Run(kind.String(), func(t *testing.T) {
			h := fresh(t, kind)
			home, away := here(t, kind), idOf(t, h)
			called := false
			err := Do(h, func(host *Handle) error {
				called = true
				if got := here(t, kind); got != away {
					t.Errorf("inside: %v, want %v", got, away)
				}
				if got := idOf(t, host); got != home {
					t.Errorf("host: %v, want %v", got, home)
				}
				if unix.Gettid() == unix.Getpid() {
					t.Error("on the main thread")
				}
				return os.ErrDeadlineExceeded
			})
			if !called || err != os.ErrDeadlineExceeded || here(t, kind) != home {
				t.Error(called, err)
			}
			allHome(t, kind, away)
		})
	}
}

// TestDoNested goes on from inside, and back out by the host that is handed over.
func TestDoNested(t *testing.T) {
	a, b := fresh(t, Net), fresh(t, Net)
	home := here(t, Net)
	err := Do(a, func(host *Handle) error {
		return errors.Join(
			Do(b, func(host *Handle) error {
				if idOf(t, host) != idOf(t, a) || here(t, Net) != idOf(t, b) {
					t.Error("the inner one is somewhere else")
				}
				return nil
			}),
			Do(host, func(*Handle) error {
				if here(t, Net) != home {
					t.Error("the host is somewhere else")
				}
				return nil
			}))
	})
	if err != nil {
		t.Fatal(err)
	}
	allHome(t, Net, idOf(t, a))
	allHome(t, Net, idOf(t, b))
}

// TestDoHost wants the caller's namespace to be there for all that ask for it during the call,
// at once too, and for nobody who comes too late, which makes no call wait.
func TestDoHost(t *testing.T) {
	h := fresh(t, Net)
	home := here(t, Net)
	for round := range 100 {
		asked := make(chan *Handle)
		var asking, all sync.WaitGroup
		for range 4 {
			asking.Add(1)
			all.Go(func() { // outside
				defer asking.Done()
				host := <-asked
				if round%2 == 1 {
					host.FD() // perhaps too late
				} else if id, err := host.ID(); id != home || err != nil {
					t.Errorf("host: %v, %v, want %v", id, err, home)
				}
			})
		}
		var kept *Handle
		err := Do(h, func(host *Handle) error {
			kept = host
			for range 4 {
				asked <- host
			}
			if round%2 == 0 {
				asking.Wait()
			}
			return nil
		})
		if fd := kept.FD(); err != nil || fd != -1 {
			t.Errorf("%v; after the call the host is descriptor %d", err, fd)
		}
		all.Wait()
	}
}

// TestDoPanics wants a panic and an exit to go on in the caller, and the thread home.
func TestDoPanics(t *testing.T) {
	h := fresh(t, Net)
	func() {
		defer func() {
			if value := recover(); value != os.ErrExist {
				t.Errorf("recovered %v", value)
			}
		}()
		Do(h, func(*Handle) error { panic(os.ErrExist) })
		t.Error("Do has returned after a panic")
	}()
	ended := make(chan bool)
	go func() {
		returned := false
		defer func() { ended <- returned }()
		Do(h, func(*Handle) error { runtime.Goexit(); return nil })
		returned = true
	}()
	if <-ended {
		t.Error("Do has returned after Goexit")
	}
	allHome(t, Net, idOf(t, h))
}

// TestDoRefuses makes sure that what no thread can enter is an error.
func TestDoRefuses(t *testing.T) {
	for _, h := range []*Handle{nil, {}} {
		if err := Do(h, nil); !errors.Is(err, os.ErrInvalid) {
			t.Error(err)
		}
	}
	for kind, want := range map[Kind]error{User: unix.EINVAL, PID: unix.EINVAL, Time: unix.EUSERS} {
		h, err := OpenPID(os.Getpid(), kind)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := Do(h, nil); !errors.Is(err, want) {
			t.Errorf("%v: %v", kind, err)
		}
		h.Close()
		if err := Do(h, nil); err == nil {
			t.Errorf("%v: no error after Close", kind)
		}
	}
}

// TestDoAtOnce makes 100,000 calls from 100 goroutines. None must see a thread that
// another has left elsewhere.
func TestDoAtOnce(t *testing.T) {
	calls := 1000
	if testing.Short() || raceEnabled || watching {
		calls = 100
	}
	spaces := []*Handle{fresh(t, Net), fresh(t, Net), fresh(t, Net)}
	home := here(t, Net)
	var all sync.WaitGroup
	for n := range 100 {
		h := spaces[n%len(spaces)]
		away := idOf(t, h)
		all.Go(func() {
			for i := range calls {
				err := Do(h, func(*Handle) error {
					if i%16 == 0 && here(t, Net) != away {
						return errors.New("not inside")
					}
					return nil
				})
				if err != nil || i%16 == 0 && here(t, Net) != home {
					t.Errorf("call %d: %v", i, err)
					return
				}
			}
		})
	}
	all.Wait()
	for _, h := range spaces {
		allHome(t, Net, idOf(t, h))
	}
}

// BenchmarkDo is one call in another network namespace.
func BenchmarkDo(b *testing.B) {
	for _, kind := range []Kind{Net, UTS, Mount} {
		b.Run(kind.String(), func(b *testing.B) {
			h := fresh(b, kind)
			for b.Loop() {
				if err := Do(h, func(*Handle) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
