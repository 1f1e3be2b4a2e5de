package testkit

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// TestBuildsHaveTheirTime: a build that begins with nothing takes minutes where others run.
func TestBuildsHaveTheirTime(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "build"), []byte("echo ready; read line"), 0o644); err != nil {
		t.Fatal(err)
	}
	for argv0, want := range map[string]bool{"go": false, "sh": true} {
		cmd := exec.Command("sh", "build")
		cmd.Args[0], cmd.Dir = argv0, dir
		in, out := Piped(t, cmd)
		if _, err := out.Read(make([]byte, 1)); err != nil {
			t.Error(err)
		}
		if got := slices.Contains(helpers(), cmd.Process.Pid); got != want {
			t.Errorf("%s build: killed at the deadline: %v, want %v", argv0, got, want)
		}
		_ = in.Close()
		_ = cmd.Wait()
	}
}
