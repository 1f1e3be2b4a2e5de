package faults

import (
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

func TestScripts(t *testing.T) { testkit.Scripts(t, "testdata") }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
