// Package fleet tests nskit-exporter with a real Prometheus: hosts are network, PID, mount, UTS and IPC
// namespaces on this machine, made by nskit's own unshare, and wired by its vethctl. scripts/test-fleet
// runs it, and installs Prometheus before.
package fleet

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nskit/nskit/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// patience is how long a condition may take to come true.
const patience = 2 * time.Minute

// until waits for a condition; what says why it is not true yet.
func until(t *testing.T, what string, condition func() (bool, string)) {
	t.Helper()
	last := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		var ok bool
		if ok, last = condition(); ok {
			return
		}
	}
	t.Fatalf("%s: not within %v: %s", what, patience, last)
}

func run(t *testing.T, args ...string) string {
	t.Helper()
	said, err := exec.Command(args[0], args[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v\n%s", args, err, said)
	}
	return strings.TrimSpace(string(said))
}

// background starts a command that ends with the test.
func background(t *testing.T, log string, args ...string) *exec.Cmd {
	t.Helper()
	file, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = file, file
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			text, _ := os.ReadFile(log)
			t.Logf("%q said:\n%.3000s", args, text)
		}
	})
	return cmd
}

// host is one of the hosts.
type host struct {
	t       *testing.T
	name    string
	address string
	dir     string
	// pid is its first process, as seen from here; inner that of the exporter, as seen there.
	pid, inner string
	exporter   *exec.Cmd
	// as is what the exporter is executed by, flags are further ones.
	as, flags []string
}

// inside is a command as it is run on the host.
func (h *host) inside(args ...string) []string {
	return append([]string{"nsenter", "-t", h.pid, "-m", "-n", "-p", "-u", "-i", "--"}, args...)
}

// newHost makes namespaces, and a veth pair from eth0 in them to the bridge here.
func newHost(t *testing.T, number int) *host {
	t.Helper()
	h := &host{t: t, name: fmt.Sprintf("host%d", number), address: fmt.Sprintf("10.99.0.%d", 10+number), dir: t.TempDir()}
	pidfile := filepath.Join(h.dir, "pid")
	background(t, filepath.Join(h.dir, "host.log"), "unshare", "-mnpui", "-f", "--mount-proc", "--propagation", "private", "--kill-child", "--init", "--loopback", "--hostname", h.name,
		"--pidfile", pidfile, "sleep", "infinity")
	until(t, h.name, func() (bool, string) {
		text, err := os.ReadFile(pidfile)
		h.pid = strings.TrimSpace(string(text))
		return err == nil && h.pid != "", fmt.Sprint(err)
	})
	run(t, h.inside("sh", "-c", "mount -t tmpfs tmpfs /run && mkdir /run/netns /run/state /run/leak && mount -t tmpfs -o size=1m tmpfs /run/state")...)
	run(t, "vethctl", "add", h.name, fmt.Sprintf("pid:%s:eth0,addr=%s/24", h.pid, h.address), "--bridge", "fleet0,addr=10.99.0.1/24")
	return h
}

// start starts the exporter below a command, which may be empty.
func (h *host) start(below ...string) {
	h.t.Helper()
	words := slices.Concat(below, []string{"sh", "-c", `echo $$ >/run/exporter.pid; exec "$@"`, "sh"}, h.as, []string{exporter, "--state.file=/run/state/state.json"}, h.flags)
	h.exporter = background(h.t, filepath.Join(h.dir, "exporter.log"), h.inside(words...)...)
	until(h.t, h.name+": the exporter", func() (bool, string) {
		said, err := exec.Command("nsenter", h.inside("sh", "-c", "tr '\\0' ' ' </proc/$(cat /run/exporter.pid)/cmdline")[1:]...).CombinedOutput()
		return err == nil && strings.Contains(string(said), "nskit-exporter"), string(said)
	})
	h.inner = run(h.t, h.inside("cat", "/run/exporter.pid")...)
}

// signal sends one to the exporter.
func (h *host) signal(name string) {
	run(h.t, h.inside("kill", "-"+name, h.inner)...)
	if name != "STOP" { // nsenter stops with its child
		_ = h.exporter.Process.Signal(syscall.SIGCONT)
	}
}

// stop ends the exporter and wants it to end well.
func (h *host) stop() {
	h.t.Helper()
	h.signal("TERM")
	if err := h.exporter.Wait(); err != nil {
		h.t.Errorf("%s: the exporter: %v", h.name, err)
	}
}

// log is what the exporter has said.
func (h *host) log() string {
	text, _ := os.ReadFile(filepath.Join(h.dir, "exporter.log"))
	return string(text)
}

// text is what the exporter answers to a scrape.
func (h *host) text() string {
	h.t.Helper()
	var text string
	until(h.t, "a scrape", func() (bool, string) {
		answer, err := http.Get("http://" + h.address + ":9960/metrics")
		if err != nil {
			return false, err.Error()
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		text = string(body)
		return err == nil && answer.StatusCode == http.StatusOK, text
	})
	return text
}

// query asks Prometheus; the values are by the labels that are named.
func query(expression string, labels ...string) (map[string]float64, error) {
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Get("http://127.0.0.1:9990/api/v1/query?query=" + url.QueryEscape(expression))
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var body struct {
		Error string
		Data  struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		return nil, err
	}
	if body.Error != "" {
		return nil, fmt.Errorf("%s: %s", expression, body.Error)
	}
	values := map[string]float64{}
	for _, r := range body.Data.Result {
		var key []string
		for _, label := range labels {
			key = append(key, r.Metric[label])
		}
		text, _ := r.Value[1].(string)
		if values[strings.Join(key, " ")], err = strconv.ParseFloat(text, 64); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// comes waits until a query has this answer.
func comes(t *testing.T, expression string, want map[string]float64, labels ...string) {
	t.Helper()
	until(t, expression, func() (bool, string) {
		got, err := query(expression, labels...)
		if err != nil {
			return false, err.Error()
		}
		return fmt.Sprint(got) == fmt.Sprint(want), fmt.Sprintf("%v, want %v", got, want)
	})
}

// number is the one value of a query, which a busy machine can keep waiting for a scrape that answers in time.
func number(t *testing.T, expression string) float64 {
	t.Helper()
	var got map[string]float64
	until(t, expression, func() (bool, string) {
		var err error
		got, err = query(expression)
		return err == nil && len(got) == 1, fmt.Sprint(got, err)
	})
	return got[""]
}

// exporter is the path of the binary under test.
var exporter = os.Getenv("NSKIT_EXPORTER_BIN")

// prometheus starts a server that scrapes hosts, which it finds by a file, and has the alerts with shorter times.
func prometheus(t *testing.T, hosts []*host) {
	t.Helper()
	dir := t.TempDir()
	top, err := testkit.Top()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := os.ReadFile(filepath.Join(top, "packaging/prometheus/nskit.rules.yml"))
	if err != nil {
		t.Fatal(err)
	}
	short := strings.NewReplacer("for: 6h", "for: 2s", "[6h]", "[40s]", "> 20", "> 2", "for: 15m", "for: 2s").Replace(string(rules))
	var targets []map[string]any
	for _, h := range hosts {
		targets = append(targets, map[string]any{"targets": []string{h.address + ":9960"}, "labels": map[string]string{"instance": h.name}})
	}
	list, _ := json.Marshal(targets)
	for name, text := range map[string]string{"rules.yml": short, "targets.json": string(list), "prometheus.yml": `
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - job_name: nskit
    scrape_interval: 2s
    scrape_timeout: 2s
    file_sd_configs: [{files: [targets.json], refresh_interval: 1s}]
`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	background(t, filepath.Join(dir, "log"), "prometheus", "--config.file="+dir+"/prometheus.yml", "--storage.tsdb.path="+dir+"/data", "--web.listen-address=127.0.0.1:9990", "--log.level=warn")
}
