// Package scenarios does what people come for, in the words that they type, from the problem to the
// answer. What else each of these commands can and cannot do is in the folders of the applets.
package scenarios

import (
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestScripts(t *testing.T) { testkit.Scripts(t, "testdata") }
