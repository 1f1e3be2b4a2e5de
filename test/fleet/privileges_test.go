package fleet

import (
	"maps"
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
func (h *host) scrape() map[string]string {
	h.t.Helper()
	series := map[string]string{}
	for line := range strings.Lines(h.text()) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if strings.HasPrefix(name, "nskit_") && !strings.Contains(name, "seconds") && !strings.Contains(name, "_total") && !strings.Contains(name, "mounts_max") {
			series[name] = value
		}
	}
	return series
}

// failing are the collectors that fail without each capability, as docs/fleet.md has them.
var failing = map[string]string{
	"CAP_SYS_PTRACE":      "limits links mounts namespaces processes",
	"CAP_DAC_READ_SEARCH": "limits links mounts namespaces",
	"CAP_NET_ADMIN":       "limits links namespaces",
	"CAP_SYS_ADMIN":       "limits links mounts namespaces",
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
		return h.scrape()
	}
	asRoot := scrapeWith(nil)
	whole := scrapeWith(asUnit(all))
	if !maps.Equal(asRoot, whole) {
		t.Errorf("the unit sees other things than root:\n%v\n%v", asRoot, whole)
	}
	for _, missing := range all {
		less := scrapeWith(asUnit(slices.DeleteFunc(slices.Clone(all), func(name string) bool { return name == missing })))
		var failed []string
		for name, value := range less {
			switch {
			case strings.HasPrefix(name, "nskit_collector_success") && value == "0":
				failed = append(failed, strings.Split(name, `"`)[1])
			case strings.HasPrefix(name, "nskit_unreadable") && missing == "CAP_SYS_PTRACE":
				if value == whole[name] {
					t.Errorf("without %s: no unreadable processes", missing)
				}
			case value != whole[name]:
				t.Errorf("without %s: %s is %s, with it %s", missing, name, value, whole[name])
			}
		}
		slices.Sort(failed)
		if got := strings.Join(failed, " "); got != failing[missing] {
			t.Errorf("without %s these collectors failed: %s", missing, got)
		}
		if n := strings.Count(h.log(), `msg="Collector failed"`); n != len(failed) || strings.Count(h.log(), "without "+missing+" ") != n {
			t.Errorf("without %s the log does not say so once for each collector:\n%s", missing, h.log())
		}
	}
}
