package load

import (
	"os"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// TestMain runs the tests as PID 1 of a PID namespace, with mounts and a network
// of their own: whatever is there in the end is theirs.
func TestMain(m *testing.M) {
	if os.Geteuid() == 0 {
		testkit.MainBelow(m, "unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--")
	}
	testkit.Main(m)
}
