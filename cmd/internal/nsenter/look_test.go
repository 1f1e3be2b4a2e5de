package nsenter

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnifiedGroup(t *testing.T) {
	for _, c := range []struct {
		text, want string
		ok         bool
	}{
		{"0::/user.slice/x\n", "/user.slice/x", true},
		{"9:name=systemd:/a\n1:cpu:/b\n0::/c\n", "/c", true}, // the first line is not the one
		{"0::/a:b\n", "/a:b", true},
		{"0::/\n", "/", true},
		{"9:name=systemd:/a\n", "", false},
		{"0::\n", "", false},
		{"0::relative\n", "relative", false},
		{"", "", false},
	} {
		if got, ok := unifiedGroup(c.text); got != c.want || ok != c.ok {
			t.Errorf("unifiedGroup(%q) = %q, %v; want %q, %v", c.text, got, ok, c.want, c.ok)
		}
	}
}

func TestBelow(t *testing.T) {
	for _, c := range []struct {
		point, root, group, want string
		ok                       bool
	}{
		{"/sys/fs/cgroup", "/", "/a/b", "/sys/fs/cgroup/a/b", true},
		{"/sys/fs/cgroup/unified", "/", "/", "/sys/fs/cgroup/unified", true},
		{"/mnt", "/a", "/a/b", "/mnt/b", true}, // a part of the tree, bound
		{"/mnt", "/a", "/a", "/mnt", true},
		{"/mnt", "/a", "/ab", "", false},
		{"/mnt", "/a", "/b", "", false},
		{"/mnt", "/", "/../other", "", false}, // outside the cgroup namespace
		{"/mnt", "/..", "/../other", "/mnt/other", true},
		{"/mnt", "/..", "/../../other", "", false}, // outside the mount
	} {
		if got, ok := below(c.point, c.root, c.group); ok != c.ok || ok && got != c.want {
			t.Errorf("below(%q, %q, %q) = %q, %v; want %q, %v", c.point, c.root, c.group, got, ok, c.want, c.ok)
		}
	}
}

func TestVariables(t *testing.T) {
	for text, want := range map[string][]string{
		"":                          {},
		"A=1\x00B=2\x00":            {"A=1", "B=2"},
		"A=1\x00A=2\x00":            {"A=2"},
		"A=\x00":                    {"A="},
		"A=b=c\x00":                 {"A=b=c"},
		"none\x00=x\x00\x00A=1\x00": {"A=1"},
		"nginx: worker process":     {},
		"A=1":                       {"A=1"},
	} {
		if diff := cmp.Diff(want, variables(text)); diff != "" {
			t.Errorf("variables(%q): %s", text, diff)
		}
	}
}

func TestPIDOfFdinfo(t *testing.T) {
	for _, c := range []struct {
		text string
		pid  int
		ok   bool
	}{
		{"pos:\t0\nflags:\t02000002\nPid:\t42\nNSpid:\t42\n", 42, true},
		{"Pid:\t-1\n", -1, true},
		{"Pid:\t0\n", 0, true},
		{"pos:\t0\n", 0, false},
		{"Pid:\tx\n", 0, false},
		{"Pid:\t66666666666666666666\n", 0, false},
		{"", 0, false},
	} {
		if pid, ok := pidOfFdinfo(c.text); pid != c.pid || ok != c.ok {
			t.Errorf("pidOfFdinfo(%q) = %d, %v; want %d, %v", c.text, pid, ok, c.pid, c.ok)
		}
	}
}

func TestPIDFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pid")
	for text, want := range map[string]int{"42": 42, "42\n": 42, " 42 \nmore\n": 42, "": 0, "0": 0, "-1": 0, "4x": 0, strings.Repeat(" ", 5000) + "42": 0} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if pid, err := pidInFile(name); pid != want || (err == nil) != (want != 0) {
			t.Errorf("pidInFile with %q = %d, %v; want %d", text, pid, err, want)
		}
	}
}

func TestAHeldTargetMustStayTheSame(t *testing.T) {
	pids := []int{os.Getpid(), os.Getppid()}
	find := func() (int, error) {
		pid := pids[0]
		pids = pids[1:]
		return pid, nil
	}
	if _, err := held(find); err == nil || !strings.Contains(err.Error(), "the target changed") {
		t.Errorf("held = %v; want a refusal", err)
	}
}
