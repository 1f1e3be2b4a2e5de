//go:build nskit_debug

package ns

import (
	"strings"
	"testing"
)

const watching = true

// TestDoWatches wants a goroutine that was started inside to be seen.
func TestDoWatches(t *testing.T) {
	h := fresh(t, Net)
	for _, wait := range []bool{false, true} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, "TestDoWatches") {
					t.Errorf("wait %v: %q", wait, text)
				}
			}()
			hold := make(chan struct{})
			defer close(hold)
			Do(h, func(*Handle) error {
				go func() { <-hold }()
				return nil
			})
			t.Error("nothing was seen")
		}()
	}
}
