// Package kernels tests what nskit does on a kernel that lacks something, or
// that an administrator has closed in part: docs/kernels.md is its contents.
package kernels

import (
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestScripts(t *testing.T) { testkit.Scripts(t, "testdata") }
