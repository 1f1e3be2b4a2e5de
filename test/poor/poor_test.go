// Package poor runs nskit where things are missing that are there elsewhere:
// /proc, /sys, /dev, /tmp, /etc/passwd, a root that can be written, standard
// descriptors, the environment. Everything does what it can, and says in a line
// what it lacks.
package poor

import (
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestScripts(t *testing.T) { testkit.Scripts(t, "testdata") }
