package rootfs_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/pkg/rootfs"
	"golang.org/x/sys/unix"
)

func TestClear(t *testing.T) {
	const memory = "/dev/shm"
	var fs unix.Statfs_t
	if err := unix.Statfs(memory, &fs); err != nil || fs.Type != unix.TMPFS_MAGIC {
		testkit.Skip(t, testkit.NeedsKernel(memory))
	}
	top, err := os.MkdirTemp(memory, "nskit-clear")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(top)
	root, outside := filepath.Join(top, "root"), filepath.Join(top, "outside")
	for _, dir := range []string{outside, filepath.Join(root, "a/b/c")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{filepath.Join(outside, "kept"), filepath.Join(root, "f"), filepath.Join(root, "a/b/f")} {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(root, "a/link")); err != nil {
		t.Fatal(err)
	}
	if err := clearDir(t, root); err != nil {
		t.Error(err)
	}
	left, _ := os.ReadDir(root)
	if _, err := os.Stat(filepath.Join(outside, "kept")); err != nil || len(left) != 0 {
		t.Errorf("%v, left %v", err, left)
	}
}

func TestClearRefuses(t *testing.T) {
	if err := clearDir(t, "/proc/self"); err != rootfs.ErrNotMemory {
		t.Error(err)
	}
}

func clearDir(t *testing.T, path string) error {
	dir, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	return rootfs.Clear(dir)
}
