package visible

import (
	"strings"
	"testing"
	"unicode"
)

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "",
		"/srv/a b":            "/srv/a b",
		"größe":               "größe",
		"\x1b[2J":             `\x1b[2J`,
		"a\nnsenter: hint: b": `a\x0ansenter: hint: b`,
		"\u009b31m":           `\xc2\x9b31m`, // CSI in one character
		"\u202egnp":           `\xe2\x80\xaegnp`,
		"\xff\x7f":            `\xff\x7f`,
	} {
		if got := Text(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if n := testing.AllocsPerRun(10, func() { Text("/usr/bin/true") }); n != 0 {
		t.Errorf("%v allocations for plain text", n)
	}
}

// FuzzText wants nothing to be left that a terminal obeys, and nothing to be
// changed that it shows.
func FuzzText(f *testing.F) {
	f.Add("plain\x1b]0;title\a", "ä")
	f.Fuzz(func(t *testing.T, text, more string) {
		got := Text(text)
		if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) || Text(got) != got {
			t.Errorf("%q is shown as %q", text, got)
		}
		if joined := Text(text + "|" + more); joined != got+"|"+Text(more) {
			t.Errorf("%q and %q are shown as %q", text, more, joined)
		}
	})
}
