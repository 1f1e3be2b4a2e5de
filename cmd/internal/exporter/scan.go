package exporter

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/fleet"
	"github.com/nskit/nskit/pkg/containers"
)

// errTime is why a collector has nothing to say when a scrape has to be answered.
var errTime = errors.New("the time for the scrape is over")

// found is what a scan has come to, perhaps not to its end.
type found struct {
	outcomes []fleet.Outcome
	// host is what was looked at and remembered what the memory adds; both are nil of a
	// scan that has not ended.
	host       *fleet.Host
	remembered *remembered
	// exact says that the memory's counters are not wanted: see [scanner].
	exact bool
}

// scanner has one scan done for all who ask at the same time.
type scanner struct {
	collectors []fleet.Collector
	keeper     *keeper
	log        *slog.Logger
	// known is what one scan leaves for the next.
	known *census.Known
	// exact says that a collector counts namespaces where they are made.
	exact bool

	mu      sync.Mutex
	running *scan
	// failures are the collectors that failed last, and why: each is logged when it changes.
	failures map[string]string
}

func newScanner(collectors []fleet.Collector, k *keeper, log *slog.Logger) *scanner {
	return &scanner{collectors: collectors, keeper: k, log: log, known: &census.Known{}, failures: map[string]string{}}
}

// watch adds the collector of births, before the first scan. Why it cannot work is told at once. It comes first:
// it reads no /proc, and has its say also when time is short.
func (s *scanner) watch(w *watcher) {
	s.collectors = append([]fleet.Collector{w.collector()}, s.collectors...)
	s.exact = w.exact()
	if w.err != nil {
		s.report([]fleet.Outcome{{Collector: birthsCollector, Err: w.err}})
	}
}

// scan is one that is going on.
type scan struct {
	start  time.Time
	cancel context.CancelFunc
	done   chan struct{}
	// waiting is who wants the result; a scan that nobody waits for any more is given up.
	waiting int
	givenUp bool

	mu sync.Mutex
	found
}

// get is what a scan finds until the context ends: collectors that have not finished by
// then have failed.
func (s *scanner) get(ctx context.Context) found {
	for {
		current, joined := s.join()
		select {
		case <-current.done:
		case <-ctx.Done():
		}
		if joined {
			s.leave(current)
			return s.answer(current)
		}
		if ctx.Err() != nil { // the scan before has not ended yet
			return s.answer(&scan{start: current.start})
		}
	}
}

// join takes part in the scan that is going on, or begins one. It is false for a scan
// that was given up and has not ended.
func (s *scanner) join() (*scan, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		ctx, cancel := context.WithCancel(context.Background())
		s.running = &scan{start: time.Now(), cancel: cancel, done: make(chan struct{})}
		go s.work(ctx, s.running)
	}
	if s.running.givenUp {
		return s.running, false
	}
	s.running.waiting++
	return s.running, true
}

func (s *scanner) leave(current *scan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if current.waiting--; current.waiting == 0 {
		current.givenUp = true
		current.cancel()
	}
}

// work carries a scan out.
func (s *scanner) work(ctx context.Context, current *scan) {
	host := &fleet.Host{Context: ctx, Ask: census.IDs, Known: s.known}
	for _, c := range s.collectors {
		outcome := c.Run(host)
		current.mu.Lock()
		current.outcomes = append(current.outcomes, outcome)
		current.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !current.givenUp {
		current.mu.Lock()
		current.host, current.remembered = host, s.keeper.see(host, current.outcomes)
		current.mu.Unlock()
	}
	s.running = nil
	close(current.done)
}

// answer is what a scan has come to by now.
func (s *scanner) answer(current *scan) found {
	current.mu.Lock()
	result := current.found
	current.mu.Unlock()
	for _, c := range s.collectors[len(result.outcomes):] {
		result.outcomes = append(result.outcomes[:len(result.outcomes):len(result.outcomes)],
			fleet.Outcome{Collector: c.Name, Err: errTime, Duration: time.Since(current.start)})
	}
	result.exact = s.exact
	s.report(result.outcomes)
	return result
}

// report logs what has changed about the collectors.
func (s *scanner) report(outcomes []fleet.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range outcomes {
		o := &outcomes[i]
		before, failed := s.failures[o.Collector]
		switch {
		case o.Err != nil && before != o.Err.Error():
			s.failures[o.Collector] = o.Err.Error()
			s.log.Error("Collector failed", "collector", o.Collector, "err", o.Err)
		case o.Err == nil && failed:
			delete(s.failures, o.Collector)
			s.log.Info("Collector works again", "collector", o.Collector)
		}
	}
}

// containerNames names the containers of processes; the state files of the runtimes are
// read when the first one is asked for.
type containerNames struct{ index *containers.Index }

// of is the name of the container that a process is in, "" for none.
func (c *containerNames) of(pid int) string {
	p, err := containers.Look(pid)
	if err != nil {
		return ""
	}
	if c.index == nil {
		c.index = containers.NewIndex(containers.Places{Root: hostRoot()})
	}
	in, ok := c.index.Of(p)
	if !ok {
		return ""
	}
	return c.index.Name(in)
}
