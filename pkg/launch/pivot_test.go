package launch

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// ExamplePivot shows the middle of what makes a new root.
func ExamplePivot() {
	p := Pivot(&Spec{
		Name:    "box",
		Unshare: ns.SetOf(ns.PID),
		Pivot:   &PivotSpec{Root: "/srv/root", Mounts: []mnt.Mount{{Kind: mnt.Tmpfs, Target: "/tmp"}}},
		Command: Command{File: "/bin/sh", Args: []string{"sh"}, Direct: true},
	}, &Caller{PID: 1000})
	for _, s := range p.Steps {
		if s.Op.Name == "pivot_root" || s.Op.Name == "umount2" && s.Why != "" {
			fmt.Println(s.Op.Name, s.Why)
		}
	}
	// Output:
	// pivot_root the new root; the old one lies on top of it
	// umount2 nothing of the old root stays
}

// pivots has a Spec for every kind of root and of mount.
var pivots = []struct {
	name   string
	caller Caller
	spec   Spec
	pivot  PivotSpec
}{
	{"pivot-nothing", root, Spec{}, PivotSpec{Root: "new"}},
	{"pivot-user", user, Spec{Unshare: ns.SetOf(ns.User, ns.PID), Fork: true, Users: IDs{Single: Some(uint32(0))}, Groups: IDs{Single: Some(uint32(0))}},
		PivotSpec{Root: "new", Mounts: []mnt.Mount{{Kind: mnt.Proc, Target: "/proc"}, {Kind: mnt.Dev, Target: "/dev"}}}},
	{"pivot-mounts", root, Spec{}, PivotSpec{Root: "new", Mounts: []mnt.Mount{
		{Kind: mnt.Bind, Source: "/src", Target: "/a/b", Recursive: true, Attr: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NODEV},
		{Kind: mnt.Bind, Source: "/src", Target: "/c", Attr: unix.MOUNT_ATTR_NOEXEC},
		{Kind: mnt.File, Target: "/etc/f", Data: "text\n"}, {Kind: mnt.Sys, Target: "/sys"},
		{Kind: mnt.Tmpfs, Target: "/t", Data: "size=1m"}, {Kind: mnt.ReadOnly}, {Kind: mnt.PutOld, Target: "/old"}}}},
	{"pivot-read-only", user, Spec{Unshare: ns.SetOf(ns.User)}, PivotSpec{Root: "new", Mounts: []mnt.Mount{{Kind: mnt.ReadOnly}}}},
	{"pivot-overlay", user, Spec{Unshare: ns.SetOf(ns.User)}, PivotSpec{Root: "new", Overlay: true, Layers: []string{"one", "two"}}},
	{"pivot-overlay-root", root, Spec{Fork: true, Propagation: mnt.Private}, PivotSpec{Root: "new", Overlay: true, Layers: []string{"one"}, Mounts: []mnt.Mount{{Kind: mnt.Proc, Target: "/proc"}}}},
	{"pivot-upper", root, Spec{}, PivotSpec{Root: "new", Overlay: true, Upper: "/u,:", Work: "/w"}},
	{"pivot-archive-stdin", root, Spec{}, PivotSpec{Archive: "-", Tool: "/usr/bin/nskit", ToolArgs: []string{"pivot", "--unpack"}}},
	{"pivot-archive", root, Spec{}, PivotSpec{Archive: "root.tar", Tool: "/usr/bin/nskit", ToolArgs: []string{"pivot", "--unpack"}}},
	{"pivot-switch", root, Spec{}, PivotSpec{Root: "new", Switch: true}},
	{"pivot-init", root, Spec{Unshare: ns.SetOf(ns.PID), Fork: true, Init: true}, PivotSpec{Root: "new"}},
	{"pivot-plain", root, Spec{}, PivotSpec{Root: "new", Keep: []int{3, 5}, Mounts: []mnt.Mount{
		{Kind: mnt.Directory, Target: "/made/dir", Mode: 0o1777}, {Kind: mnt.Symlink, Source: "usr/bin", Target: "/made/link"},
		{Kind: mnt.Bind, Source: "/src", Target: "/d", Try: true}}}},
	{"pivot-idmap", root, Spec{}, PivotSpec{Root: "new", Mounts: []mnt.Mount{
		{Kind: mnt.Bind, Source: "/src", Target: "/d", Recursive: true, IDs: mnt.IDs{Inner: 0, Outer: 100000, Count: 65536}}}}},
	{"pivot-ready", root, Spec{ReadyFD: Some(3), PIDFile: Some("x.pid")}, PivotSpec{Root: "new", Mounts: []mnt.Mount{{Kind: mnt.Tmpfs, Target: "/t"}}}},
	{"pivot-shared", root, Spec{Propagation: mnt.Shared, NoHints: true}, PivotSpec{Root: "new"}},
}

func TestPivotGolden(t *testing.T) {
	var w Workspace
	for _, tt := range pivots {
		t.Run(tt.name, func(t *testing.T) {
			spec, pivot := tt.spec, tt.pivot
			spec.Name, spec.Pivot = "pivot", &pivot
			spec.Command = Command{File: "/bin/true", Args: []string{"/bin/true"}}
			p := Pivot(&spec, &tt.caller)
			golden(t, tt.name, p)
			if got := w.Pivot(&spec, &tt.caller).String(); got != p.String() {
				t.Error("a used workspace gives another Program")
			}
		})
	}
}

func TestOtherRootsGolden(t *testing.T) {
	bare := func(root, old string) *Spec {
		return &Spec{Name: "pivot_root", Pivot: &PivotSpec{Root: root, PutOld: old}, Command: Command{Title: []string{"pivot_root", root, old}}}
	}
	golden(t, "pivot_root", PivotRoot(bare("/new", "/new/old")))
	golden(t, "pivot_root-outside", PivotRoot(bare("/new", "/old")))
	golden(t, "switch_root", SwitchRoot(&Spec{Name: "switch_root",
		Pivot:   &PivotSpec{Root: "/new", Tool: "/nskit", ToolArgs: []string{"pivot", "--clear"}},
		Command: Command{File: "/sbin/init", Args: []string{"/sbin/init"}, Title: []string{"switch_root", "/new", "/sbin/init"}, Direct: true}}, &Caller{PID: 1}))
}

func golden(t *testing.T, name string, p *program.Program) {
	t.Helper()
	if err := p.Validate(); err != nil {
		t.Errorf("not a valid Program: %v", err)
	}
	compareGolden(t, filepath.Join("testdata", name+".golden"), p.String())
}

// TestPivotEarly makes sure that a common Program fits into its workspace,
// without which it cannot be made before the Go runtime starts.
func TestPivotEarly(t *testing.T) {
	tt := pivots[1]
	spec, pivot, w := tt.spec, tt.pivot, new(Workspace)
	spec.Pivot = &pivot
	pivot.Mounts = append(pivot.Mounts[:2:2], mnt.Mount{Kind: mnt.Bind, Source: "/usr", Target: "/usr", Recursive: true, Attr: unix.MOUNT_ATTR_RDONLY},
		mnt.Mount{Kind: mnt.ReadOnly}, mnt.Mount{Kind: mnt.Tmpfs, Target: "/tmp"})
	fresh := testkit.Room(t)
	n := testing.AllocsPerRun(10, func() {
		fresh()
		w.Pivot(&spec, &tt.caller)
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestFailuresKeepTheirText makes sure that every failure inside the new root
// is reported after the undoing, with its own text.
func TestFailuresKeepTheirText(t *testing.T) {
	tt := pivots[2]
	spec, pivot := tt.spec, tt.pivot
	spec.Name, spec.Pivot = "pivot", &pivot
	text := Pivot(&spec, &tt.caller).String()
	before, after, found := strings.Cut(text, "  undo:\n")
	if !found {
		t.Fatal("no undoing")
	}
	for _, words := range []string{"cannot bind /src on /a/b", "cannot make the new root read-only", "cannot detach", "cannot move the old root"} {
		if want := strings.Contains(before, words); want {
			t.Errorf("%q is reported without undoing", words)
		}
	}
	for _, words := range []string{"cannot bind /src on /a/b", "cannot make the new root read-only", "cannot move the old root"} {
		if !strings.Contains(after, words) {
			t.Errorf("%q is never reported", words)
		}
	}
}

func TestBelow(t *testing.T) {
	for _, tt := range []struct {
		path, dir string
		want      bool
	}{
		{"/a/b", "/a", true}, {"/a", "/a", true}, {"/ab", "/a", false}, {"/b", "/a", false},
		{"old", ".", true}, {"a/../b", "b", true}, {"/x", "y", true},
	} {
		if got := below(tt.path, tt.dir); got != tt.want {
			t.Errorf("below(%q, %q) = %v", tt.path, tt.dir, got)
		}
	}
}
