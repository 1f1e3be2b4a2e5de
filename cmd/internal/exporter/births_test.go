package exporter

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nskit/nskit/cmd/internal/exporter/births"
	"github.com/nskit/nskit/internal/fleet"
	"github.com/nskit/nskit/pkg/containers"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// fakeTracker says what a test has it say.
type fakeTracker struct {
	counts births.Counts
	alive  []births.Birth
	err    error
}

func (f *fakeTracker) Counts() (births.Counts, error) { return f.counts, f.err }
func (f *fakeTracker) Alive() ([]births.Birth, error) { return f.alive, f.err }

func noContainers() []containers.Container { return nil }

// withBirths is a scanner of one other collector, and that of births.
func withBirths(w *watcher, log *slog.Logger) *scanner {
	s := newScanner([]fleet.Collector{collector("one", func(*fleet.Host) error { return nil })}, testKeeper(), log)
	s.watch(w)
	return s
}

// TestRefused: where births cannot be watched one line is logged, the collector fails, and all else is told.
func TestRefused(t *testing.T) {
	var log bytes.Buffer
	s := withBirths(&watcher{err: errors.New("operation not permitted")}, slog.New(slog.NewTextHandler(&log, nil)))
	for range 3 {
		f := s.get(t.Context())
		f.remembered = &remembered{}
		if told(f) != "births! one" {
			t.Error(told(f))
		}
		if all := families(f, false, false); sampleOf(all, "nskit_collector_success", "births") != 0 || sampleOf(all, "nskit_collector_success", "one") != 1 || sampleOf(all, createdTotal, "net") != 0 {
			t.Errorf("%+v", all)
		}
	}
	if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "births") {
		t.Error(log.String())
	}
}

// sampleOf is that of a sample by its only label's value, -1 if there is not just one.
func sampleOf(all []fleet.Family, name, label string) float64 {
	result, found := -1.0, 0
	for _, f := range all {
		for _, s := range f.Samples {
			if f.Name == name && (label == "" || s.Labels[0].Value == label) {
				result, found = s.Value, found+1
			}
		}
	}
	if found != 1 {
		return -1
	}
	return result
}

// TestExact: what is counted where it happens stands in the place of what scans see, also when it cannot be read for once.
func TestExact(t *testing.T) {
	tracker := &fakeTracker{counts: births.Counts{Lost: 2}}
	tracker.counts.Created[ns.Net], tracker.counts.Destroyed[ns.Net] = 1000, 998
	s := withBirths(&watcher{tracker: tracker, names: creatorNames{list: noContainers}}, slog.New(slog.DiscardHandler))
	get := func() []fleet.Family {
		f := s.get(t.Context())
		f.remembered = &remembered{}
		f.remembered.created[ns.Net] = 8
		return families(f, false, false)
	}
	all := get()
	if sampleOf(all, createdTotal, "net") != 1000 || sampleOf(all, destroyedTotal, "net") != 998 || sampleOf(all, "nskit_births_lost_total", "") != 2 || sampleOf(all, "nskit_collector_success", "births") != 1 {
		t.Errorf("%+v", all)
	}
	tracker.err = errors.New("gone")
	if all := get(); sampleOf(all, createdTotal, "net") != -1 || sampleOf(all, "nskit_collector_success", "births") != 0 {
		t.Errorf("%+v", all)
	}
}

func TestAnswer(t *testing.T) {
	web := containers.Ref{Runtime: containers.Docker, ID: "0123"}
	tracker := &fakeTracker{alive: []births.Birth{
		{Kind: ns.Net, Inode: 4026532182, PID: 9, Command: "runc:[1:CHILD]", Container: web, Since: 40 * time.Second},
		{Inode: 7, PID: 10, Command: "a\n1\t2\x1b[31m"},
		{Inode: 8, PID: 11, Container: containers.Ref{ID: "nobody's"}},
	}}
	w := &watcher{tracker: tracker, names: creatorNames{list: func() []containers.Container {
		return []containers.Container{{Name: "we\tb", ID: "0123", Runtime: containers.Docker}}
	}}}
	got, err := w.answer(100*time.Second, time.Unix(1000, 0))
	want := fleet.CreatorsHeader + "4026532182\t940\t9\twe?b\trunc:[1:CHILD]\n7\t900\t10\t\ta?1?2?[31m\n8\t900\t11\tnobody's\t\n"
	if string(got) != want || err != nil {
		t.Errorf("%q %v", got, err)
	}
	tracker.err = errors.New("gone")
	if _, err := w.answer(0, time.Time{}); err == nil {
		t.Error("no error")
	}
}

// TestCreatorNames: a name is looked up once, kept when the container is gone, and forgotten with its last namespace.
func TestCreatorNames(t *testing.T) {
	asked := 0
	there := []containers.Container{{Name: "web", ID: "1", Runtime: containers.Podman}}
	c := creatorNames{list: func() []containers.Container { asked++; return there }}
	web, bare, other := containers.Ref{Runtime: containers.Podman, ID: "1"}, containers.Ref{ID: "1"}, containers.Ref{Runtime: containers.Podman, ID: "2"}
	alive := []births.Birth{{Container: web}, {Container: bare}, {Container: other}, {}}
	c.see(alive)
	there = nil
	c.see(alive)
	if c.of(web) != "web" || c.of(bare) != "web" || c.of(other) != "2" || c.of(containers.Ref{}) != "" || asked != 1 {
		t.Errorf("%+v, asked %d times", c.names, asked)
	}
	c.see(nil)
	if len(c.names) != 0 || asked != 1 || c.of(web) != "1" {
		t.Errorf("%+v, asked %d times", c.names, asked)
	}
}

func TestSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "births.sock")
	l, err := listenSocket(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan bool)
	go func() {
		answerSocket(ctx, l, func() ([]byte, error) { return []byte("all"), nil }, slog.New(slog.DiscardHandler))
		close(ended)
	}()
	for range 2 * socketClients {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(conn); string(text) != "all" || err != nil {
			t.Errorf("%q %v", text, err)
		}
		conn.Close()
	}
	if _, err := listenSocket(path); err == nil || !strings.Contains(err.Error(), "used by another process") {
		t.Errorf("in use: %v", err)
	}
	cancel()
	<-ended
}

// failing is a listener without descriptors for a while.
type failing struct {
	net.Listener
	times int
}

func (f *failing) Accept() (net.Conn, error) {
	if f.times--; f.times >= 0 {
		return nil, &net.OpError{Op: "accept", Err: unix.EMFILE}
	}
	return f.Listener.Accept()
}

// TestSocketLater: who asks when there are descriptors again is answered, and the end is the end.
func TestSocketLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		client, connection := net.Pipe()
		listener := make(oneConnection, 1)
		listener <- connection
		ended := make(chan bool)
		var log bytes.Buffer
		go func() {
			answerSocket(ctx, &failing{listener, 3}, func() ([]byte, error) { return []byte("all"), nil }, slog.New(slog.NewTextHandler(&log, nil)))
			close(ended)
		}()
		if text, err := io.ReadAll(client); string(text) != "all" || err != nil {
			t.Errorf("%q %v", text, err)
		}
		cancel()
		<-ended
		if n := strings.Count(log.String(), "\n"); n != 1 {
			t.Errorf("%d lines:\n%s", n, &log)
		}
	})
}

// TestStaleSocket: what a killed exporter has left is replaced, and nothing else.
func TestStaleSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "births.sock")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	again, err := listenSocket(path)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
	_ = os.Remove(path)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listenSocket(path); err == nil {
		t.Error("a file was replaced")
	}
}

func TestBirthsOptions(t *testing.T) {
	for _, tt := range []struct {
		args, runtime string
		births        bool
		socket        string
	}{
		{"", "", false, "/run/nskit-exporter/births.sock"},
		{"--collector.births", "/run/x:/run/y", true, "/run/x/births.sock"},
		{"--collector.births --no-collector.births", "", false, "/run/nskit-exporter/births.sock"},
		{"--collector.births=false", "", false, "/run/nskit-exporter/births.sock"},
		{"--births.socket=/s", "/run/x", false, "/s"},
		{"--births.socket=", "/run/x", false, ""},
		{"--collector.births --no-collector.links --no-collector.limits --no-collector.mounts --no-collector.namespaces --no-collector.processes --births.socket=", "", true, ""},
	} {
		o, err := parse(strings.Fields(tt.args), func(name string) string { return map[string]string{"RUNTIME_DIRECTORY": tt.runtime}[name] })
		if err != nil || o.births != tt.births || o.socket != tt.socket {
			t.Errorf("%s: %+v %v", tt.args, o, err)
		}
	}
}
