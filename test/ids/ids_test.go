// Package ids tests the identifiers of namespaces, which the kernel looks up for callers
// in the initial namespaces only: in a guest of scripts/test-vm, in place.
package ids

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

func TestMain(m *testing.M) { testkit.MainInPlace(m) }

// TestIdentifiers runs a script that prints a line for each thing that holds; what the
// kernel can do it asks the kernel's list of symbols, and not nskit.
func TestIdentifiers(t *testing.T) {
	testkit.Require(t, testkit.NeedsGuest)
	testkit.Require(t, testkit.NeedsRoot)
	said, err := exec.Command("sh", "testdata/ids.sh").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	var wrong []string
	for line := range strings.Lines(string(said)) {
		if !strings.HasPrefix(line, "good: ") {
			wrong = append(wrong, line)
		}
	}
	const lines = 8 + 8 + 3 + 4 + 4
	if held := strings.Count(string(said), "good: "); len(wrong) > 0 || held != lines {
		t.Errorf("%d things hold, want %d; also said:\n%s", held, lines, strings.Join(wrong, ""))
	}
	t.Logf("%s", said)
}
