// Package pivot tests the applet pivot and its other names, pivot_root and
// switch_root, from outside.
package pivot

import (
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestScripts(t *testing.T) { testkit.Scripts(t, "testdata") }
