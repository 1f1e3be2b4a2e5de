package fleet

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// unitCapabilities are those of packaging/systemd/nskit-exporter.service.
func unitCapabilities(t *testing.T) []string {
	t.Helper()
	top, err := testkit.Top()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(top, "packaging/systemd/nskit-exporter.service"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if words, ok := strings.CutPrefix(line, "AmbientCapabilities="); ok {
			return strings.Fields(words)
		}
	}
	t.Fatal("the unit has no capabilities")
	return nil
}

// asUnit is the exporter as the unit runs it, by a user of its own with some capabilities.
func asUnit(capabilities []string) []string {
	list := "-all"
	for _, name := range capabilities {
		list += ",+" + strings.ToLower(strings.TrimPrefix(name, "CAP_"))
	}
	return []string{"setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups", "--no-new-privs", "--inh-caps", list, "--ambient-caps", list, "--bounding-set", list}
}

// scrape is what the exporter of a host says that does not change by itself, by series.
func (h *host) scrape(number int) map[string]string {
	h.t.Helper()
	var text string
	until(h.t, "a scrape", func() (bool, string) {
		answer, err := http.Get(fmt.Sprintf("http://10.99.0.%d:9960/metrics", 10+number))
		if err != nil {
			return false, err.Error()
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		text = string(body)
		return err == nil && answer.StatusCode == http.StatusOK, text
	})
	series := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if strings.HasPrefix(name, "nskit_") && !strings.Contains(name, "seconds") && !strings.Contains(name, "_total") && !strings.Contains(name, "mounts_max") {
			series[name] = value
		}
	}
	return series
}

// TestPrivileges takes the unit's capabilities away one by one: what is told must be what is told with all
// of them, or its collector says that it failed, and the log why.
func TestPrivileges(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	for _, name := range []string{"setpriv", "python3"} {
		testkit.Require(t, testkit.NeedsTool(name))
	}
	if exporter == "" {
		t.Skip("NSKIT_EXPORTER_BIN is not set: scripts/test-fleet sets it")
	}
	t.Cleanup(func() { run(t, "vethctl", "del", "fleet0") })
	h := newHost(t, 1)
	run(t, h.inside("chmod", "777", "/run/state")...)
	script := filepath.Join(h.dir, "leak.py")
	if err := os.WriteFile(script, []byte(leakScript(t)), 0o644); err != nil {
		t.Fatal(err)
	}
	background(t, filepath.Join(h.dir, "leak.log"), h.inside("sh", "-c", `cd /run/leak; exec python3 "$0"`, script)...)
	until(t, "the leaks", func() (bool, string) {
		_, err := os.Stat("/proc/" + h.pid + "/root/run/leak/ready")
		return err == nil, ""
	})
	all := unitCapabilities(t)
	scrapeWith := func(as []string) map[string]string {
		h.as = as
		h.start()
		defer h.stop()
		return h.scrape(1)
	}
	asRoot := scrapeWith(nil)
	whole := scrapeWith(asUnit(all))
	if !maps.Equal(asRoot, whole) {
		t.Errorf("the unit sees other things than root:\n%v\n%v", asRoot, whole)
	}
	for _, missing := range all {
		less := scrapeWith(asUnit(slices.DeleteFunc(slices.Clone(all), func(name string) bool { return name == missing })))
		failed := 0
		for name, value := range less {
			switch {
			case strings.HasPrefix(name, "nskit_collector_success") && value == "0":
				failed++
			case strings.HasPrefix(name, "nskit_unreadable") && missing == "CAP_SYS_PTRACE":
				if value == whole[name] {
					t.Errorf("without %s: no unreadable processes", missing)
				}
			case value != whole[name]:
				t.Errorf("without %s: %s is %s, with it %s", missing, name, value, whole[name])
			}
		}
		if failed == 0 || !strings.Contains(h.log(), "without "+missing) {
			t.Errorf("without %s: %d collectors failed:\n%s", missing, failed, h.log())
		}
	}
}
