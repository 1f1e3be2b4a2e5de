package lsns

import (
	"strings"
	"testing"
)

func TestMatches(t *testing.T) {
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "a", true}, {"a", "ab", false}, {"a", "", false},
		{"*", "", true}, {"*", "/a/b", true}, {"/run/netns/*", "/run/netns/a/b", true}, {"/run/netns/*", "/run/netn", false},
		{"a*c", "abcbc", true}, {"a*c", "abcbd", false}, {"*b*", "abc", true}, {"**a", "a", true}, {"*a", "b", false},
		{"?", "a", true}, {"?", "", false}, {"a?", "a", false},
		{"[a-c]x", "bx", true}, {"[a-c]x", "dx", false}, {"[!a-c]x", "dx", true}, {"[^a]", "a", false}, {"[]a]", "]", true}, {"[a-]", "-", true},
		{"net:[[]*", "net:[4026531840]", true}, {`net:\[4*`, "net:[4026531840]", true}, {"[a", "[a", true}, {"[a", "a", false}, {`\*`, "*", true}, {`\*`, "a", false}, {`\`, `\`, true},
		{strings.Repeat("*a", 50) + "b", strings.Repeat("a", 5000), false}, // and that soon
	} {
		if got := matches(test.pattern, test.text); got != test.want {
			t.Errorf("%q, %.20q: %v", test.pattern, test.text, got)
		}
	}
}
