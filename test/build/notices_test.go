package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// TestNotices wants THIRD_PARTY_NOTICES to be what the build's modules and Go say.
func TestNotices(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(strings.TrimSpace(string(root)), "LICENSE")); err != nil {
		testkit.Skip(t, "a Go that came with its licence")
	}
	committed := string(read(t, filepath.Join(top(t), "THIRD_PARTY_NOTICES")))
	if script(t, top(t), "notices", nil) != committed {
		t.Error("THIRD_PARTY_NOTICES is not what the build holds: scripts/notices >THIRD_PARTY_NOTICES")
	}
}
