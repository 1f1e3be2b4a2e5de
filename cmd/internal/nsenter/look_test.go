package nsenter

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nskit/nskit/pkg/containers"
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

func TestPIDIn(t *testing.T) {
	for text, want := range map[string]int{
		"42": 42, "42\n": 42, " 42 \n\n": 42, "\t42\r\n": 42, "42 ": 42, "042": 42,
		"": 0, "\n": 0, "0": 0, "-1": 0, "+1": 0, "4x": 0, "0x10": 0, "42\n43\n": 0, "42 43": 0, "42\nmore\n": 0, "99999999999": 0,
	} {
		if pid, ok := pidIn(text); pid != want || ok != (want != 0) {
			t.Errorf("pidIn(%q) = %d, %v; want %d", text, pid, ok, want)
		}
	}
}

func TestPIDFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pid")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(strings.Repeat(" ", 5000) + "42")
	if p, err := inFile(name); err == nil {
		t.Errorf("inFile = %v of a file that is too long", p)
	}
	self := strconv.Itoa(os.Getpid())
	write(self)
	if p, err := inFile(name); err != nil || p.PID != os.Getpid() || p.Mount == 0 || p.Root.Inode == 0 || p.Started == 0 {
		t.Errorf("inFile = %v, %v; want this process", p, err)
	}
	// A file that is older than the process was written for another one.
	if err := os.Chtimes(name, time.Unix(1e9, 0), time.Unix(1e9, 0)); err != nil {
		t.Fatal(err)
	}
	if p, err := inFile(name); err == nil || !strings.Contains(err.Error(), "started later") {
		t.Errorf("inFile = %v, %v; want a refusal", p, err)
	}
}

func TestAHeldTargetMustStayTheSame(t *testing.T) {
	self := containers.Process{PID: os.Getpid(), Started: 1, Mount: 2, Root: containers.File{Device: 3, Inode: 4}}
	for want, change := range map[string]func(p *containers.Process){
		"the target changed": func(p *containers.Process) { p.PID = os.Getppid() },
		"changed while":      func(p *containers.Process) { p.Started++ },
		" changed while":     func(p *containers.Process) { p.Mount++ },
		"d while":            func(p *containers.Process) { p.Root.Inode++ },
	} {
		looks := 0
		_, err := held(func() (containers.Process, error) {
			p := self
			if looks++; looks > 1 {
				change(&p)
			}
			return p, nil
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("held = %v; want a refusal: %s", err, want)
		}
	}
}
