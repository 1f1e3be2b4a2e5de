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

// TestDoUnborn wants a goroutine of which nothing is known yet, since it has not begun, to
// be looked at again: that of a Do within Do is one for a moment.
func TestDoUnborn(t *testing.T) {
	const label = "\n# labels: {\"nskit.ns.Do-8\":\"inside\"}"
	const fresh = "1 @ 0x48cf41" + label
	const own = "1 @ 0x1 0x2" + label + "\n#\t0x1\tgithub.com/nskit/nskit/pkg/ns.(*visit).call+0x1\tdo.go:1"
	const other = "1 @ 0x1 0x2" + label + "\n#\t0x1\tmain.work.func1+0x1\tmain.go:1"
	for _, tt := range []struct {
		profile, stack string
		unborn         bool
	}{
		{own, "", false},
		{own + "\n\n" + fresh, "", true},
		{fresh + "\n\n" + other, other, false},
		{strings.ReplaceAll(fresh+"\n\n"+other, "Do-8", "Do-80"), "", false},
	} {
		if stack, unborn := stranger(tt.profile, "nskit.ns.Do-8"); stack != tt.stack || unborn != tt.unborn {
			t.Errorf("%q: %q, %v", tt.profile, stack, unborn)
		}
	}
}
