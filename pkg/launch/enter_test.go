package launch

import (
	"path/filepath"
	"testing"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// ofTarget and ofFiles are namespaces to enter.
func ofTarget(kinds ...ns.Kind) []Join {
	var all []Join
	for _, kind := range kinds {
		all = append(all, Join{Kind: kind})
	}
	return all
}

func ofFile(kind ns.Kind, path string) Join { return Join{Kind: kind, From: FromFile, Path: path} }

// entries has an Entry for every option of nsenter. The target is process 99
// unless the row says otherwise.
var entries = []struct {
	name   string
	target *Target
	entry  Entry
}{
	{"uts-net", nil, Entry{Join: ofTarget(ns.UTS, ns.Net)}},
	{"user", nil, Entry{Join: ofTarget(ns.User)}},
	{"user-mount-two-passes", nil, Entry{Join: ofTarget(ns.User, ns.Mount, ns.UTS)}},
	{"user-uts-one-kind-first", nil, Entry{Join: ofTarget(ns.User, ns.UTS)}},
	{"all", nil, Entry{All: true}},
	{"all-preserve-one-file", nil, Entry{All: true, Preserve: true, Join: []Join{ofFile(ns.UTS, "/u")}}},
	{"files", &Target{}, Entry{Join: []Join{ofFile(ns.Net, "/a/net"), ofFile(ns.IPC, "/b/ipc")}}},
	{"files-with-user", &Target{}, Entry{Join: []Join{ofFile(ns.User, "/u"), ofFile(ns.Net, "/n")}}},
	{"file-and-target", nil, Entry{Join: []Join{{Kind: ns.Net}, ofFile(ns.User, "/u"), ofFile(ns.IPC, "/i")}}},
	{"id", &Target{}, Entry{Join: []Join{{Kind: ns.Net, From: FromID, ID: 42}}}},
	{"net-socket", &Target{PID: 99, FD: ptr(5), Read: true}, Entry{Join: []Join{{Kind: ns.Net, From: FromSocket, Socket: 7}}}},
	{"user-parent", nil, Entry{UserParent: true}},
	{"user-parent-of-file", &Target{}, Entry{UserParent: true, Join: []Join{ofFile(ns.User, "/u")}}},
	{"pid", nil, Entry{Join: ofTarget(ns.PID)}},
	{"pid-no-fork", nil, Entry{Join: ofTarget(ns.PID), NoFork: true}},
	{"pid-for-children", nil, Entry{Join: []Join{{Kind: ns.PID, From: FromChildren}}}},
	{"kill-child", nil, Entry{Join: ofTarget(ns.UTS), KillChild: unix.SIGKILL}},
	{"forward-signals", nil, Entry{Join: ofTarget(ns.PID), Forward: []unix.Signal{unix.SIGTERM, unix.SIGHUP}}},
	{"setuid-setgid", nil, Entry{Join: ofTarget(ns.UTS), UID: Some(Identity{ID: 7}), GID: Some(Identity{ID: 8})}},
	{"follow", nil, Entry{Join: ofTarget(ns.User), UID: Some(Identity{Follow: true}), GID: Some(Identity{Follow: true})}},
	{"preserve", nil, Entry{Join: ofTarget(ns.User), Preserve: true}},
	{"keep-caps", nil, Entry{Join: ofTarget(ns.User), KeepCaps: true, UID: Some(Identity{ID: 7})}},
	{"root-wd-of-target", nil, Entry{Join: ofTarget(ns.Mount), Root: Some(Dir{}), Dir: Some(Dir{})}},
	{"root", nil, Entry{Root: Some(Dir{Path: Some("/r")})}},
	{"order-of-command-line", nil, Entry{Join: []Join{{Kind: ns.Net, From: FromFile, Path: "/n"}, {Kind: ns.User, From: FromFile, Path: "/u"}, {Kind: ns.UTS}},
		Root: Some(Dir{Path: Some("/r"), After: 1}), Dir: Some(Dir{Path: Some("/w")})}},
	{"wdns", nil, Entry{Join: ofTarget(ns.Mount), DirInside: Some("/d")}},
	{"cgroup", &Target{PID: 99, FD: ptr(5), Read: true}, Entry{Group: Some("/cg/x/cgroup.procs")}},
	{"context", nil, Entry{Join: ofTarget(ns.UTS), Context: true}},
	{"env", &Target{PID: 99, FD: ptr(5), Read: true}, Entry{Join: ofTarget(ns.UTS), Env: []string{"A=1"}}},
	{"looked-up", &Target{PID: 99, FD: ptr(5), Read: true, Seen: &Seen{Mount: 4026532000, Device: 42, Root: 7}}, Entry{Join: ofTarget(ns.Mount, ns.UTS)}},
	{"looked-up-all", &Target{PID: 99, FD: ptr(5), Read: true, Seen: &Seen{Mount: 4026532000, Device: 0x801, Root: 7}}, Entry{All: true, Root: Some(Dir{})}},
	{"pidfd-of-caller", &Target{PID: 99, FD: ptr(5), Keep: true}, Entry{Join: ofTarget(ns.UTS)}},
	{"inode", &Target{PID: 99, Inode: 1234}, Entry{Join: ofTarget(ns.UTS)}},
	{"enter-no-hints", nil, Entry{Join: ofTarget(ns.UTS), NoHints: true}},
	{"tools", &Target{PID: 99, FD: ptr(5), Read: true}, Entry{All: true, Root: Some(Dir{}), Dir: Some(Dir{}), Inside: &Inside{Tools: &Tools{
		Dir: ".tools", File: "/bin/busybox", Tool: "/bin/nskit", ToolArgs: []string{"nsenter", "--internal-tools", "busybox"},
		Root: []RootEntry{{"proc", true}, {"app", false}}, Links: []Link{{"bin", "usr/bin"}}}}}},
	{"tools-shown", &Target{PID: 99, FD: ptr(5), Read: true}, Entry{Join: ofTarget(ns.Mount, ns.User), Root: Some(Dir{}), DirInside: Some("/etc"), Inside: &Inside{Tools: &Tools{
		Dir: ".tools", Show: []Showing{{"usr", "/usr"}}, Root: []RootEntry{{"etc", true}}, Links: []Link{{".tools/bin", "usr/bin"}, {"lib", ".tools/lib"}}}}}},
	{"carry", nil, Entry{All: true, Root: Some(Dir{}), Inside: &Inside{Carry: "/bin/busybox"}}},
	{"attach", nil, Entry{All: true, Root: Some(Dir{}), Inside: &Inside{NoCommand: true, Attach: []Attachment{
		{Mount: mnt.Mount{Source: "/srv/data", Target: "/data", Attr: unix.MOUNT_ATTR_RDONLY}},
		{Mount: mnt.Mount{Source: "/srv/more", Target: "/new/more", Recursive: true}, Make: true}}}}},
	{"attach-and-run", nil, Entry{Join: ofTarget(ns.Mount), Root: Some(Dir{}), Inside: &Inside{Attach: []Attachment{{Mount: mnt.Mount{Source: "/srv/data", Target: "/data"}}}, Detach: []string{"/old"}}}},
	{"detach", nil, Entry{All: true, Root: Some(Dir{}), Inside: &Inside{NoCommand: true, Detach: []string{"/data", "/more"}}}},
	{"netns", &Target{}, Entry{Join: []Join{ofFile(ns.Net, "/run/netns/blue")}, Netns: &Netns{"blue", "/etc/netns/blue", []string{"resolv.conf"}}}},
	{"privileges", nil, Entry{Join: ofTarget(ns.UTS), Privileges: Privileges{NoNewPrivs: true, Drop: 1 << 21}}},
	{"wait", nil, Entry{Join: ofTarget(ns.User, ns.Net), Wait: Some(int64(1_500_000_000))}},
	{"wait-all", nil, Entry{All: true, Preserve: true, Wait: Some(int64(0))}},
	{"nothing-but-ids", &Target{}, Entry{UID: Some(Identity{ID: 7})}},
}

// completed fills in what most rows leave out.
func completed(e Entry, target *Target) *Entry {
	e.Name, e.Target = "nsenter", target
	if target == nil {
		e.Target = &Target{PID: 99}
	} else if target.PID == 0 {
		e.Target = nil
	}
	line := []string{"nsenter", "/bin/true"}
	e.Command = Command{File: line[1], Args: line[1:], Title: line[:1]}
	return &e
}

// TestGoldenEnter compares whole Programs, as TestGolden does.
func TestGoldenEnter(t *testing.T) {
	for _, tt := range entries {
		t.Run(tt.name, func(t *testing.T) {
			goldenEnter(t, tt.name, Enter(completed(tt.entry, tt.target), &root))
		})
	}
	t.Run("environ", func(t *testing.T) {
		goldenEnter(t, "environ", ReadEnviron(completed(Entry{Join: ofTarget(ns.User, ns.Net)}, nil), &user))
	})
}

// goldenEnter compares a Program with testdata/enter-NAME.golden.
func goldenEnter(t *testing.T, name string, p *program.Program) {
	t.Helper()
	if err := p.Validate(); err != nil {
		t.Errorf("not a valid Program: %v", err)
	}
	compareGolden(t, filepath.Join("testdata", "enter-"+name+".golden"), p.String())
}

// TestEnterAllocatesNothing keeps common entries fit for the time before the Go
// runtime has started.
func TestEnterAllocatesNothing(t *testing.T) {
	var w Workspace
	fresh := testkit.Room(t)
	for _, tt := range entries[:5] {
		e := completed(tt.entry, tt.target)
		n := testing.AllocsPerRun(10, func() {
			fresh()
			w.Enter(e, &root)
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", tt.name, n)
		}
	}
}

// TestEveryDescriptorIsOpenedBeforeEntering holds the order that keeps paths
// from being looked up in somebody else's mount namespace.
func TestEveryDescriptorIsOpenedBeforeEntering(t *testing.T) {
	for _, tt := range entries {
		entered := false
		for _, s := range Enter(completed(tt.entry, tt.target), &root).Steps {
			if s.Section == "before Linux 5.8: the same by files" {
				break
			}
			entered = entered || s.Op.Name == "setns"
			opens := s.Op.Name == "openat" && s.Args[1].Text() != "." || s.Op.Name == "open_by_handle_at" || s.Op.Name == "pidfd_open" && s.Args[0].Number() == 99
			if entered && opens {
				t.Errorf("%s: opens %q after it has entered a namespace", tt.name, s.Args[1].Text())
			}
		}
	}
}

// TestReadEnvironIsValid wants the environment of every entry with a target to be
// readable: ReadEnviron has labels of Enter's, and places to lead them to.
func TestReadEnvironIsValid(t *testing.T) {
	for _, tt := range entries {
		e := completed(tt.entry, tt.target)
		if e.Target == nil {
			continue
		}
		if err := ReadEnviron(e, &user).Validate(); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
