package fleet

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"github.com/rogpeppe/go-internal/txtar"
)

// count is how many hosts there are; the one with the leaks is leaky.
const (
	count = 5
	leaky = 2
)

// TestFleet follows a leak from a host to the alert and back, and then what can go wrong with an exporter.
func TestFleet(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	for _, name := range []string{"prometheus", "promtool", "python3"} {
		testkit.Require(t, testkit.NeedsTool(name))
	}
	if exporter == "" {
		t.Skip("NSKIT_EXPORTER_BIN is not set: scripts/test-fleet sets it")
	}
	t.Cleanup(func() { run(t, "vethctl", "del", "fleet0") })
	var hosts []*host
	up := map[string]float64{}
	for i := range count {
		h := newHost(t, i+1)
		if i == 3 { // its disk is full before the exporter starts
			run(t, h.inside("sh", "-c", "! cat /dev/zero >/run/state/full 2>/dev/null")...)
		}
		h.start()
		hosts, up[h.name] = append(hosts, h), 1
	}
	prometheus(t, hosts)
	comes(t, "up", up, "instance")
	comes(t, "count(nskit_collector_success == 1)", map[string]float64{"": 5 * count})
	comes(t, "sum(nskit_namespaces_unpopulated)", map[string]float64{"": 0})
	if n := number(t, "max(count by (instance) ({instance!=\"\",__name__=~\"nskit.*|process.*\"}))"); n > 150 {
		t.Errorf("%v series", n)
	}

	t.Run("promtool", func(t *testing.T) { promtool(t, hosts[leaky]) })
	t.Run("leaks", func(t *testing.T) { leaks(t, hosts[leaky]) })
	t.Run("killed", func(t *testing.T) { killed(t, hosts[0], up) })
	t.Run("stopped", func(t *testing.T) { stopped(t, hosts[1], up) })
	t.Run("full disk", func(t *testing.T) { fullDisk(t, hosts[3]) })
	t.Run("clock", func(t *testing.T) { clock(t, hosts[4], up) })
}

// promtool finds nothing to say about what an exporter tells, in either format, and about the rules.
func promtool(t *testing.T, h *host) {
	top, err := testkit.Top()
	if err != nil {
		t.Fatal(err)
	}
	metrics := exec.Command("promtool", "check", "metrics")
	metrics.Stdin = strings.NewReader(h.text())
	if said, err := metrics.CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, said)
	}
	dir := filepath.Join(top, "packaging/prometheus")
	for _, name := range []string{"nskit.rules", "nskit.recording"} {
		for _, words := range [][]string{{"check", "rules", "--lint=all", "--lint-fatal", name + ".yml"}, {"test", "rules", name + ".test.yml"}} {
			check := exec.Command("promtool", words...)
			check.Dir = dir
			if said, err := check.CombinedOutput(); err != nil || !strings.Contains(string(said), "SUCCESS") {
				t.Errorf("promtool %q: %v\n%s", words, err, said)
			}
		}
	}
}

// leakScript is what lsns's own test of leaks makes.
func leakScript(t *testing.T) string {
	t.Helper()
	top, err := testkit.Top()
	if err != nil {
		t.Fatal(err)
	}
	archive, err := txtar.ParseFile(filepath.Join(top, "test/lsns/testdata/leaks.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range archive.Files {
		if file.Name == "leak.py" {
			return string(file.Data)
		}
	}
	t.Fatal("no leak.py")
	return ""
}

// leaks makes the leaks of the census on one host, and mends them.
func leaks(t *testing.T, h *host) {
	script := filepath.Join(h.dir, "leak.py")
	if err := os.WriteFile(script, []byte(leakScript(t)), 0o644); err != nil {
		t.Fatal(err)
	}
	background(t, filepath.Join(h.dir, "leak.log"), h.inside("sh", "-c", `cd /run/leak; echo $$ >pid; exec python3 "$0"`, script)...)
	comes(t, "nskit_namespaces_unpopulated > 0", map[string]float64{
		h.name + " net fd": 3, h.name + " net socket": 1, h.name + " uts mount": 2, h.name + " uts thread": 1, h.name + " user child": 1, h.name + " user owned": 1,
	}, "instance", "type", "held_by")
	comes(t, `ALERTS{alertstate="firing"}`, map[string]float64{"NetworkNamespacesLeak " + h.name: 1}, "alertname", "instance")
	comes(t, `count by (instance) (nskit_namespaces_unpopulated_oldest_seconds{type="net"} > 0 < 600)`, map[string]float64{h.name: 1}, "instance")
	for _, other := range []string{"host1", "host2", "host4", "host5"} {
		if n := number(t, `sum(nskit_namespaces_created_total{type="net",instance="`+other+`"})`); n != 0 {
			t.Errorf("%s: %v network namespaces were made there", other, n)
		}
	}
	run(t, h.inside("sh", "-c", "kill -9 $(cat /run/leak/pid); umount /run/leak/bound/here")...)
	comes(t, "sum(nskit_namespaces_unpopulated)", map[string]float64{"": 0})
	comes(t, `ALERTS{alertname="NetworkNamespacesLeak",alertstate="firing"}`, map[string]float64{})
	if n := number(t, `nskit_namespaces_destroyed_total{type="net",instance="`+h.name+`"}`); n < 4 {
		t.Errorf("%v network namespaces are gone", n)
	}
}

// down waits until Prometheus knows that one exporter does not answer; nothing that it said
// before counts any more.
func down(t *testing.T, h *host, up map[string]float64) {
	t.Helper()
	without := map[string]float64{}
	for name, value := range up {
		without[name] = value
	}
	without[h.name] = 0
	comes(t, "up", without, "instance")
	comes(t, `count(nskit_namespaces{instance="`+h.name+`"})`, map[string]float64{})
}

// killed ends an exporter in a scrape, with what it has counted so far.
func killed(t *testing.T, h *host, up map[string]float64) {
	run(t, h.inside("sh", "-c", ": >/run/netns/one && unshare --net=/run/netns/one true")...)
	comes(t, `nskit_namespaces_created_total{type="net",instance="host1"}`, map[string]float64{"": 1})
	h.stop() // counters and ages are written
	h.start()
	comes(t, "up", up, "instance")
	comes(t, `nskit_namespaces_created_total{type="net",instance="host1"}`, map[string]float64{"": 1})

	h.signal("STOP") // the next scrape is begun and not answered
	down(t, h, up)
	h.signal("KILL")
	_ = h.exporter.Wait()
	h.start()
	comes(t, "up", up, "instance")
	comes(t, `nskit_namespaces_created_total{type="net",instance="host1"}`, map[string]float64{"": 1})
	run(t, h.inside("umount", "/run/netns/one")...)
	comes(t, `nskit_namespaces_destroyed_total{type="net",instance="host1"}`, map[string]float64{"": 1})
}

// stopped has an exporter hang, and go on.
func stopped(t *testing.T, h *host, up map[string]float64) {
	h.signal("STOP")
	down(t, h, up)
	h.signal("CONT")
	comes(t, "up", up, "instance")
	comes(t, `sum(nskit_namespaces_unpopulated{instance="host2"})`, map[string]float64{"": 0})
}

// fullDisk: the numbers are right, a warning and a metric say that they will not outlive a restart.
func fullDisk(t *testing.T, h *host) {
	comes(t, "nskit_state_file_success == 0", map[string]float64{h.name: 0}, "instance")
	if n := strings.Count(h.log(), "level=WARN"); n != 2 || !strings.Contains(h.log(), "no space left on device") { // the other: its PID namespace
		t.Errorf("%d warnings:\n%s", n, h.log())
	}
	run(t, h.inside("rm", "/run/state/full")...)
	comes(t, "nskit_state_file_success", map[string]float64{"host1": 1, "host2": 1, "host3": 1, "host4": 1, "host5": 1}, "instance")
	if left := run(t, h.inside("ls", "-A", "/run/state")...); left != "state.json" {
		t.Errorf("left: %s", left)
	}
}

// clock restarts an exporter where the clock of the time since boot is ten days ahead: no age may follow it.
func clock(t *testing.T, h *host, up map[string]float64) {
	testkit.Require(t, testkit.NeedsKernel("ns/time"))
	run(t, h.inside("sh", "-c", ": >/run/netns/one && unshare --net=/run/netns/one true")...)
	oldest := `nskit_namespaces_unpopulated_oldest_seconds{type="net",instance="host5"}`
	comes(t, oldest+" > bool 2", map[string]float64{"": 1})
	before := number(t, oldest)
	h.stop()
	h.start("unshare", "-T", "--boottime", fmt.Sprint(10*86400), "--fork", "--kill-child")
	comes(t, "up", up, "instance")
	comes(t, fmt.Sprintf("%s > bool %v", oldest, before), map[string]float64{"": 1})
	if after := number(t, oldest); after > before+300 {
		t.Errorf("an age of %v became one of %v", before, after)
	}
	run(t, h.inside("umount", "/run/netns/one")...)
}
