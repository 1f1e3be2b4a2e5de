package exporter

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nskit/nskit/internal/fleet"
)

// hungServer has a scan that does not end before it is let.
func hungServer(t *testing.T, args ...string) (handler http.Handler, release func()) {
	t.Helper()
	o, err := parse(args, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	hung, log := make(chan struct{}), slog.New(slog.DiscardHandler)
	s := newScanner([]fleet.Collector{collector("hung", func(*fleet.Host) error { <-hung; return nil })}, testKeeper(), log)
	return newServer(o, s, log).handler(), sync.OnceFunc(func() { close(hung) })
}

// TestManyRequests: those above the most that are answered at a time are told so at once; whether the process lives is always told.
func TestManyRequests(t *testing.T) {
	for _, tt := range []struct {
		flag   string
		served int
	}{{"--web.max-requests=3", 3}, {"--web.max-requests=0", 100}, {"--web.max-requests=40", 40}} {
		synctest.Test(t, func(t *testing.T) {
			handler, release := hungServer(t, tt.flag)
			get := func(path string) int {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
				return w.Code
			}
			codes := make(chan int, 100)
			for i := range cap(codes) {
				go func() { codes <- get([]string{"/metrics", "/"}[i%2]) }()
			}
			synctest.Wait()
			if n := len(codes); n != cap(codes)-tt.served {
				t.Errorf("%s: %d were answered at once", tt.flag, n)
			}
			for range len(codes) {
				if code := <-codes; code != http.StatusServiceUnavailable {
					t.Errorf("%s: %d", tt.flag, code)
				}
			}
			if code := get(healthPath); code != http.StatusOK {
				t.Errorf("%s: health: %d", tt.flag, code)
			}
			release()
			for range tt.served {
				if code := <-codes; code != http.StatusOK {
					t.Errorf("%s: %d", tt.flag, code)
				}
			}
			if code := get("/metrics"); code != http.StatusOK {
				t.Errorf("%s: afterwards: %d", tt.flag, code)
			}
		})
	}
}

// TestSlowClient: who does not read, or does not send what was announced, is not waited for for ever.
func TestSlowClient(t *testing.T) {
	for name, body := range map[string]string{"does not read": "", "does not send": "Content-Length: 5\r\n"} {
		synctest.Test(t, func(t *testing.T) {
			handler, release := hungServer(t)
			release()
			client, connection := net.Pipe() // has no buffer: nothing is written that nobody reads
			served := make(chan struct{})
			server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Second, ConnState: func(_ net.Conn, state http.ConnState) {
				if state == http.StateClosed {
					close(served)
				}
			}}
			listener := make(oneConnection, 1)
			listener <- connection
			go func() { _ = server.Serve(listener) }()
			begun := time.Now()
			fmt.Fprintf(client, "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n%s\r\n", body)
			if body != "" { // then the body is waited for before the answer
				go func() { _, _ = io.Copy(io.Discard, client) }()
			}
			<-served
			if took := time.Since(begun); took > 10*time.Second+slack {
				t.Errorf("%s: after %v", name, took)
			}
			server.Close()
			client.Close()
		})
	}
}

// oneConnection is a listener that has one, and then none until it is closed.
type oneConnection chan net.Conn

func (l oneConnection) Accept() (net.Conn, error) {
	if c, ok := <-l; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (l oneConnection) Close() error   { close(l); return nil }
func (l oneConnection) Addr() net.Addr { return &net.UnixAddr{} }
