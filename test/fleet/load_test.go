package fleet

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nskit/nskit/internal/testkit"
)

// What the host of TestLoad has.
const (
	loadGroups   = 200 // each in network, mount, PID, UTS, IPC and cgroup namespaces of its own
	loadPerGroup = 25  // processes
	loadVeths    = 2   // pairs of each group, with a bridge on the host
)

// What its exporter may use at most. Its CPU time has a budget, too, of 200 ms a scrape and a tenth of that of
// `lsns -J | jq`: it depends on what else the machine does, is above that on a busy one, and is
// only told here. What fails is a share much larger than was measured.
const (
	loadSeries = 150
	loadText   = 20 << 10 // bytes
	loadMemory = 25 << 20 // bytes
	loadShare  = 0.25     // of the CPU time of a shell script that finds the same
	loadWarm   = 100      // scrapes until everything has been used once
	loadRounds = 5
)

// usage is what the exporter uses.
type usage struct {
	memory, peak                    int64 // bytes
	descriptors, threads            int
	series, text                    int
	processes, namespaces, pairEnds int
}

// TestLoad measures scrapes of a large host, NSKIT_FLEET_LOAD of them: scripts/load fleet.
func TestLoad(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	scrapes := testkit.Number(t, "NSKIT_FLEET_LOAD", 0)
	if exporter == "" || scrapes == 0 {
		t.Skip("NSKIT_FLEET_LOAD is not set: scripts/load fleet sets it")
	}
	testkit.Require(t, testkit.NeedsHost("lsns"))
	for _, name := range []string{"jq", "ip"} {
		testkit.Require(t, testkit.NeedsTool(name))
	}
	t.Cleanup(func() { run(t, "vethctl", "del", "fleet0") })
	h := newHost(t, 1)
	crowd(t, h)
	h.flags = []string{"--scrape.timeout=" + patience.String()} // a busy machine may take its time
	h.start()
	for range min(loadWarm, scrapes) {
		h.text()
	}
	warm := h.usage()
	var each, counts, whole []time.Duration
	for range loadRounds { // one after the other: the machine may get busier, or less busy
		before := cpuOf(t, h.proc())
		for range max(1, scrapes/loadRounds) {
			h.text()
		}
		each = append(each, (cpuOf(t, h.proc())-before)/time.Duration(max(1, scrapes/loadRounds)))
		counts, whole = append(counts, h.shellCPU(scriptCounts)), append(whole, h.shellCPU(scriptAll))
	}
	end := h.usage()
	t.Logf("load of the machine: %s", loadAverage())
	t.Logf("%d processes, %d namespaces, %d endpoints of veth pairs", end.processes, end.namespaces, end.pairEnds)
	own, shell := middle(each), middle(whole)
	t.Logf("%d scrapes: %v of CPU each, a share of %.3f of the %v of `lsns -J | jq`, and of %.3f of the %v of a script that finds the same",
		scrapes, own, float64(own)/float64(middle(counts)), middle(counts), float64(own)/float64(shell), shell)
	t.Logf("%d series, %d bytes", end.series, end.text)
	t.Logf("memory %.1f MiB after %d scrapes, %.1f MiB at the end, %.1f MiB at most", mib(warm.memory), min(loadWarm, scrapes), mib(end.memory), mib(end.peak))
	t.Logf("descriptors %d and %d, threads %d and %d", warm.descriptors, end.descriptors, warm.threads, end.threads)
	for _, wrong := range over(warm, end, own, shell) {
		t.Error(wrong)
	}
}

// over says what is more than it may be.
func over(warm, end usage, own, shell time.Duration) []string {
	var wrong []string
	atMost := func(what string, is, limit int64) {
		if is > limit {
			wrong = append(wrong, fmt.Sprintf("%s: %d, at most %d", what, is, limit))
		}
	}
	atMost("series", int64(end.series), loadSeries)
	atMost("bytes of text", int64(end.text), loadText)
	atMost("bytes of memory", end.peak, loadMemory)
	atMost("microseconds of CPU a scrape, beside a shell script that finds the same", own.Microseconds(), int64(loadShare*float64(shell.Microseconds())))
	atMost("descriptors at the end", int64(end.descriptors), int64(warm.descriptors))
	atMost("threads at the end", int64(end.threads), int64(warm.threads)+2) // the runtime's, of which a busy machine can need another
	atMost("bytes of memory at the end", end.memory, warm.memory+2<<20)
	if end.processes < loadGroups*loadPerGroup || end.namespaces < loadGroups*6 || end.pairEnds < 2*loadGroups*loadVeths {
		wrong = append(wrong, "the host is smaller than it should be")
	}
	return wrong
}

// crowd fills a host with processes, namespaces and veth pairs.
func crowd(t *testing.T, h *host) {
	t.Helper()
	script := fmt.Sprintf(`mkdir /run/crowd
n=0
while [ $n -lt %d ]; do
	unshare -mnpuiC -f --mount-proc --kill-child --pidfile /run/crowd/$n sh -c '
		i=2; while [ $i -lt %d ]; do sleep 1000000 & i=$((i + 1)); done; exec sleep 1000000' &
	n=$((n + 1))
done
exec sleep 1000000`, loadGroups, loadPerGroup)
	background(t, filepath.Join(h.dir, "crowd.log"), h.inside("sh", "-c", script)...)
	var pids []string
	until(t, "the crowd", func() (bool, string) {
		said, err := exec.Command("nsenter", h.inside("sh", "-c", fmt.Sprintf(`
			[ "$(find /proc -maxdepth 1 -name '[0-9]*' | wc -l)" -ge %d ] && cat /run/crowd/*`, loadGroups*loadPerGroup))[1:]...).Output()
		pids = strings.Fields(string(said))
		return err == nil && len(pids) == loadGroups, fmt.Sprintf("%v, %d", err, len(pids))
	})
	var lines strings.Builder
	for i, pid := range pids {
		for j := range loadVeths {
			fmt.Fprintf(&lines, "add v%d-%d pid:%s:eth%d --bridge crowd0\n", i, j, pid, j)
		}
	}
	batch := exec.Command("nsenter", h.inside("vethctl", "batch")[1:]...)
	batch.Stdin = strings.NewReader(lines.String())
	if said, err := batch.CombinedOutput(); err != nil {
		t.Fatalf("vethctl batch: %v\n%s", err, said)
	}
}

// usage looks at the exporter from outside.
func (h *host) usage() usage {
	h.t.Helper()
	var u usage
	for line := range strings.Lines(h.text()) {
		u.text += len(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		u.series++
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, _ := strconv.ParseFloat(value, 64)
		switch {
		case strings.HasPrefix(name, "nskit_collector_success") && n != 1:
			h.t.Errorf("%s %s", name, value)
		case strings.HasPrefix(name, "nskit_namespaces{"):
			u.namespaces += int(n)
		case strings.HasPrefix(name, `nskit_link_ends{kind="veth"`):
			u.pairEnds += int(n)
		}
	}
	proc := "/proc/" + h.pid + "/root/proc/"
	own := h.proc()
	u.processes = len(globbed(proc + "[0-9]*"))
	u.descriptors = len(globbed(own + "/fd/*"))
	u.threads = len(globbed(own + "/task/*"))
	u.memory, u.peak = statusBytes(h.t, own, "VmRSS:"), statusBytes(h.t, own, "VmHWM:")
	return u
}

// proc is the exporter's directory in /proc.
func (h *host) proc() string { return "/proc/" + h.pid + "/root/proc/" + h.inner }

func globbed(pattern string) []string {
	names, _ := filepath.Glob(pattern)
	return names
}

// statusBytes is a size of a process, /proc/PID/status.
func statusBytes(t *testing.T, proc, name string) int64 {
	t.Helper()
	text, err := os.ReadFile(proc + "/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) == 3 && words[0] == name {
			n, _ := strconv.ParseInt(words[1], 10, 64)
			return n << 10
		}
	}
	t.Fatalf("no %s in %s", name, text)
	return 0
}

// cpuOf is the time that all threads of a process have had, those that have ended too, by /proc/PID/stat in
// hundredths of a second.
func cpuOf(t *testing.T, proc string) time.Duration {
	t.Helper()
	text, err := os.ReadFile(proc + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, _ := strconv.Atoi(words[11])
	system, _ := strconv.Atoi(words[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// scriptCounts is what people have in a cron job today: namespaces by type, those without a process excepted.
const scriptCounts = `"$HOST/lsns" -J | jq -r '.namespaces | group_by(.type)[] | "namespaces{type=\"\(.[0].type)\"} \(length)"'`

// scriptAll looks at all that the exporter looks at, with the tools that the incidents were found by.
const scriptAll = scriptCounts + `
find /proc/[0-9]*/fd -lname '*:\[*\]' -printf '%h %l\n' 2>/dev/null | awk '{ n[$2]++ } END { for (l in n) print n[l] }' | sort | tail -n 1
wc -l /proc/[0-9]*/mountinfo | sort -n | tail -n 2
"$HOST/lsns" -rno PID -t net | while read -r pid; do "$HOST/nsenter" -t "$pid" -n ip -o link show type veth; done | wc -l`

// shellCPU is the CPU time that a shell script takes on the host.
func (h *host) shellCPU(script string) time.Duration {
	h.t.Helper()
	cmd := exec.Command("nsenter", h.inside("sh", "-c", "exec >/run/script.prom\n"+script)[1:]...)
	if said, err := cmd.CombinedOutput(); err != nil {
		h.t.Fatalf("%v\n%s", err, said)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

func middle(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }

func loadAverage() string {
	text, _ := os.ReadFile("/proc/loadavg")
	return strings.TrimSpace(string(text))
}
