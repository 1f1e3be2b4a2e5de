package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNotices wants THIRD_PARTY_NOTICES to be what the build's modules and Go say.
func TestNotices(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(strings.TrimSpace(string(root)), "LICENSE")); err != nil {
		t.Log("this Go came without its licence")
		return
	}
	committed := string(read(t, filepath.Join(top(t), "THIRD_PARTY_NOTICES")))
	if script(t, top(t), "notices", nil) != committed {
		t.Error("THIRD_PARTY_NOTICES is not what the build holds: scripts/notices >THIRD_PARTY_NOTICES")
	}
}
