package lsns

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nskit/nskit/internal/fleet"
)

func TestParseCreators(t *testing.T) {
	before := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = before })
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"no header", "1\t2\t3\tc\tx\n", ""},
		{"other version", "nskit creators 10\n1\t2\t3\tc\tx\n", ""},
		{"container", fleet.CreatorsHeader + "1\t60\t3\tweb\trunc:[1:CHILD]\n", "1970-01-01T00:01:00Z runc:[1:CHILD][3] in web"},
		{"no container", fleet.CreatorsHeader + "1\t60\t3\t\tip\n", "1970-01-01T00:01:00Z ip[3]"},
		{"no command", fleet.CreatorsHeader + "1\t0\t3\t\t\n", "1970-01-01T00:00:00Z [3]"},
		{"tab in command", fleet.CreatorsHeader + "1\t0\t3\t\ta\tb\n", "1970-01-01T00:00:00Z a\tb[3]"},
		{"after bad lines", fleet.CreatorsHeader + "\n1\nx\t1\t1\t\tx\n1\t-1\t1\t\tx\n1\t999999999999999\t1\t\tx\n-1\t1\t1\t\tx\n99999999999\t1\t1\t\tx\n1\t0\t3\t\tlast", "1970-01-01T00:00:00Z last[3]"},
	} {
		if got := parseCreators(tt.text)[1]; got != tt.want {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}

// serveCreators has a socket answer whoever connects.
func serveCreators(t *testing.T, answer func(net.Conn)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			answer(conn)
		}
	}()
	return path
}

func TestAskCreators(t *testing.T) {
	later := time.Now().Add(time.Hour)
	told := serveCreators(t, func(c net.Conn) {
		for _, part := range []string{"one ", "two ", "three"} {
			_, _ = c.Write([]byte(part))
		}
		c.Close()
	})
	if got := askCreators(told, later); got != "one two three" {
		t.Errorf("%q", got)
	}
	endless := serveCreators(t, func(c net.Conn) {
		more := []byte(strings.Repeat("x", 1<<16))
		for {
			if _, err := c.Write(more); err != nil {
				return
			}
		}
	})
	if got := askCreators(endless, later); got != "" {
		t.Errorf("endless: %d bytes", len(got))
	}
	// Whoever says something and then nothing more is not waited for.
	hung := serveCreators(t, func(c net.Conn) { _, _ = c.Write([]byte("one")); t.Cleanup(func() { c.Close() }) })
	if got := askCreators(hung, time.Now().Add(50*time.Millisecond)); got != "" {
		t.Errorf("hung: %q", got)
	}
	for _, path := range []string{filepath.Join(t.TempDir(), "none"), t.TempDir(), "", strings.Repeat("x", 200)} {
		if got := askCreators(path, later); got != "" {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestTrusted(t *testing.T) {
	for _, tt := range []struct {
		peer, self int
		want       bool
	}{{0, 0, true}, {0, 1000, true}, {1000, 1000, true}, {1000, 0, false}, {1001, 1000, false}, {61184, 0, true}, {65519, 0, true}, {65520, 0, false}, {65534, 0, false}} {
		if trusted(tt.peer, tt.self) != tt.want {
			t.Errorf("%+v", tt)
		}
	}
}
