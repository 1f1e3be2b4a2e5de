package rawfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestRead(t *testing.T) {
	for _, size := range []int{0, 1, 4095, 4096, 4097, 100_000} {
		path, want := filepath.Join(t.TempDir(), "file"), strings.Repeat("x", size)
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := Read(path); string(got) != want || err != nil {
			t.Errorf("%d bytes: got %d, %v", size, len(got), err)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := Read(t.TempDir()); err == nil {
		t.Error("a directory was read")
	}
}

func TestReadUpTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(strings.Repeat("x", 10_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{0, 1, 4095, 4096, 4097, 9999, 10_000, 20_000} {
		if got, err := ReadUpTo(path, limit); len(got) != min(limit, 10_000) || err != nil {
			t.Errorf("limit %d: got %d, %v", limit, len(got), err)
		}
	}
}

func TestNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b", ".c"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	names, err := Names(dir, 3)
	slices.Sort(names)
	if want := []string{".c", "a", "b"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("%q, %v, want %q", names, err, want)
	}
	for place, want := range map[string]error{dir: ErrTooLarge, dir + "/a": unix.ENOTDIR, dir + "/none": unix.ENOENT} {
		if names, err := Names(place, 2); names != nil || !errors.Is(err, want) {
			t.Errorf("%s: %q, %v, want %v", place, names, err, want)
		}
	}
}
