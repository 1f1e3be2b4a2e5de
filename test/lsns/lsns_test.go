// Package lsns tests the applet lsns from outside.
package lsns

import (
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestScripts(t *testing.T) { testkit.Scripts(t, "testdata") }
