package nsexec

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/pkg/idmap"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// inside is a Spec of a user who is root in namespaces of his own.
func inside(words ...string) *launch.Spec {
	zero := launch.IDs{Single: launch.Some(uint32(0))}
	return &launch.Spec{Unshare: ns.SetOf(ns.User, ns.UTS), Users: zero, Groups: zero,
		Command: launch.Command{File: words[0], Args: words}}
}

func with(s *launch.Spec, kinds ...ns.Kind) *launch.Spec {
	for _, k := range kinds {
		s.Unshare = s.Unshare.With(k)
	}
	return s
}

// TestOutput makes sure that a command is what os/exec's are: pipes, arguments,
// environment, directory, exit status.
func TestOutput(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	for _, kinds := range [][]ns.Kind{nil, {ns.PID}} {
		cmd := Command(t.Context(), with(inside("sh", "-c", `read x; echo "$x $A $PWD $(id -u) $1"; echo err >&2; exit 7`, "sh", "arg"), kinds...))
		cmd.Env, cmd.Dir, cmd.Stdin = []string{"A=b", "PATH=" + os.Getenv("PATH")}, "/usr", strings.NewReader("line\n")
		out, err := cmd.Output()
		var exit *exec.ExitError
		if string(out) != "line b /usr 0 arg\n" || !errors.As(err, &exit) || exit.ExitCode() != 7 || string(exit.Stderr) != "err\n" {
			t.Errorf("%v: %q, %v", kinds, out, err)
		}
		if cmd.ProcessState.ExitCode() != 7 {
			t.Error(cmd.ProcessState)
		}
	}
}

// TestStands makes sure that Start returns when everything is there, and that Process is
// the command.
func TestStands(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	for range 20 {
		cmd := Command(t.Context(), with(inside("sleep", "1000"), ns.PID, ns.Net))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		dir := fmt.Sprintf("/proc/%d/", cmd.Process.Pid)
		var comm []byte
		if !testkit.Poll(func() bool { comm, _ = os.ReadFile(dir + "comm"); return string(comm) == "sleep\n" }) {
			cmd.Process.Kill()
			t.Fatalf("%q", comm)
		}
		uids, _ := os.ReadFile(dir + "uid_map")
		own, _ := os.Readlink("/proc/self/ns/net")
		net, err := os.Readlink(dir + "ns/net")
		if len(uids) == 0 || own == net || err != nil {
			t.Errorf("%q %s %s %v", uids, own, net, err)
		}
		cmd.Process.Kill()
		cmd.Wait()
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != unix.SIGKILL {
			t.Error(cmd.ProcessState)
		}
	}
}

// TestErrors makes sure that what fails before the command is told apart from it.
func TestErrors(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	script := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(script, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	root := with(inside("true"), ns.PID)
	root.Pivot = &launch.PivotSpec{Root: "/nonexistent"}
	dir := inside("true")
	dir.Dir = launch.Some("/nonexistent")
	many := inside("true")
	many.Users.Blocks = []idmap.Block{{Range: idmap.Range{Inner: 5, Outer: 4294967294, Count: 5}}}
	for _, tt := range []struct {
		name, op, path string
		errno          syscall.Errno
		spec           *launch.Spec
		is             []error
	}{
		{"no command", "execve", "/nonexistent", unix.ENOENT, inside("/nonexistent"), []error{os.ErrNotExist, exec.ErrNotFound}},
		{"not in PATH", "execve", "nonexistent", unix.ENOENT, with(inside("nonexistent"), ns.PID), []error{exec.ErrNotFound}},
		{"not executable", "execve", script, unix.EACCES, inside(script), []error{os.ErrPermission}},
		{"no root", "openat", "/nonexistent", unix.ENOENT, root, []error{os.ErrNotExist}},
		{"no directory", "chdir", "/nonexistent", unix.ENOENT, dir, []error{os.ErrNotExist}},
	} {
		var text bytes.Buffer
		cmd := Command(t.Context(), tt.spec)
		cmd.Stderr, cmd.Env = &text, []string{"PATH=/usr/bin:/bin"}
		err := cmd.Run()
		var e *Error
		if !errors.As(err, &e) || e.Op != tt.op || e.Path != tt.path || e.Errno != tt.errno || !errors.Is(err, tt.errno) {
			t.Errorf("%s: %v, %+v", tt.name, err, e)
		}
		for _, is := range tt.is {
			if !errors.Is(err, is) {
				t.Errorf("%s: not %v", tt.name, is)
			}
		}
		if text.Len() != 0 || cmd.Process != nil {
			t.Errorf("%s: %q, %v", tt.name, &text, cmd.Process)
		}
	}
	var e *Error
	if err := Command(t.Context(), many).Run(); !errors.As(err, &e) || e.What == "" {
		t.Errorf("%v", err)
	}
	if err := Command(t.Context(), nil).Run(); err == nil {
		t.Error("no error without a command")
	}
	if err := Command(t.Context(), &launch.Spec{Init: true, Command: launch.Command{File: "true"}}).Run(); err == nil {
		t.Error("no error of a Spec that makes no sense")
	}
}

// TestPipesAreClosed makes sure that a Start that comes to nothing closes the pipes.
func TestPipesAreClosed(t *testing.T) {
	own := errors.New("the caller's own")
	for name, cmd := range map[string]*Cmd{
		"no command": Command(t.Context(), nil),
		"own error":  Command(t.Context(), inside("true")),
		"no sense":   Command(t.Context(), &launch.Spec{Init: true, Command: launch.Command{File: "true"}}),
	} {
		if name == "own error" {
			cmd.Err = own
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err == nil || name == "own error" && err != own {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := out.Read(make([]byte, 1)); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: the pipe is not closed: %v", name, err)
		}
	}
}

// TestKill makes sure that Kill ends what a command with a PID namespace has forked, and
// that SIGTERM reaches a command.
func TestKill(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	cmd := Command(t.Context(), with(inside("sh", "-c", "sleep 1000 & sleep 1000 & echo; wait"), ns.PID))
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	bufio.NewReader(out).ReadString('\n')
	cmd.Process.Kill()
	if _, err := io.Copy(io.Discard, out); err != nil { // ends with the last of them
		t.Error(err)
	}
	cmd.Wait()
	for name, spec := range map[string]*launch.Spec{
		"in place": inside("sleep", "1000"),
		"fork":     func() *launch.Spec { s := inside("sleep", "1000"); s.Fork = true; return s }(),
		"init":     func() *launch.Spec { s := with(inside("sleep", "1000"), ns.PID); s.Init = true; return s }(),
	} {
		cmd := Command(t.Context(), spec)
		if err := cmd.Start(); err != nil {
			t.Fatal(name, err)
		}
		cmd.Process.Signal(unix.SIGTERM)
		cmd.Wait()
		if text := cmd.ProcessState.String(); text != "signal: terminated" && text != "exit status 143" {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// TestExtraFiles makes sure that files are handed on under their numbers, also to a
// command on a new root.
func TestExtraFiles(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	root := t.TempDir()
	for _, dir := range []string{"bin", "lib", "lib64", "usr", "proc"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var mounts []mnt.Mount
	for _, dir := range []string{"/bin", "/lib", "/lib64", "/usr"} {
		if _, err := os.Stat(dir); err == nil {
			mounts = append(mounts, mnt.Mount{Kind: mnt.Bind, Source: dir, Target: dir, Recursive: true})
		}
	}
	pivot := with(inside("/bin/sh", "-c", "cat <&3 >&5; ls /proc/self/fd; ls -d /etc"), ns.PID)
	pivot.Pivot = &launch.PivotSpec{Root: root, Mounts: append(mounts, mnt.Mount{Kind: mnt.Proc, Target: "/proc"})}
	plain := inside("/bin/sh", "-c", "cat <&3 >&5; ls /proc/self/fd; ls -d /nonexistent")
	for name, spec := range map[string]*launch.Spec{"plain": plain, "pivot": pivot} {
		r, w, _ := os.Pipe()
		r2, w2, _ := os.Pipe()
		cmd := Command(t.Context(), spec)
		cmd.ExtraFiles = []*os.File{r, nil, w2}
		io.WriteString(w, "text")
		w.Close()
		out, err := cmd.Output()
		w2.Close()
		got, _ := io.ReadAll(r2)
		r.Close()
		r2.Close()
		list := strings.Fields(string(out)) // of which one is ls's own
		if string(got) != "text" || !slices.Contains(list, "3") || !slices.Contains(list, "5") || name == "pivot" && len(list) != 6 {
			t.Errorf("%s: %q, %q, %v", name, got, out, err)
		}
	}
}

// TestCancel makes sure that a context ends commands, and Starts, and leaves nothing.
func TestCancel(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	before := descriptors(t)
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%20)*10*time.Millisecond)
			defer cancel()
			spec := inside("sleep", "1000")
			if i%2 == 0 {
				spec = with(spec, ns.PID, ns.Net)
			}
			cmd := Command(ctx, spec)
			cmd.Stdin, cmd.Stdout, cmd.WaitDelay = strings.NewReader("x"), io.Discard, time.Minute
			err := cmd.Run()
			var exit *exec.ExitError
			if !errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &exit) {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	all.Wait()
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors, %d before", after, before)
	}
	if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); err != unix.ECHILD {
		t.Errorf("a child is left: %d, %v", pid, err)
	}
}

// TestEnter runs commands in the namespaces of another one.
func TestEnter(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	spec := with(inside("sleep", "1000"), ns.PID, ns.Net, ns.Mount)
	spec.Proc = launch.Some("/proc")
	target := Command(t.Context(), spec)
	if err := target.Start(); err != nil {
		t.Fatal(err)
	}
	defer target.Wait()
	defer target.Process.Kill()
	link := func(name string) string {
		text, err := os.Readlink("/proc/" + strconv.Itoa(target.Process.Pid) + "/ns/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	cmd := Enter(t.Context(), &launch.Entry{Preserve: true, Target: &launch.Target{PID: target.Process.Pid},
		Join:    []launch.Join{{Kind: ns.User}, {Kind: ns.Net}, {Kind: ns.PID}, {Kind: ns.Mount}},
		Command: launch.Command{File: "readlink", Args: []string{"readlink", "/proc/self/ns/net", "/proc/self/ns/pid"}}})
	out, err := cmd.CombinedOutput()
	if want := link("net") + "\n" + link("pid") + "\n"; err != nil || string(out) != want {
		t.Errorf("%q, want %q, %v", out, want, err)
	}
	gone := Enter(t.Context(), &launch.Entry{Target: &launch.Target{PID: 4194303}, Join: []launch.Join{{Kind: ns.Net}},
		Command: launch.Command{File: "true"}})
	var e *Error
	if err := gone.Run(); !errors.As(err, &e) || !errors.Is(err, os.ErrNotExist) && !errors.Is(err, unix.ESRCH) {
		t.Errorf("%v", err)
	}
}

// TestCredential starts a command as another user in namespaces of his, and enters them as he
// does: what he executes on the way there is his own.
func TestCredential(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	testkit.Require(t, testkit.NeedsRoot) // who becomes somebody else
	user := testkit.Ordinary()
	for _, kinds := range [][]ns.Kind{{ns.Net}, {ns.Net, ns.PID}} {
		target := Command(t.Context(), with(inside("sleep", "1000"), kinds...))
		target.SysProcAttr, target.Dir = &syscall.SysProcAttr{Credential: user}, "/"
		if err := target.Start(); err != nil {
			t.Fatal(err)
		}
		entry := &launch.Entry{Preserve: true, Target: &launch.Target{PID: target.Process.Pid}, Join: []launch.Join{{Kind: ns.User}},
			Command: launch.Command{File: "cat", Args: []string{"cat", "/proc/self/uid_map"}}}
		for _, k := range kinds {
			entry.Join = append(entry.Join, launch.Join{Kind: k})
		}
		cmd := Enter(t.Context(), entry)
		cmd.SysProcAttr, cmd.Dir = &syscall.SysProcAttr{Credential: user}, "/"
		out, err := cmd.CombinedOutput()
		if got := strings.Fields(string(out)); err != nil || len(got) != 3 || got[1] != fmt.Sprint(user.Uid) {
			t.Errorf("%v: %q, %v", kinds, out, err)
		}
		target.Process.Kill()
		target.Wait()
	}
}

// TestCredentialWithoutMemfd does the same where the image is a file, which that user must be
// able to execute.
func TestCredentialWithoutMemfd(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	testkit.Require(t, testkit.NeedsRoot)
	cmd := exec.Command(os.Args[0], "-test.run=^TestCredential$", "-test.v")
	cmd.Env = append(os.Environ(), ownVariable+"=no memfd")
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestCredential ") {
		t.Errorf("%v: %s", err, out)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}
