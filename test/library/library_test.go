// Package library runs programs that use pkg/, built in each of the ways in which Go
// programs are built, under what programs run under.
package library

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/nsexec"
	"golang.org/x/sys/unix"
)

// variable has this binary become an unprivileged user, and execute a program: its
// value is the error number of memfd_create(2), 0 for none.
const variable = "_NSKIT_LIBRARY_TEST"

// uid is the user's number, and the group's.
const uid = 54321

func TestMain(m *testing.M) {
	if refused := os.Getenv(variable); refused != "" {
		fmt.Fprintln(os.Stderr, become(refused))
		os.Exit(1)
	}
	testkit.Main(m)
}

func become(refused string) error {
	errno := map[string]unix.Errno{"ENOSYS": unix.ENOSYS, "EPERM": unix.EPERM}[refused]
	if errno != 0 {
		if err := testkit.Refuse(unix.SYS_MEMFD_CREATE, errno); err != nil {
			return err
		}
		if _, err := unix.MemfdCreate("", 0); err != errno {
			return fmt.Errorf("memfd_create is not refused: %w", err)
		}
	}
	os.Unsetenv(variable)
	for _, err := range []error{syscall.Setgroups(nil), syscall.Setgid(uid), syscall.Setuid(uid)} {
		if err != nil {
			return err
		}
	}
	return syscall.Exec(os.Args[1], os.Args[1:], os.Environ())
}

// builds are the ways to build: environment and arguments of the go command.
var builds = map[string]struct{ env, args []string }{
	"static": {[]string{"CGO_ENABLED=0"}, nil},
	"pie":    {[]string{"CGO_ENABLED=0"}, []string{"-buildmode=pie"}},
	"cgo":    {[]string{"CGO_ENABLED=1"}, nil},
	"race":   {[]string{"CGO_ENABLED=1"}, []string{"-race"}},
}

// surroundings are what programs run under: environment, and how memfd_create(2) fails.
var surroundings = map[string]struct {
	env     []string
	refused string
}{
	"plain":           {nil, "0"},
	"one processor":   {[]string{"GOMAXPROCS=1"}, "0"},
	"no memfd":        {nil, "ENOSYS"},
	"memfd forbidden": {nil, "EPERM"},
}

// TestRoot becomes root in place, with all subordinate IDs.
func TestRoot(t *testing.T) {
	testkit.Require(t, testkit.NeedsSubIDs)
	everywhere(t, "../../examples/rootless", []string{"cat", "/proc/self/uid_map", "/proc/self/gid_map"}, func(pid int) string {
		return fmt.Sprintf("pid %d uid 0 was %d %d true\n0 %[2]d 1 1 100000 10 11 300000 5 0 %[3]d 1 1 100000 10", pid, uid, uid)
	})
}

// TestDaemon starts and cancels commands, a hundred at a time.
func TestDaemon(t *testing.T) {
	everywhere(t, "./daemon", nil, func(int) string { return "ok\n" })
}

// everywhere builds a program in all ways and runs it in all surroundings.
func everywhere(t *testing.T, source string, words []string, want func(pid int) string) {
	testkit.Require(t, testkit.NeedsRoot) // whose the go command's caches are
	testkit.Require(t, testkit.NeedsUserNamespaces)
	files := accounts(t)
	for name := range builds {
		t.Run(name, func(t *testing.T) {
			program := build(t, name, source)
			for around, s := range surroundings {
				t.Run(around, func(t *testing.T) {
					pid, said := runIn(t, files, s.refused, s.env, append([]string{program}, words...))
					head, maps, _ := strings.Cut(said, "\n")
					if got := head + "\n" + strings.Join(strings.Fields(maps), " "); got != want(pid) {
						t.Errorf("said %q, want %q", got, want(pid))
					}
				})
			}
		})
	}
}

// build builds a program, and makes sure that it is built that way.
func build(t *testing.T, name, source string) string {
	t.Helper()
	b := builds[name]
	linked := slices.Contains(b.env, "CGO_ENABLED=1")
	if linked {
		testkit.Require(t, testkit.NeedsTool("gcc"))
	}
	dir := open(t)
	file := filepath.Join(dir, "program")
	args := append([]string{"build", "-o", file}, b.args...)
	if name == "cgo" {
		args = append(args, "-overlay", withCgo(t, dir, source))
	}
	cmd := exec.Command("go", append(args, source)...)
	cmd.Env = append(os.Environ(), b.env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	program, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	libraries, err := program.ImportedLibraries()
	if (len(libraries) > 0) != linked || (program.Type == elf.ET_DYN) != (name == "pie") && name != "race" || err != nil {
		t.Errorf("built in another way: %v, %v, %v", program.Type, libraries, err)
	}
	return file
}

// withCgo is a file for the go command that adds a package of C code to a program.
func withCgo(t *testing.T, dir, source string) string {
	t.Helper()
	added, err := filepath.Abs(filepath.Join(source, "cgo.go"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "cgo.go"), "package main\n\nimport _ \"os/user\"\n")
	write(t, filepath.Join(dir, "overlay.json"), fmt.Sprintf(`{"Replace": {%q: %q}}`, added, filepath.Join(dir, "cgo.go")))
	return filepath.Join(dir, "overlay.json")
}

// accounts are files of /etc by which the user has subordinate IDs.
func accounts(t *testing.T) string {
	dir := open(t)
	passwd, err := os.ReadFile("/etc/passwd")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "passwd"), string(passwd)+fmt.Sprintf("nskit-test:x:%d:%[1]d::/:/bin/sh\n", uid))
	write(t, filepath.Join(dir, "subuid"), fmt.Sprintf("nskit-test:100000:10\n%d:300000:5\n", uid))
	write(t, filepath.Join(dir, "subgid"), "nskit-test:100000:10\n")
	return dir
}

// runIn runs a program as the user, in a mount namespace with these files, and returns its PID
// and what it says.
func runIn(t *testing.T, files, refused string, env, words []string) (int, string) {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := nsexec.Command(t.Context(), &launch.Spec{Unshare: ns.SetOf(ns.Mount), Command: launch.Command{File: "sh", Args: append([]string{"sh", "-ec",
		`for f in passwd subuid subgid; do mount --bind "$0/$f" /etc/$f; done; exec "$@"`, files, own}, words...)}})
	cmd.Env, cmd.Dir = append(append(os.Environ(), env...), variable+"="+refused), "/"
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
	return cmd.Process.Pid, string(out)
}

// open is a directory that everybody may look into.
func open(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "library")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
