package unshare

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// TestEnvironment hands over environments that no shell could make, byte for byte.
func TestEnvironment(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	path := "PATH=" + os.Getenv("PATH")
	for _, env := range [][]string{
		{path},
		{},
		{"A=1", path, "A=2", "B=", "A=1"},
		{path, "NO_EQUALS_SIGN", "", "=no name", "=", "C==", "NEW\nLINE=a\nb", "\xff=\xfe"},
		{"PATH=/nowhere", path, "PATH=/nowhere", "Z=1", "A=1"},
		{path, "LONG=" + strings.Repeat("x", 100_000), strings.Repeat("Y", 50_000) + "=y"},
		append(slices.Repeat([]string{"MANY=of these"}, 5_000), path),
	} {
		want := ""
		for _, entry := range env {
			want += entry + "\x00"
		}
		for name, command := range commands(t) {
			if got := output(t, append(command, "/bin/cat", "/proc/self/environ"), env); got != want {
				t.Errorf("%s: the environment is\n%.300q, want\n%.300q", name, got, want)
			}
		}
	}
}

// TestArguments hands over arguments that are hard to quote.
func TestArguments(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	show := []string{"/bin/sh", "-c", "cat /proc/$$/cmdline; :"}
	for _, args := range [][]string{
		{},
		{"", "", ""},
		{"one\ntwo", " ", "\t", "'\"\\", "$HOME", "*", "--", "-h", "--help", "\xff\xfe", ""},
		{strings.Repeat("x", 100_000), "", strings.Repeat("y", 20_000)},
		slices.Repeat([]string{"many"}, 5_000),
	} {
		argv := append(slices.Clone(show), args...)
		want := strings.Join(argv, "\x00") + "\x00"
		for name, command := range commands(t) {
			if got := output(t, append(command, argv...), os.Environ()); got != want {
				t.Errorf("%s: the arguments are\n%.300q, want\n%.300q", name, got, want)
			}
		}
	}
}

// TestDescriptors compares the open descriptors of a program started directly
// with those it has below unshare: the inherited ones, none of unshare's, and
// 0 to 2 closed where they were closed.
func TestDescriptors(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	null, dir, pipe := open(t, "/dev/null"), open(t, "/"), open(t, "/dev/null")
	for _, tt := range []struct {
		name  string
		files []*os.File
	}{
		{"the usual three", []*os.File{null, null, null}},
		{"six", []*os.File{null, null, null, dir, pipe, null}},
		{"with gaps", []*os.File{null, null, null, nil, dir, nil, nil, nil, nil, nil, nil, nil, pipe}},
		{"no stdin", []*os.File{nil, null, null}},
		{"no stdout", []*os.File{null, nil, null}},
		{"no stderr", []*os.File{null, null, nil}},
		{"none", nil},
		{"only 3", []*os.File{nil, nil, nil, dir}},
		{"stderr and 5", []*os.File{nil, nil, null, nil, nil, dir}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			report := t.TempDir() + "/report"
			want := descriptors(t, nil, tt.files, report)
			for name, command := range commands(t) {
				if got := descriptors(t, command, tt.files, report); got != want {
					t.Errorf("%s: descriptors\n%swant\n%s", name, got, want)
				}
			}
		})
	}
}

func open(t *testing.T, path string) *os.File {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

// descriptors lists the descriptors of a shell and what they are, a line each. They
// come by a file, since standard output may be closed.
func descriptors(t *testing.T, command []string, files []*os.File, report string) string {
	t.Helper()
	script := fmt.Sprintf(`find /proc/$$/fd -type l -fprintf %s '%%f %%l\n'; :`, report)
	if state := start(t, append(command, "/bin/sh", "-c", script), os.Environ(), files); !state.Success() {
		t.Fatalf("%q: %v", command, state)
	}
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "")
}
