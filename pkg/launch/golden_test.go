package launch

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nskit/nskit/pkg/idmap"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

var update = flag.Bool("update", false, "write the golden Programs anew")

func ptr[T any](v T) *T { return &v }

// user is an ordinary caller, root a privileged one.
var (
	user = Caller{PID: 4711, UID: 1000, GID: 1001, LastCap: 40, Path: Some("/usr/bin:/bin")}
	root = Caller{PID: 4711, LastCap: 40, Path: Some("/usr/bin:/bin")}
)

// sub is a range as /etc/subuid gives it.
var sub = idmap.Block{Range: idmap.Range{Outer: 100000, Count: 65536}, Grows: true}

// goldens has a Spec for every option, and for what people combine. The
// command is a plain path unless the row is about finding it.
var goldens = []struct {
	name   string
	caller Caller
	spec   Spec
}{
	{"nothing", user, Spec{}},
	{"uts", root, Spec{Unshare: ns.SetOf(ns.UTS)}},
	{"all-kinds", root, Spec{Unshare: ns.SetOf(ns.Kinds()...), Fork: true}},
	{"pid-without-fork", root, Spec{Unshare: ns.SetOf(ns.PID)}},
	{"no-hints", root, Spec{Unshare: ns.SetOf(ns.PID, ns.User), Users: IDs{Single: Some(uint32(0))}, NoHints: true}},
	{"fork", root, Spec{Fork: true}},
	{"kill-child", root, Spec{Fork: true, KillChild: unix.SIGKILL}},
	{"kill-child-term-setuid", root, Spec{Fork: true, KillChild: unix.SIGTERM, UID: Some(uint32(7)), GID: Some(uint32(8))}},
	{"forward-signals", root, Spec{Fork: true, Forward: []unix.Signal{unix.SIGTERM, unix.SIGHUP}}},
	{"init", root, Spec{Unshare: ns.SetOf(ns.PID), Fork: true, Init: true}},
	{"map-root-user", user, Spec{Unshare: ns.SetOf(ns.User), Users: IDs{Single: Some(uint32(0))}, Groups: IDs{Single: Some(uint32(0))}}},
	{"map-group-setgroups-allow", user, Spec{Unshare: ns.SetOf(ns.User), Groups: IDs{Single: Some(uint32(0))}, Setgroups: SetgroupsAllow}},
	{"setgroups-deny", user, Spec{Unshare: ns.SetOf(ns.User), Setgroups: SetgroupsDeny}},
	{"map-auto", user, Spec{Unshare: ns.SetOf(ns.User), Users: IDs{Blocks: []idmap.Block{sub}}, Groups: IDs{Blocks: []idmap.Block{sub}}}},
	{"map-auto-root-user", user, Spec{Unshare: ns.SetOf(ns.User), Users: IDs{Some(uint32(0)), []idmap.Block{sub}}, Groups: IDs{Some(uint32(0)), []idmap.Block{sub}}}},
	{"map-users-as-root", root, Spec{Unshare: ns.SetOf(ns.User), Users: IDs{Blocks: []idmap.Block{{Range: idmap.Range{Outer: 5, Count: 6}}}}}},
	{"owner", root, Spec{Unshare: ns.SetOf(ns.User), Owner: Some(Owner{UID: 1000, GID: 1001}), Users: IDs{Single: Some(uint32(0))}}},
	{"keep-caps", user, Spec{Unshare: ns.SetOf(ns.User), KeepCaps: true}},
	{"keep-caps-setuid", user, Spec{Unshare: ns.SetOf(ns.User), KeepCaps: true, UID: Some(uint32(7))}},
	{"keep-caps-without-user", root, Spec{KeepCaps: true}},
	{"clocks", root, Spec{Unshare: ns.SetOf(ns.Time), Monotonic: Some(int64(-3)), Boottime: Some(int64(5))}},
	{"hostname-loopback", root, Spec{Unshare: ns.SetOf(ns.UTS, ns.Net), Hostname: Some("box"), Loopback: true}},
	{"persist", root, Spec{Unshare: ns.SetOf(ns.Net), Persist: []Persist{{ns.Net, "/run/net"}}}},
	{"persist-two-fork", root, Spec{Unshare: ns.SetOf(ns.Net, ns.PID), Fork: true, Persist: []Persist{{ns.PID, "/run/pid"}, {ns.Net, "/run/first"}, {ns.Net, "/run/net"}}}},
	{"persist-mount", root, Spec{Unshare: ns.SetOf(ns.Mount), Persist: []Persist{{ns.Mount, "/run/mnt"}}}},
	{"netns", root, Spec{Unshare: ns.SetOf(ns.Net), Netns: "blue"}},
	{"netns-mount-fork", root, Spec{Unshare: ns.SetOf(ns.Net, ns.Mount), Fork: true, Netns: "blue"}},
	{"netns-user", root, Spec{Unshare: ns.SetOf(ns.Net, ns.User), Netns: "blue"}},
	{"privileges", root, Spec{UID: Some(uint32(7)), Privileges: Privileges{NoNewPrivs: true, Drop: ^uint64(1 << 10)}}},
	{"sysctl-cgroup", root, Spec{Unshare: ns.SetOf(ns.Net), Cgroup: Some("/sys/fs/cgroup/web"), Sysctls: []Sysctl{{"net/ipv4/ip_forward", "1"}}}},
	{"ready", root, Spec{Unshare: ns.SetOf(ns.Net), Fork: true, ReadyFD: Some(3), PIDFile: Some("/run/x.pid")}},
	{"ready-time", user, Spec{Unshare: ns.SetOf(ns.User, ns.Time), ReadyFD: Some(1)}},
	{"propagation-slave", root, Spec{Unshare: ns.SetOf(ns.Mount), Propagation: mnt.Slave}},
	{"propagation-unchanged", root, Spec{Unshare: ns.SetOf(ns.Mount), Propagation: mnt.Unchanged}},
	{"mount-proc-shared", root, Spec{Unshare: ns.SetOf(ns.Mount), Propagation: mnt.Shared, Proc: Some("/proc")}},
	{"root", root, Spec{Root: Some("/srv/root")}},
	{"root-wd", root, Spec{Root: Some("/srv/root"), Dir: Some("relative")}},
	{"binfmt", user, Spec{Unshare: ns.SetOf(ns.User, ns.Mount), Proc: Some("/proc"), Binfmt: Some(mnt.BinfmtDir), Interpreter: Some(":x:M::y::/bin/z:")}},
	{"binfmt-opened-early", user, Spec{Unshare: ns.SetOf(ns.User, ns.Mount), Root: Some("/r"), Binfmt: Some("/b"), Interpreter: Some(":x:M::y::/bin/z:OCF")}},
	{"clear-env", root, Spec{Env: []string{"A=1"}}},
	{"search", root, Spec{Command: Command{File: "sh", Args: []string{"sh", "-c", "true"}, Title: []string{"unshare", "-u"}, Path: Some("/usr/bin::/bin")}}},
	{"search-without-path", root, Spec{Command: Command{File: "sh", Args: []string{"sh"}}}},
	{"login-shell", root, Spec{Command: Command{File: "/bin/bash", Args: []string{"-bash"}, Title: []string{"unshare"}, Direct: true}}},
	{"account-shell", user, Spec{Root: Some("/r"), Command: Command{File: "/bin/sh", Args: []string{"-sh"}, Title: []string{"unshare"}, Direct: true, Login: true}}},
	{"container", user, Spec{Unshare: ns.SetOf(ns.User, ns.Mount, ns.PID), Fork: true, Users: IDs{Single: Some(uint32(0))}, Groups: IDs{Single: Some(uint32(0))}, Proc: Some("/proc")}},
}

// TestGolden compares whole Programs, so that no change of a decision goes
// unseen. After a change that is meant: go test ./pkg/launch -update
func TestGolden(t *testing.T) {
	for _, tt := range goldens {
		t.Run(tt.name, func(t *testing.T) {
			spec := tt.spec
			spec.Name = "unshare"
			if spec.Command.File == "" {
				spec.Command = Command{File: "/bin/true", Args: []string{"/bin/true"}, Title: []string{"unshare"}}
			}
			p := Unshare(&spec, &tt.caller)
			if err := p.Validate(); err != nil {
				t.Errorf("not a valid Program: %v", err)
			}
			compareGolden(t, filepath.Join("testdata", tt.name+".golden"), p.String())
		})
	}
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// TestReusedWorkspace makes sure that nothing of a Program stays in the memory
// for the next.
func TestReusedWorkspace(t *testing.T) {
	var w Workspace
	for _, tt := range goldens {
		spec := tt.spec
		spec.Name = "unshare"
		if got, want := w.Unshare(&spec, &tt.caller).String(), Unshare(&spec, &tt.caller).String(); got != want {
			t.Errorf("%s: a used workspace gives another Program:\n%s", tt.name, cmp.Diff(want, got))
		}
	}
}

// TestLongPath lets a Program outgrow its workspace.
func TestLongPath(t *testing.T) {
	path := strings.Repeat("/some/directory:", 300)
	p := Unshare(&Spec{Name: "unshare", Command: Command{File: "x", Args: []string{"x"}, Path: Some(path)}}, &root)
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(p.String(), `execve("/some/directory/x"`); n != 300 {
		t.Errorf("%d candidates, want 300", n)
	}
}
