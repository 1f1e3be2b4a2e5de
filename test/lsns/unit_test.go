package lsns

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// unitScript is the shell script in ExecStart of the unit, as systemd.service(5) reads it.
func unitScript(t *testing.T) string {
	t.Helper()
	unit, err := os.ReadFile("../../packaging/systemd/nskit-metrics.service")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^ExecStart=/bin/sh -euc '(.*)'$`).FindStringSubmatch(string(unit))
	if found == nil {
		t.Fatal("no script in the unit")
	}
	return strings.NewReplacer(`\'`, `'`, "$$", "$").Replace(found[1])
}

// TestMetricsUnit runs what the unit runs: the file is whole and for everybody to read, a failure leaves
// the old one, and nothing else is left.
func TestMetricsUnit(t *testing.T) {
	dir := t.TempDir()
	run := func(program string) error {
		cmd := exec.Command("/bin/sh", "-euc", strings.Replace(unitScript(t), "/usr/bin/nskit lsns", program, 1))
		cmd.Env = append(os.Environ(), "NSKIT_TEXTFILE_DIR="+dir)
		out, err := cmd.CombinedOutput()
		if len(out) > 0 {
			t.Errorf("%s: %s", program, out)
		}
		return err
	}
	whole := func() {
		t.Helper()
		names, _ := filepath.Glob(dir + "/*")
		hidden, _ := filepath.Glob(dir + "/.*")
		text, err := os.ReadFile(dir + "/nskit.prom")
		if err != nil || len(names)+len(hidden) != 1 || !strings.HasSuffix(string(text), "\n# EOF\n") {
			t.Errorf("%v, %q, %q: %q", err, names, hidden, text)
		}
		if st, err := os.Stat(dir + "/nskit.prom"); err != nil || st.Mode().Perm() != 0o644 {
			t.Errorf("%v %v", st.Mode(), err)
		}
	}
	if err := run("lsns"); err != nil {
		t.Fatal(err)
	}
	whole()
	if err := run("sh -c 'printf half; false'"); err == nil {
		t.Error("a failure is none")
	}
	whole()
}
