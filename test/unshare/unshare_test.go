// Package unshare tests the applet unshare from outside: what a user types,
// and what must then be seen. Some scripts of testdata are what people do
// with unshare, the others its options one by one. Wherever the host's
// own unshare has the option it is asked too, and both must say the same.
package unshare

import (
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestScripts(t *testing.T) { testkit.Scripts(t, "testdata") }
