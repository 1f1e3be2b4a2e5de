package fleet

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/nskit/nskit/pkg/ns"
)

// TestLimit: a kernel without a kind of namespace has no limit on it, and that is no failure.
func TestLimit(t *testing.T) {
	proc := t.TempDir()
	for _, dir := range []string{"sys/user", "self/ns"} {
		if err := os.MkdirAll(filepath.Join(proc, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"sys/user/max_net_namespaces": "5\n", "self/ns/net": "", "self/ns/uts": ""} {
		if err := os.WriteFile(filepath.Join(proc, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	host := &Host{Proc: proc}
	for kind, want := range map[ns.Kind]struct {
		limit     int
		known, ok bool
	}{ns.Net: {5, true, true}, ns.Time: {0, false, true}, ns.UTS: {0, false, false}} {
		if limit, known, err := host.limit(kind); limit != want.limit || known != want.known || err == nil != want.ok {
			t.Errorf("%v: %d %v %v", kind, limit, known, err)
		}
	}
}
