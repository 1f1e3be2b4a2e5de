package build

import (
	"path/filepath"
	"testing"
)

// TestNotices wants the notices of each binary to be what its modules and Go say.
func TestNotices(t *testing.T) {
	for program, path := range map[string]string{"nskit": "THIRD_PARTY_NOTICES", "nskit-exporter": "packaging/exporter/THIRD_PARTY_NOTICES"} {
		if script(t, top(t), "notices", nil, program) != string(read(t, filepath.Join(top(t), path))) {
			t.Errorf("%s is not what the build holds: scripts/notices %s >%[1]s", path, program)
		}
	}
}
