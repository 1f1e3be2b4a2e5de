package build

import (
	"path/filepath"
	"testing"
)

// TestNotices wants THIRD_PARTY_NOTICES to be what the build's modules and Go say.
func TestNotices(t *testing.T) {
	committed := string(read(t, filepath.Join(top(t), "THIRD_PARTY_NOTICES")))
	if script(t, top(t), "notices", nil) != committed {
		t.Error("THIRD_PARTY_NOTICES is not what the build holds: scripts/notices >THIRD_PARTY_NOTICES")
	}
}
