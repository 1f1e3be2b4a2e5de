package exporter

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nskit/nskit/internal/fleet"
)

// testKeeper has no file.
func testKeeper() *keeper {
	return &keeper{file: make(chan struct{}, 1), log: slog.New(slog.DiscardHandler), now: func() (int64, error) { return 1, nil }}
}

func collector(name string, do func(*fleet.Host) error) fleet.Collector {
	return fleet.Collector{Name: name, Collect: func(h *fleet.Host) ([]fleet.Family, error) {
		err := do(h)
		return []fleet.Family{{Name: "nskit_" + name, Samples: []fleet.Sample{{Value: 1}}}}, err
	}}
}

// told are the collectors of a result, with a ! those that failed.
func told(f found) string {
	var all []string
	for _, o := range f.outcomes {
		name := o.Collector
		if o.Err != nil {
			name += "!"
		}
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

// TestTogether: who comes while a scan is going on shares it.
func TestTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var scans atomic.Int32
		s := newScanner([]fleet.Collector{collector("one", func(*fleet.Host) error {
			scans.Add(1)
			time.Sleep(time.Second)
			return nil
		})}, testKeeper(), slog.New(slog.DiscardHandler))
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if got := told(s.get(t.Context())); got != "one" {
					t.Error(got)
				}
			})
		}
		group.Wait()
		s.get(t.Context())
		if n := scans.Load(); n != 2 {
			t.Errorf("%d scans", n)
		}
	})
}

// TestHung: a scan that does not end fails what has not been told by then, for every scrape, and
// keeps nobody from the next one when it does end.
func TestHung(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var scans, cancelled atomic.Int32
		s := newScanner([]fleet.Collector{
			collector("quick", func(*fleet.Host) error { scans.Add(1); return nil }),
			collector("broken", func(*fleet.Host) error { return errors.New("broken") }),
			collector("hung", func(h *fleet.Host) error {
				<-release // as a system call that does not come back
				if h.Context.Err() != nil {
					cancelled.Add(1)
				}
				return nil
			}),
			collector("last", func(*fleet.Host) error { return nil }),
		}, testKeeper(), slog.New(slog.DiscardHandler))
		get := func() found {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			return s.get(ctx)
		}
		first := get()
		if got := told(first); got != "quick broken! hung! last!" || first.host != nil || first.outcomes[2].Duration != 3*time.Second {
			t.Errorf("%s %+v", got, first)
		}
		if got := told(get()); got != "quick! broken! hung! last!" { // what the first one knew is old
			t.Error(got)
		}
		close(release)
		if got := told(get()); got != "quick broken! hung last" {
			t.Error(got)
		}
		if scans.Load() != 2 || cancelled.Load() != 1 {
			t.Errorf("%d scans, %d cancelled", scans.Load(), cancelled.Load())
		}
	})
}

// TestHungScrape: what Prometheus gets of a scan that hangs says that collectors failed, and no number of theirs.
func TestHungScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		log := slog.New(slog.DiscardHandler)
		s := newServer(&options{metricsPath: "/metrics", limit: time.Hour}, newScanner([]fleet.Collector{
			collector("quick", func(*fleet.Host) error { return nil }),
			collector("namespaces", func(*fleet.Host) error { <-release; return nil }),
		}, testKeeper(), log), log)
		request := httptest.NewRequest("GET", "/metrics", nil)
		request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "10")
		answer, begun := httptest.NewRecorder(), time.Now()
		s.handler().ServeHTTP(answer, request)
		if took := time.Since(begun); answer.Code != 200 || took != 9500*time.Millisecond {
			t.Errorf("%d after %v", answer.Code, took)
		}
		text := answer.Body.String()
		for _, line := range []string{"nskit_quick 1\n", `nskit_collector_success{collector="quick"} 1`, `nskit_collector_success{collector="namespaces"} 0`} {
			if !strings.Contains(text, line) {
				t.Errorf("no %q:\n%s", line, text)
			}
		}
		for _, name := range []string{"nskit_namespaces", "_created_total", "_oldest_seconds"} {
			if strings.Contains(text, name) {
				t.Errorf("%s of a scan that has not ended:\n%s", name, text)
			}
		}
	})
}

// TestHungState: a file system that does not answer keeps no scrape waiting, and nobody who ends.
func TestHungState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var writes atomic.Int32
		k := testKeeper()
		k.path, k.saved = "/state", time.Now()
		k.replace = func(string, []byte) error { writes.Add(1); <-release; return nil }
		s := newScanner([]fleet.Collector{{Name: "namespaces", Collect: func(*fleet.Host) ([]fleet.Family, error) { return nil, nil }}}, k, slog.New(slog.DiscardHandler))
		for i := range 4 {
			time.Sleep(savePeriod)
			begun := time.Now()
			if got := told(s.get(t.Context())); got != "namespaces" || time.Since(begun) > time.Second {
				t.Errorf("%s after %v", got, time.Since(begun))
			}
			if works, _ := k.works(); works != (i == 0) {
				t.Errorf("after %d scrapes: %v", i+1, works)
			}
		}
		begun := time.Now()
		if k.save(); time.Since(begun) != shutdownTime || writes.Load() != 1 {
			t.Errorf("%d writes, the end took %v", writes.Load(), time.Since(begun))
		}
		close(release)
		synctest.Wait()
		if works, _ := k.works(); !works || writes.Load() != 2 {
			t.Errorf("%d writes, works: %v", writes.Load(), works)
		}
	})
}

// TestPatience: who waits longer gets what who left did not wait for.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScanner([]fleet.Collector{collector("slow", func(h *fleet.Host) error {
			time.Sleep(5 * time.Second)
			return h.Context.Err()
		})}, testKeeper(), slog.New(slog.DiscardHandler))
		var group sync.WaitGroup
		for limit, want := range map[time.Duration]string{time.Second: "slow!", 9 * time.Second: "slow"} {
			group.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				if got := told(s.get(ctx)); got != want {
					t.Errorf("%v: %s", limit, got)
				}
			})
		}
		group.Wait()
	})
}
