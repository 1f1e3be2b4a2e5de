package launch_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/internal/trampoline"
	"github.com/nskit/nskit/pkg/idmap"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// start carries out a Program in a child and returns what it printed.
func start(t *testing.T, p *program.Program) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	child, err := trampoline.Start(p, &os.ProcAttr{Files: []*os.File{nil, w, w}})
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	out, _ := io.ReadAll(r)
	state, err := child.Wait()
	if err != nil || !state.Success() {
		t.Errorf("%v, %v: %s", state, err, out)
	}
	return strings.TrimSpace(string(out))
}

func shell(script string) launch.Command {
	return launch.Command{File: "/bin/sh", Args: []string{"sh", "-c", script}}
}

// TestMapsOfChild has the ranges of a started child mapped, of which nobody
// knew the PID when its Program was made.
func TestMapsOfChild(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	maps := launch.IDs{Blocks: []idmap.Block{{Range: idmap.Range{Inner: 0, Outer: 100000, Count: 10}}}}
	got := start(t, launch.Unshare(&launch.Spec{Name: "box", Unshare: ns.SetOf(ns.User), Users: maps, Groups: maps,
		Command: shell("cat /proc/self/uid_map /proc/self/gid_map; id -u")}, &launch.Caller{}))
	if words := strings.Join(strings.Fields(got), " "); words != "0 100000 10 0 100000 10 65534" && words != "0 100000 10 0 100000 10 0" {
		t.Errorf("%q", got)
	}
}

// TestToolOfChild makes sure that newuidmap and newgidmap are told the PID.
func TestToolOfChild(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	dir := t.TempDir()
	for _, tool := range []string{"newuidmap", "newgidmap"} {
		script := "#!/bin/sh\nreadlink /proc/$1/ns/user\necho $*\n"
		if err := os.WriteFile(filepath.Join(dir, tool), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	maps := launch.IDs{Blocks: []idmap.Block{{Range: idmap.Range{Inner: 0, Outer: 100000, Count: 10}}}}
	got := strings.Split(start(t, launch.Unshare(&launch.Spec{Name: "box", Unshare: ns.SetOf(ns.User), Users: maps, Groups: maps,
		Command: shell("readlink /proc/$$/ns/user; echo $$")}, &launch.Caller{UID: 1000, Path: launch.Some(dir)})), "\n")
	if len(got) != 6 {
		t.Fatalf("%q", got)
	}
	want := got[5] + " 0 100000 10"
	if got[1] != want || got[3] != want || got[0] != got[4] || got[2] != got[4] {
		t.Errorf("%q", got)
	}
}

// pinForBinding keeps this goroutine, and children that it starts, on a CPU on which a new mount
// namespace can be bound below this one's mounts: the kernel wants a higher number than this
// one's, and since Linux 6.18 each CPU has numbers of its own.
func pinForBinding(t *testing.T, dir string) {
	t.Helper()
	runtime.LockOSThread()
	var all unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = unix.SchedSetaffinity(0, &all) // it was allowed before
		runtime.UnlockOSThread()
	})
	file := filepath.Join(dir, "probe")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for cpu := range 1024 {
		if !all.IsSet(cpu) {
			continue
		}
		var one unix.CPUSet
		one.Set(cpu)
		if err := unix.SchedSetaffinity(0, &one); err != nil {
			t.Fatal(err)
		}
		// util-linux's, for a namespace whose process ends with this one.
		if exec.Command("/usr/bin/unshare", "--mount="+file, "true").Run() == nil {
			_ = unix.Unmount(file, unix.MNT_DETACH)
			return
		}
	}
	t.Fatal("a mount namespace can be bound nowhere here")
}

// TestFilesOfChild binds the namespaces of a started child to files, by a helper
// and without one.
func TestFilesOfChild(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	for _, kinds := range []ns.Set{ns.SetOf(ns.UTS, ns.PID), ns.SetOf(ns.UTS, ns.PID, ns.Mount)} {
		dir := t.TempDir()
		// A mount namespace can only be bound where mounts are private.
		if err := unix.Mount(dir, dir, "", unix.MS_BIND, ""); err != nil {
			t.Fatal(err)
		}
		defer unix.Unmount(dir, unix.MNT_DETACH)
		if err := unix.Mount("none", dir, "", unix.MS_PRIVATE, ""); err != nil {
			t.Fatal(err)
		}
		if kinds.Has(ns.Mount) {
			pinForBinding(t, dir)
		}
		spec := launch.Spec{Name: "box", Unshare: kinds, Fork: true, KillChild: unix.SIGKILL}
		for _, kind := range kinds.List() {
			file := filepath.Join(dir, kind.String())
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			defer unix.Unmount(file, unix.MNT_DETACH)
			spec.Persist = append(spec.Persist, launch.Persist{Kind: kind, Path: file})
		}
		spec.Command = shell("readlink /proc/self/ns/uts; cat /proc/sys/kernel/ns_last_pid")
		got, _, _ := strings.Cut(start(t, launch.Unshare(&spec, &launch.Caller{})), "\n")
		for _, kind := range kinds.List() {
			h, err := ns.Open(filepath.Join(dir, kind.String()))
			if err != nil {
				t.Error(err)
				continue
			}
			is, _ := h.Kind()
			id, _ := h.ID()
			if h.Close(); is != kind || kind == ns.UTS && fmt.Sprintf("uts:[%d]", id.Ino) != got {
				t.Errorf("%v is %v %d, the child was in %s", kind, is, id.Ino, got)
			}
		}
	}
}

// TestEnterInChild enters namespaces in a child of a process that goes on.
func TestEnterInChild(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	zero := uint32(0)
	target, err := trampoline.Start(launch.Unshare(&launch.Spec{Name: "box", Unshare: ns.SetOf(ns.User, ns.UTS), Users: launch.IDs{Single: launch.Some(zero)},
		Command: shell("readlink /proc/self/ns/uts; exec sleep 1000")}, &launch.Caller{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())}),
		&os.ProcAttr{Files: []*os.File{nil, w, os.Stderr}})
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	defer target.Wait()
	defer target.Kill()
	line := make([]byte, 64)
	n, err := r.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := ns.Hold(target.Pid)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(fd)
	got := start(t, launch.Enter(&launch.Entry{Name: "box", Target: &launch.Target{PID: target.Pid}, Preserve: true, KillChild: unix.SIGKILL,
		Join: []launch.Join{{Kind: ns.User}, {Kind: ns.UTS}}, Command: shell("readlink /proc/self/ns/uts; ls -l /proc/self/fd")}, &launch.Caller{}))
	uts, rest, _ := strings.Cut(got, "\n")
	if want := strings.TrimSpace(string(line[:n])); uts != want {
		t.Errorf("in %s, want %s", uts, want)
	}
	if strings.Contains(rest, "memfd:") || strings.Contains(rest, "pidfd") {
		t.Errorf("the command has more open than it was given:\n%s", rest)
	}
}
