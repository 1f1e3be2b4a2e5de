package pivot

import (
	"archive/tar"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/program"
	"github.com/nskit/nskit/pkg/trampoline"
	"golang.org/x/sys/unix"
)

// TestEveryFailure has each step of some Programs fail, one at a time: a failed
// start must leave the new root and this system as they were.
func TestEveryFailure(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	for name, pivot := range map[string]launch.PivotSpec{
		"directory": {Mounts: everyMount()},
		"overlay":   {Overlay: true, Layers: []string{"layer"}, Mounts: append([]mnt.Mount{{Kind: mnt.PutOld, Target: "/kept/old"}}, everyMount()...)},
		"archive":   {Archive: "root.tar", Unpacker: os.Getenv("NSKIT"), Unpack: []string{"pivot", "--internal-unpack"}, Mounts: everyMount()},
		"switch":    {Switch: true, Mounts: everyMount()},
	} {
		t.Run(name, func(t *testing.T) { failEach(t, pivot) })
	}
}

// everyMount has one of each kind, most at places that are missing.
func everyMount() []mnt.Mount {
	return []mnt.Mount{
		{Kind: mnt.Bind, Source: "source", Target: "/made/by/bind", Recursive: true, Attr: unix.MOUNT_ATTR_NOEXEC},
		{Kind: mnt.Bind, Source: "source/file", Target: "/made/file"},
		{Kind: mnt.Tmpfs, Target: "/made/tmpfs"},
		{Kind: mnt.File, Target: "/etc/made.conf", Data: "text\n"},
		{Kind: mnt.Proc, Target: "/proc"},
		{Kind: mnt.Sys, Target: "/sys"},
		{Kind: mnt.Dev, Target: "/dev"},
		{Kind: mnt.ReadOnly},
	}
}

// failEach runs the Program once as it is, and once for each step that fails.
func failEach(t *testing.T, pivot launch.PivotSpec) {
	steps := 0
	dir := newTree(t)
	for i := 0; i == 0 || i <= steps; i++ {
		restore(t, dir)
		spec := specFor(dir, pivot)
		p := launch.Pivot(&spec, &launch.Caller{PID: os.Getpid(), UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())})
		broken := "nothing"
		if i == 0 {
			steps = own(p)
		} else {
			broken = breakStep(p, i-1)
			if broken == "" {
				continue
			}
		}
		before := listing(t, dir)
		ok, output := carryOut(t, dir, p)
		if i == 0 && !ok {
			t.Fatalf("the whole Program fails: %s", output)
		}
		if after := listing(t, dir); !ok && after != before {
			t.Errorf("step %d, %s, leaves\n%s\nof\n%s\noutput %s", i-1, broken, after, before, output)
		}
		if after := mountsBelow(t, dir); after != "" {
			t.Errorf("step %d, %s, leaves mounts:\n%s", i-1, broken, after)
		}
		if !ok && output == "" {
			t.Errorf("step %d, %s, fails without a word", i-1, broken)
		}
	}
}

// newTree makes a new root and what is shown in it. The root has nskit alone.
func newTree(t *testing.T) string {
	dir := t.TempDir()
	for _, sub := range []string{"root/etc", "root/proc", "source", "layer"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "source/file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	copyFile(t, os.Getenv("NSKIT"), filepath.Join(dir, "root/nskit"))
	pack(t, filepath.Join(dir, "root"), filepath.Join(dir, "root.tar"))
	return dir
}

// pack puts a directory into a tar file.
func pack(t *testing.T, dir, file string) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, archive.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// restore takes away what a Program that worked has made.
func restore(t *testing.T, dir string) {
	for _, made := range []string{"root/made", "root/dev", "root/sys", "root/kept", "root/etc/made.conf"} {
		if err := os.RemoveAll(filepath.Join(dir, made)); err != nil {
			t.Fatal(err)
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func specFor(dir string, pivot launch.PivotSpec) launch.Spec {
	zero := uint32(0)
	if pivot.Archive == "" {
		pivot.Root = filepath.Join(dir, "root")
	} else {
		pivot.Archive = filepath.Join(dir, pivot.Archive)
	}
	pivot.Mounts = append([]mnt.Mount(nil), pivot.Mounts...)
	for i := range pivot.Mounts {
		if m := &pivot.Mounts[i]; m.Source != "" {
			m.Source = filepath.Join(dir, m.Source)
		}
	}
	for i := range pivot.Layers {
		pivot.Layers = []string{filepath.Join(dir, "layer")}[:i+1]
	}
	return launch.Spec{
		Name: "pivot", Unshare: ns.SetOf(ns.User, ns.PID, ns.IPC), Fork: true,
		Users: launch.IDs{Single: &zero}, Groups: launch.IDs{Single: &zero},
		Pivot: &pivot, Command: launch.Command{File: "/nskit", Args: []string{"/nskit", "--version"}, Title: nil},
	}
}

// own counts the steps of the process that becomes the command; behind them
// stands what the waiting parent does.
func own(p *program.Program) int {
	for i, s := range p.Steps {
		if s.Section == "the parent" {
			return i
		}
	}
	return len(p.Steps)
}

// breakStep makes a system call fail, by making another one in its place; it
// returns its name, "" if the step is none.
func breakStep(p *program.Program, i int) string {
	s := p.Steps[i]
	name := s.Op.Name
	if s.Op.Local || name == program.SysExitGroup.Name {
		return ""
	}
	s.Op, s.Args = program.SysClose, []program.Arg{program.Int(-1)}
	return name
}

// carryOut starts a Program in dir and waits for it.
func carryOut(t *testing.T, dir string, p *program.Program) (ok bool, output string) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	process, err := trampoline.Start(p, &os.ProcAttr{Dir: dir, Files: []*os.File{null, write, write}})
	write.Close()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	text.ReadFrom(read)
	state, err := process.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return state.Success(), text.String()
}

// listing has everything below a directory with its mode.
func listing(t *testing.T, dir string) string {
	var lines []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil {
			lines = append(lines, d.Type().String()+" "+strings.TrimPrefix(path, dir))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// mountsBelow are the lines of the mount table that name a directory: others
// come and go with other tests.
func mountsBelow(t *testing.T, dir string) string {
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	var below []string
	for _, line := range strings.Split(string(table), "\n") {
		if strings.Contains(line, dir) {
			below = append(below, line)
		}
	}
	return strings.Join(below, "\n")
}
