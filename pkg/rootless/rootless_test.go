package rootless

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/pkg/idmap"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/nsexec"
)

// TestMain is a main function: with the variable it becomes root, as one under go test does.
func TestMain(m *testing.M) {
	if os.Getenv("_NSKIT_ROOTLESS_TEST") != "" {
		before := os.Getpid()
		if err := Become(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println("pid", before, "uid", os.Getuid(), "was", OriginalUID(), OriginalGID(), IsRootless())
		uids, _ := os.ReadFile("/proc/self/uid_map")
		fmt.Println(strings.Join(strings.Fields(string(uids)), " "))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// place is a directory with a program that an unprivileged user can execute.
func place(t *testing.T, program string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "rootless")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	text, err := os.ReadFile(program)
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "program"), text, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "program")
}

// asUser runs a program as an unprivileged user and returns its PID and what it says.
func asUser(t *testing.T, path string, args ...string) (int, string) {
	t.Helper()
	return runAsUser(t, exec.Command(path, args...))
}

func runAsUser(t *testing.T, cmd *exec.Cmd) (int, string) {
	t.Helper()
	cmd.Env = append(append(os.Environ(), cmd.Env...), "_NSKIT_ROOTLESS_TEST=1")
	cmd.Dir = "/"
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: testkit.Ordinary()}
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v: %s", cmd.Path, err, out)
	}
	return cmd.Process.Pid, string(out)
}

// TestBecome becomes root in place: by a path, by a link of /proc, and from a file that is
// gone by then.
func TestBecome(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	user := testkit.Ordinary()
	uid, gid := user.Uid, user.Gid
	check := func(name string, pid int, out string) {
		t.Helper()
		if want := fmt.Sprintf("pid %d uid 0 was %d %d true\n0 %d 1", pid, uid, gid, uid); !strings.HasPrefix(out, want) {
			t.Errorf("%s: %q, want %q", name, out, want)
		}
	}
	program := place(t, own)
	pid, out := asUser(t, program)
	check("path", pid, out)
	pid, out = asUser(t, "/bin/sh", "-c", "exec 9<'"+program+"'; exec /proc/self/fd/9")
	check("descriptor", pid, out)
	gone := place(t, own)
	file, err := os.Open(gone)
	if err == nil {
		err = os.Remove(gone)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cmd := exec.Command("/proc/self/fd/3")
	cmd.ExtraFiles = []*os.File{file}
	pid, out = runAsUser(t, cmd)
	check("gone", pid, out)
}

// TestMalformedMark makes sure that a variable that somebody else has set is none, also
// where the program has been executed again, and that it closes nothing.
func TestMalformedMark(t *testing.T) {
	for _, text := range []string{"", "x", "1", "1 x", "-1 5", "1 2 x", "1 2 0", "1 2 3 4", "1  2", " 1 2", "1 2 ", "4294967296 1"} {
		if uid, gid, fd, ok := parseMark(text); ok {
			t.Errorf("%q: %d %d %d", text, uid, gid, fd)
		}
	}
	if uid, gid, fd, ok := parseMark("1 2 3"); !ok || uid != 1 || gid != 2 || fd != 3 {
		t.Error(uid, gid, fd, ok)
	}
	testkit.Require(t, testkit.NeedsUserNamespaces)
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	user := testkit.Ordinary()
	cmd := exec.Command(place(t, own))
	cmd.Env = []string{variable + "=0 0 x"}
	pid, out := runAsUser(t, cmd)
	if want := fmt.Sprintf("pid %d uid 0 was %d %d true\n", pid, user.Uid, user.Gid); !strings.HasPrefix(out, want) {
		t.Errorf("%q, want %q", out, want)
	}
}

// TestBuilds becomes root in programs that are built in all ways.
func TestBuilds(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	testkit.Require(t, testkit.NeedsRoot) // whose the go command's caches are
	for name, env := range map[string][]string{
		"static": {"CGO_ENABLED=0"}, "pie": {"CGO_ENABLED=0", "GOFLAGS=-buildmode=pie"}, "cgo": {"CGO_ENABLED=1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "program")
			args := []string{"build", "-o", file}
			if name == "cgo" {
				testkit.Require(t, testkit.NeedsTool("gcc"))
				args = append(args, "-overlay", withCgo(t, dir))
			}
			build := exec.Command("go", append(args, "github.com/nskit/nskit/examples/rootless")...)
			build.Env = append(os.Environ(), env...)
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			program, err := elf.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer program.Close()
			if libraries, err := program.ImportedLibraries(); (len(libraries) > 0) != (name == "cgo") || (program.Type == elf.ET_DYN) != (name == "pie") {
				t.Errorf("built in another way: %v, %v, %v", program.Type, libraries, err)
			}
			user := testkit.Ordinary()
			pid, out := asUser(t, place(t, file))
			if want := fmt.Sprintf("pid %d uid 0 was %d %d true\n", pid, user.Uid, user.Gid); out != want {
				t.Errorf("%q, want %q", out, want)
			}
		})
	}
}

// withCgo is a file for the go command that adds to the example a package of C code.
func withCgo(t *testing.T, dir string) string {
	t.Helper()
	example, err := filepath.Abs("../../examples/rootless/cgo.go")
	if err != nil {
		t.Fatal(err)
	}
	overlay, source := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "cgo.go")
	for path, text := range map[string]string{
		overlay: fmt.Sprintf(`{"Replace": {%q: %q}}`, example, source),
		source:  "package main\n\nimport _ \"os/user\"\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return overlay
}

// TestRanges makes sure that all ranges are mapped, in a mount namespace whose files give
// a user some.
func TestRanges(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	testkit.Require(t, testkit.NeedsSubIDs)
	testkit.Require(t, testkit.NeedsTool("setpriv"))
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	passwd, _ := os.ReadFile("/etc/passwd")
	passwd = append(passwd, "nskit-test:x:54321:54321::/:/bin/sh\n"...)
	for name, text := range map[string]string{"passwd": string(passwd), "subuid": "nskit-test:100000:10\n54321:300000:5\n", "subgid": "nskit-test:100000:10\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := nsexec.Command(t.Context(), &launch.Spec{Unshare: ns.SetOf(ns.Mount), Command: launch.Command{File: "sh", Args: []string{"sh", "-ec", `
		for f in passwd subuid subgid; do mount --bind "$1/$f" /etc/$f; done
		exec setpriv --reuid 54321 --regid 54321 --clear-groups "$2"`, "sh", dir, place(t, own)}}})
	cmd.Env = append(append(os.Environ(), cmd.Env...), "_NSKIT_ROOTLESS_TEST=1")
	out, err := cmd.CombinedOutput()
	want := fmt.Sprintf("pid %d uid 0 was 54321 54321 true\n0 54321 1 1 100000 10 11 300000 5\n", cmd.Process.Pid)
	if string(out) != want || err != nil {
		t.Errorf("%q, want %q, %v", out, want, err)
	}
}

// TestBehindRoot wants all ranges, from 1 on.
func TestBehindRoot(t *testing.T) {
	ranges := idmap.SubIDs("user:100000:10\nuser:300000:5\n", "user", 1000)
	own := idmap.Range{Outer: 1000, Count: 1}
	if text := idmap.Combine(&own, behindRoot(ranges)).Text(); text != "0 1000 1\n1 100000 10\n11 300000 5\n" {
		t.Error(text)
	}
}
