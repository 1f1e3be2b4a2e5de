package exporter

import (
	"context"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/exporter-toolkit/web"
)

const healthPath = "/-/healthy"

// server answers requests.
type server struct {
	*options
	log     *slog.Logger
	scanner *scanner
	// process is this process's own use of the system.
	process  prometheus.Collector
	template *template.Template
}

// newServer makes what answers need; nothing listens yet.
func newServer(o *options, scanner *scanner, log *slog.Logger) *server {
	return &server{o, log, scanner, collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), parsePage()}
}

// serve listens until the context ends, and then waits for the requests that were begun.
func (s *server) serve(ctx context.Context) error {
	server := &http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 5 * time.Minute,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn)}
	ended := make(chan error, 1)
	go func() { ended <- web.ListenAndServe(server, s.web(), s.log) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	s.log.Info("Stopping")
	limit, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if err := server.Shutdown(limit); err != nil {
		s.log.Warn("Requests were cut off", "err", err)
		server.Close()
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// shutdownTime is how long requests may still take when the process is to end.
const shutdownTime = 5 * time.Second

// handler leads each path to its answer.
func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	bounded := s.bounded()
	mux.HandleFunc("GET "+s.metricsPath, bounded(s.metrics))
	mux.HandleFunc("GET "+healthPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, program+" is healthy.\n")
	})
	mux.HandleFunc("GET /{$}", bounded(s.page))
	return mux
}

// slack is how long a client may take, beside the time of the scan, to send the rest of a request and read the answer.
const slack = 30 * time.Second

// bounded makes handlers that answer together no more requests than there may be at a time, and wait for no client
// that does not read: each answer is in memory.
func (s *server) bounded() func(http.HandlerFunc) http.HandlerFunc {
	var going atomic.Int64
	return func(answer http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			defer going.Add(-1)
			if n := going.Add(1); s.maxRequests > 0 && n > int64(s.maxRequests) {
				http.Error(w, "too many requests at a time: --web.max-requests", http.StatusServiceUnavailable)
				return
			}
			control, end := http.NewResponseController(w), time.Now().Add(s.timeFor(r)+slack)
			_ = errors.Join(control.SetReadDeadline(end), control.SetWriteDeadline(end)) // a test's connection has none
			answer(w, r)
		}
	}
}

// metrics answers a scrape.
func (s *server) metrics(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), s.timeFor(r))
	defer cancel()
	result := s.scanner.get(ctx)
	works, asked := s.scanner.keeper.works()
	registry := prometheus.NewRegistry()
	registry.MustRegister(metrics(families(result, works, asked)), s.process)
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelError)}).ServeHTTP(w, r)
}

// timeFor is how long an answer may take: somewhat less than Prometheus says that it waits.
func (s *server) timeFor(r *http.Request) time.Duration {
	return timeOf(r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds"), s.limit)
}

// timeOf reads a time in seconds, and leaves a part of it, half a second at most, for the way of the answer.
func timeOf(text string, otherwise time.Duration) time.Duration {
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(seconds) || seconds <= 0 || seconds > 3600 {
		return otherwise
	}
	whole := time.Duration(seconds * float64(time.Second))
	return whole - min(whole/10, time.Second/2)
}
