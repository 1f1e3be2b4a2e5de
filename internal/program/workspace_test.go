package program

import (
	"strings"
	"testing"
)

// TestTextsAtTheEdge wants every text to be made without an allocation, wherever
// in the workspace the one before it has ended.
func TestTextsAtTheEdge(t *testing.T) {
	var w Workspace
	for length := range 700 {
		before := []string{strings.Repeat("x", length), "y"}
		allocations := testing.AllocsPerRun(1, func() {
			b := w.New("edge")
			v := b.Var("v")
			b.Join(before...)
			b.Itoa(-1 << 63)
			b.Utoa(1<<64 - 1)
			b.words(1, 2, 3)
			b.Some(v, -1)
		})
		if allocations != 0 {
			t.Fatalf("%v allocations after %d bytes", allocations, length)
		}
	}
}
