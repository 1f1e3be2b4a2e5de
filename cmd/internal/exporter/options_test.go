package exporter

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func noEnv(string) string { return "" }

func TestParse(t *testing.T) {
	names := func(o *options) string {
		var all []string
		for _, c := range o.collectors() {
			all = append(all, c.Name)
		}
		return strings.Join(all, " ")
	}
	for args, want := range map[string]string{
		"":                                       "namespaces links limits mounts processes",
		"--no-collector.links":                   "namespaces limits mounts processes",
		"--no-collector.links --collector.links": "namespaces links limits mounts processes",
		"--collector.links --no-collector.links --collector.links=false": "namespaces limits mounts processes",
		"--no-collector.links=false":                                     "namespaces links limits mounts processes",
	} {
		o, err := parse(strings.Fields(args), noEnv)
		if err != nil || names(o) != want {
			t.Errorf("%s: %v %v", args, names(o), err)
		}
	}
	for _, args := range []string{
		"x", "--collector.novel", "--web.telemetry-path=metrics", "--web.telemetry-path=/", "--web.telemetry-path=/-/healthy", "--web.telemetry-path=/{x}", "--web.telemetry-path=//x", "--web.telemetry-path=/a/../b", "--web.telemetry-path=/x?y",
		"--web.listen-address=", "--web.listen-address=foo", "--web.listen-address=127.0.0.1", "--web.listen-address=127.0.0.1:", "--web.listen-address=:99999", "--web.listen-address=:-1", "--web.listen-address=unix:///x",
		"--web.listen-address=vsock://:x", "--web.listen-address=vsock://:99999999999", "--web.listen-address=:1 --web.listen-address=2", "--web.listen-address=::1", "--web.max-requests=-1",
		"--scrape.timeout=0s", "--log.level=loud", "--log.format=xml", "--collector.links=perhaps",
		"--no-collector.links --no-collector.limits --no-collector.mounts --no-collector.namespaces --no-collector.processes",
	} {
		if _, err := parse(strings.Fields(args), noEnv); err == nil {
			t.Errorf("%s is taken", args)
		}
	}
	for _, address := range []string{":0", "127.0.0.1:http", "[::1]:9960", "[fe80::1%lo]:1", "vsock://:9960", "host.example:65535"} {
		if _, err := parse([]string{"--web.listen-address=" + address}, noEnv); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	o, err := parse([]string{"--web.listen-address=a:1", "--web.listen-address=b:2"}, func(name string) string { return map[string]string{"STATE_DIRECTORY": "/s:/t"}[name] })
	if err != nil || len(o.listen) != 2 || o.state != "/s/state.json" {
		t.Errorf("%+v %v", o, err)
	}
}

func TestMainAnswers(t *testing.T) {
	for _, tt := range []struct {
		args     string
		code     int
		out, err string
	}{
		{"--a\u202eb\x01c", exitUsage, "", "nskit-exporter: unknown flag: --a\\xe2\\x80\\xaeb\\x01c\nTry 'nskit-exporter --help' for more information.\n"},
		{"--version", exitOK, "nskit-exporter, version ", ""},
		{"--help", exitOK, "--no-collector.links", ""},
		{"--helm", exitUsage, "", "nskit-exporter: unknown flag: --helm\nTry 'nskit-exporter --help' for more information.\n"},
	} {
		var out, err bytes.Buffer
		code := Main(strings.Fields(tt.args), &out, &err)
		if code != tt.code || !strings.Contains(out.String(), tt.out) || err.String() != tt.err || (tt.out == "") != (out.Len() == 0) {
			t.Errorf("%s: %d %q %q", tt.args, code, &out, &err)
		}
	}
}

func TestTimeOf(t *testing.T) {
	const otherwise = 7 * time.Second
	for text, want := range map[string]time.Duration{
		"": otherwise, "x": otherwise, "-1": otherwise, "0": otherwise, "NaN": otherwise, "Inf": otherwise, "1e300": otherwise,
		"10": 9500 * time.Millisecond, "1": 900 * time.Millisecond, "0.1": 90 * time.Millisecond,
	} {
		if got := timeOf(text, otherwise); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
