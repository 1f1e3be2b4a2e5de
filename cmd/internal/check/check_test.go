package check

import "testing"

// TestResultOf goes from how a command ended to an answer.
func TestResultOf(t *testing.T) {
	for _, tt := range []struct {
		name    string
		outcome outcome
		allowed bool
		why     string
	}{
		{"allowed", outcome{0, ""}, true, ""},
		{"a warning does not count", outcome{0, "unshare: something\n"}, true, ""},
		{"the first line", outcome{1, "unshare: unshare failed: Operation not permitted\n"}, false, "unshare failed: Operation not permitted"},
		{"the hint says more", outcome{1, "unshare: unshare failed: No space left on device\nunshare: hint: user.max_net_namespaces is 0\n"}, false, "user.max_net_namespaces is 0"},
		{"no word", outcome{-1, ""}, false, "ended by a signal, or without a message"},
	} {
		r := resultOf(probe{"it", "unshare --net"}, tt.outcome)
		if r.allowed != tt.allowed || r.why != tt.why || r.command() != "nskit unshare --net" {
			t.Errorf("%s: %v %q %q", tt.name, r.allowed, r.why, r.command())
		}
	}
}
