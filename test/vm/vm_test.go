// Package vm holds what can be tested only on a machine that is nobody's: a
// guest of scripts/test-vm. Its scripts change settings of the whole system.
package vm

import (
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestScripts(t *testing.T) {
	testkit.Require(t, testkit.NeedsGuest)
	testkit.Scripts(t, "testdata")
}
