// Package build checks what the Makefile's scripts make: the binary, and an
// installation of it. It needs the go command and so runs for the tree's owner.
package build

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// script runs one of the scripts of a tree.
func script(t *testing.T, tree, name string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command(filepath.Join(tree, "scripts", name), args...)
	cmd.Env = append(os.Environ(), env...)
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, output)
	}
	return string(output)
}

func top(t *testing.T) string {
	t.Helper()
	dir, err := testkit.Top()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// checkSize holds what limits of address space count, and what is downloaded: the file, and the
// pages that are empty at the start.
func checkSize(t *testing.T, binary string) {
	const most, mostEmpty = 5_500_000, 384 << 10
	if runtime.GOARCH != "amd64" {
		return // others have other code
	}
	if size := len(read(t, binary)); size > most {
		t.Errorf("the binary has %d bytes, at most %d are expected", size, most)
	}
	file, err := elf.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, p := range file.Progs {
		if empty := p.Memsz - p.Filesz; p.Type == elf.PT_LOAD && empty > mostEmpty {
			t.Errorf("%d bytes are empty at the start, at most %d are expected", empty, mostEmpty)
		}
	}
}

// TestReproducible builds from two directories: the bytes must be the same.
func TestReproducible(t *testing.T) {
	tree, dir := top(t), t.TempDir()
	elsewhere := filepath.Join(dir, "elsewhere")
	for _, part := range []string{"cmd", "pkg", "internal", "scripts", "go.mod", "go.sum"} {
		target := filepath.Join(elsewhere, part)
		if err := copyPath(filepath.Join(tree, part), target); err != nil {
			t.Fatal(err)
		}
	}
	version := []string{"VERSION=v1.2.3"}
	here, there := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	script(t, tree, "build", version, here)
	script(t, elsewhere, "build", version, there)
	if !bytes.Equal(read(t, here), read(t, there)) {
		t.Error("two builds of one source differ")
	}
	checkSize(t, here)
	output, err := exec.Command(here, "--version").Output()
	if err != nil || !strings.Contains(string(output), " 1.2.3") {
		t.Errorf("--version says %q, %v", output, err)
	}
}

// TestVersion wants the binary to have the version that packages are named by.
func TestVersion(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "nskit")
	script(t, top(t), "build", nil, binary)
	want := "nskit from nskit " + script(t, top(t), "version", nil)
	if output, err := exec.Command(binary, "--version").Output(); err != nil || string(output) != want {
		t.Errorf("--version says %q, %v, want %q", output, err, want)
	}
}

func copyPath(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return exec.Command("cp", "-r", from, to).Run()
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestStatic wants no interpreter, no dynamic section, no symbols.
func TestStatic(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nskit")
	script(t, top(t), "build", nil, path)
	binary, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	for _, prog := range binary.Progs {
		if prog.Type == elf.PT_INTERP || prog.Type == elf.PT_DYNAMIC {
			t.Errorf("not static: has %v", prog.Type)
		}
	}
	if binary.Section(".symtab") != nil || binary.Section(".debug_info") != nil {
		t.Error("not stripped")
	}
}

// TestInstall stages an installation, and removes it again without a file that
// is not its own.
func TestInstall(t *testing.T) {
	tree, stage := top(t), t.TempDir()
	binary := filepath.Join(t.TempDir(), "nskit")
	script(t, tree, "build", nil, binary)
	env := []string{"NSKIT_BIN=" + binary, "DESTDIR=" + stage, "PREFIX=/usr", "APPLETS_DIR=/opt/applets"}

	script(t, tree, "install", env)
	installed := filepath.Join(stage, "usr/bin/nskit")
	if !bytes.Equal(read(t, binary), read(t, installed)) {
		t.Error("the installed binary is another one")
	}
	names, err := exec.Command(binary, "--list").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.FieldsSeq(string(names)) {
		if target, _ := os.Readlink(filepath.Join(stage, "opt/applets", name)); target != "../../usr/bin/nskit" {
			t.Errorf("%s leads to %q", name, target)
		}
	}

	foreign := filepath.Join(stage, "opt/applets/foreign")
	if err := os.WriteFile(foreign, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	script(t, tree, "uninstall", env)
	if left := files(t, stage); !slices.Equal(left, []string{foreign}) {
		t.Errorf("left: %q", left)
	}
}

// TestChosenApplets builds and installs two applets alone: binary, help, pages,
// completions and links know no others.
func TestChosenApplets(t *testing.T) {
	tree, stage := top(t), t.TempDir()
	binary := filepath.Join(t.TempDir(), "nskit")
	env := []string{"APPLETS=pivot unshare", "NSKIT_BIN=" + binary, "DESTDIR=" + stage, "PREFIX=/usr", "APPLETS_DIR=", "PLAIN_NAMES=1"}
	script(t, tree, "build", env, binary)
	for args, want := range map[string]string{
		"--list":               "pivot\npivot_root\nswitch_root\nunshare\n",
		"unshare echo started": "started\n",
	} {
		if got, err := exec.Command(binary, strings.Fields(args)...).Output(); err != nil || string(got) != want {
			t.Errorf("%s: %v, %q", args, err, got)
		}
	}
	help, _ := exec.Command(binary, "--help").Output()
	if text := string(help); !strings.Contains(text, "\n pivot ") || strings.Contains(text, "vethctl") {
		t.Errorf("--help:\n%s", text)
	}
	unknown, _ := exec.Command(binary, "lsns").CombinedOutput()
	if string(unknown) != "nskit: unknown applet 'lsns' (nskit --list shows them)\n" {
		t.Errorf("lsns: %q", unknown)
	}

	script(t, tree, "install", env)
	var found []string
	for _, path := range files(t, stage) {
		found = append(found, filepath.Base(path))
		if text, err := os.ReadFile(path); err == nil && strings.Contains(path, "/share/") && bytes.Contains(text, []byte("Xr nskit-lsns 8 ,\n")) {
			t.Errorf("%s leads to a page that is not there", path)
		}
	}
	slices.Sort(found)
	want := strings.Fields("LICENSE THIRD_PARTY_NOTICES _nskit nskit nskit nskit-pivot.8 nskit-program.7 nskit-unshare.1 nskit.1 nskit.fish " +
		"pivot pivot pivot.8 pivot.fish pivot_root pivot_root pivot_root.8 pivot_root.fish switch_root switch_root switch_root.8 switch_root.fish " +
		"unshare unshare unshare.1 unshare.fish")
	slices.Sort(want)
	if !slices.Equal(slices.Compact(found), slices.Compact(want)) {
		t.Errorf("installed: %q\nwant: %q", found, want)
	}
	script(t, tree, "uninstall", env)
	if left := files(t, stage); left != nil {
		t.Errorf("left: %q", left)
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestWithoutEntry builds as go build does, without the entry before the Go
// runtime: everything must still be right, only slower.
func TestWithoutEntry(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "unshare")
	script(t, top(t), "build", []string{"ENTRY="}, plain)
	for _, tt := range []struct {
		line, want string
		code       int
	}{
		{`exec "$0" sh -c 'test $$ = '$$' && echo same PID'`, "same PID\n", 0},
		{`ulimit -Sn 77; exec "$0" sh -c 'ulimit -Sn'`, "77\n", 0},
		{`exec env -i B=1 A=2 "$0" /usr/bin/env`, "B=1\nA=2\n", 0},
		{`exec "$0" printf '<%s>' '' 'a b'`, "<><a b>", 0},
		{`exec "$0" --fork sh -c 'exit 7'`, "", 7},
		{`exec "$0" --fork --kill-child sh -c 'kill -TERM $$'`, "", -1},
		{`exec "$0" --nonsense 2>/dev/null`, "", 1},
		{`exec "$0" /nonexistent 2>/dev/null`, "", 127},
	} {
		cmd := exec.Command("sh", "-c", tt.line, plain)
		output, _ := cmd.Output() // the exit code is compared below
		if string(output) != tt.want || cmd.ProcessState.ExitCode() != tt.code {
			t.Errorf("%s: %q, %v; want %q, exit code %d", tt.line, output, cmd.ProcessState, tt.want, tt.code)
		}
	}
}
