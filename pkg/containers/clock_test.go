package containers

import (
	"testing"
	"time"
)

// TestBootTime: a reading during which the caller lost its CPU does not count
// where there is a better one.
func TestBootTime(t *testing.T) {
	const boot = 1000 * time.Second
	lost := []time.Duration{40 * time.Millisecond, 60 * time.Millisecond, 5 * time.Microsecond}
	up, reading := 7*time.Second, 0
	got, ok := bootTime(func() (before, now, after time.Duration, ok bool) {
		before = up
		up += lost[reading]
		now = boot + up
		up += lost[reading]
		reading++
		return before, now, up, true
	})
	if !ok || got < boot || got > boot+time.Millisecond || reading != len(lost) {
		t.Errorf("%v after %d readings, want %v after %d", got, reading, boot, len(lost))
	}
	if _, ok := bootTime(func() (a, b, c time.Duration, ok bool) { return }); ok {
		t.Error("a time without a clock")
	}
}
