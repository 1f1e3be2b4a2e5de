package containers

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// TestNoRoot makes sure that zero Places are those of the system, and not what
// lies in the working directory: whoever made that would say which processes
// there are.
func TestNoRoot(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	pid := strconv.Itoa(1 << 21)
	if err := os.MkdirAll(filepath.Join("proc", pid), 0o755); err != nil {
		t.Fatal(err)
	}
	group := "0::/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
	n, _ := strconv.Atoi(pid)
	tree{t, dir}.process(n, "7", group, pid+"\t1")
	if found := scan(Places{Root: dir}, nil, nil); len(found) != 1 {
		t.Fatalf("the container of the test is not found: %v", found)
	}
	for _, c := range scan(Places{}, nil, nil) {
		if strconv.Itoa(c.PID) == pid {
			t.Errorf("%v was found in the working directory", c)
		}
	}
}
