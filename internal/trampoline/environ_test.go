package trampoline

import (
	"os"
	"slices"
	"testing"
)

// TestChangedEnvironment makes sure that what the process has set or removed
// since its start is not undone for the program that takes its place.
func TestChangedEnvironment(t *testing.T) {
	before := fallbackEnviron()
	t.Setenv("NSKIT_TEST_SET", "1")
	if now := fallbackEnviron(); !slices.Contains(now, "NSKIT_TEST_SET=1") {
		t.Errorf("a variable that was set is missing in %q", now)
	}
	os.Unsetenv("NSKIT_TEST_SET")
	if now := fallbackEnviron(); !slices.Equal(now, before) {
		t.Errorf("an unchanged environment is %q, was %q", now, before)
	}
	t.Setenv("PATH", "/elsewhere")
	if now := fallbackEnviron(); !slices.Contains(now, "PATH=/elsewhere") {
		t.Errorf("PATH is not what was set in %q", now)
	}
	os.Unsetenv("PATH")
	for _, entry := range fallbackEnviron() {
		if len(entry) > 5 && entry[:5] == "PATH=" {
			t.Errorf("%s was removed", entry)
		}
	}
}

func TestUnchanged(t *testing.T) {
	now := []string{"A=1", "=x", "B="}
	for _, tt := range []struct {
		start []string
		want  bool
	}{
		{[]string{"A=1", "A=2", "=x", "plain", "B="}, true},
		{[]string{"A=2", "A=1", "=x", "B="}, false},
		{[]string{"A=1", "=x"}, false},
		{[]string{"A=1", "=x", "B=", "C=3"}, false},
	} {
		if got := unchanged(tt.start, now); got != tt.want {
			t.Errorf("%q: %v", tt.start, got)
		}
	}
}
