// Package vethctl tests the applet vethctl as users have it: in network
// namespaces of its own, as root and inside an unprivileged user's namespaces.
package vethctl

import (
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestScripts(t *testing.T) { testkit.Scripts(t, "testdata") }
