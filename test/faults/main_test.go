package faults

import (
	"os"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// TestMain runs the tests, as root, where the unprivileged user has subordinate ids
// and where no mounts of others come and go.
func TestMain(m *testing.M) {
	if os.Geteuid() == 0 {
		testkit.MainBelow(m, "withsubids")
	}
	testkit.Main(m)
}
