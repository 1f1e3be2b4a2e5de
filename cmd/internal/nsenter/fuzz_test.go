package nsenter

import (
	"io"
	"strings"
	"testing"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/trampoline"
	"github.com/nskit/nskit/pkg/launch"
)

// FuzzOptions wants every command line that decides alone to become a Program
// that can be carried out and printed.
func FuzzOptions(f *testing.F) {
	for _, seed := range []string{
		"-t\n1\n-a\nsh", "-t1:77\n-u\n-n\n--wd=/x\n--root=/r", "-U/f\n--user-parent\n--preserve-credentials", "--net=:42\n-p/p\n-F",
		"-t1\n-S5\n-Gfollow\n--keep-caps\n-U\n-W/d", "-t1\n-m\n-p\n--kill-child=HUP\n--forward-signals\nx", "-t1\n--pid-for-children\n-r\n-w",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words := strings.Split(line, "\n")
		if strings.Contains(line, "\x00") {
			return
		}
		var i invocation
		env := []string{"PATH=/bin", "SHELL=/bin/sh"}
		_, err := i.parse(&applet.Invocation{Name: "nsenter", Argv: append([]string{"nsenter"}, words...), Args: words, Env: env})
		if err != nil || !i.own.plain() {
			return
		}
		caller := i.shared.Caller(env)
		i.own.entry(&i.entry, i.shared, sight{target: i.plainTarget()})
		p := new(launch.Workspace).Enter(&i.entry, &caller)
		if err := p.Validate(); err != nil {
			t.Fatalf("%q: %v", words, err)
		}
		new(trampoline.Workspace).Prepare(p)
		if err := p.Print(io.Discard); err != nil {
			t.Error(err)
		}
	})
}

func FuzzTarget(f *testing.F) {
	for _, text := range []string{"1", "1:2", "fd:3", "@/x", "ctr:x", ":", "1:", "+1", " 1", "-1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseTarget(text)
		if err == nil && (got.kind == none || got.kind == byPID && got.pid < 1 || got.kind == byFD && got.pid < 0) {
			t.Errorf("parseTarget(%q) = %+v", text, got)
		}
	})
}

func FuzzVariables(f *testing.F) {
	f.Add("A=1\x00B\x00=\x00")
	f.Fuzz(func(t *testing.T, text string) {
		names := map[string]bool{}
		for _, entry := range variables(text) {
			name, _, ok := strings.Cut(entry, "=")
			if !ok || name == "" || names[name] || strings.Contains(entry, "\x00") {
				t.Errorf("variables(%q) has %q", text, entry)
			}
			names[name] = true
		}
	})
}

// FuzzGroup wants what a /proc/PID/cgroup leads to to lie below the mount.
func FuzzGroup(f *testing.F) {
	f.Add("1:cpu:/x\n0::/a/b\n", "/a")
	f.Add("0::/../x\n", "/")
	f.Add("0::/a/../../x", "/a")
	f.Fuzz(func(t *testing.T, text, root string) {
		group, ok := unifiedGroup(text)
		if !ok || !strings.HasPrefix(root, "/") {
			return
		}
		if dir, ok := below("/sys/fs/cgroup", root, group); ok && dir != "/sys/fs/cgroup" && !strings.HasPrefix(dir, "/sys/fs/cgroup/") {
			t.Errorf("%q below %q is %q", group, root, dir)
		}
	})
}

// FuzzFdinfo reads the text about a descriptor.
func FuzzFdinfo(f *testing.F) {
	f.Add("pos:\t0\nflags:\t02000002\nPid:\t12\nNSpid:\t12\n")
	f.Fuzz(func(t *testing.T, text string) {
		if pid, ok := pidOfFdinfo(text); !ok && pid != 0 {
			t.Errorf("%q: %d", text, pid)
		}
	})
}
