package filter

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// TestExpressions has the standard library say what random patterns match, which take
// these parts.
func TestExpressions(t *testing.T) {
	parts := []string{"a", "b", "c", "ab", ".", "^", "$", "|", "(", ")", "(a|b)", "(", ")", "*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "{0}", "{3,1}", "{1001}",
		"[ab]", "[^a]", "[]a]", "[^]b]", "[a-c]", "[c-a]", "[[:alpha:]]", "[[:digit:]b-]", "[[:nosuch:]]", `\.`, `\(`, `\a\`, "é", "[à-ü]", "-", "1", "]", "}", "[", "()"}
	letters := []string{"a", "b", "c", "1", ".", "(", "]", "-", "é", "}"}
	random := rand.New(rand.NewPCG(1, 2))
	join := func(words []string, most int) string {
		var b strings.Builder
		for range random.IntN(most) {
			b.WriteString(words[random.IntN(len(words))])
		}
		return b.String()
	}
	matches := 0
	for range 30_000 {
		pattern := join(parts, 8)
		want, wantErr := regexp.CompilePOSIX(pattern)
		got, err := compile(pattern)
		if err == errNested || strings.Contains(pattern, `\a\`) {
			continue
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: %v, but the standard library says %v", pattern, err, wantErr)
		}
		for range 8 {
			text := join(letters, 7)
			if err == nil && got.Match(text) != want.MatchString(text) {
				t.Fatalf("%q in %q: %v", pattern, text, got.Match(text))
			}
			if err == nil && got.Match(text) {
				matches++
			}
		}
	}
	if matches < 1000 {
		t.Errorf("only %d matches", matches)
	}
}

// TestExpressionsOfTheirOwn are those that the standard library's package reads otherwise: as in regex(7), lines
// mean nothing.
func TestExpressionsOfTheirOwn(t *testing.T) {
	for _, tt := range []struct {
		pattern, text string
		want          bool
	}{
		{"^b", "a\nb", false}, {"a$", "a\nb", false}, {"a.b", "a\nb", true}, {"[^x]b", "a\nb", true}, {`[\n]`, `\`, true}, {`[\]`, `\`, true},
		{"(" + strings.Repeat("abcdefgh", 30) + "){1000}", "abc", false},
	} {
		e, err := compile(tt.pattern)
		if err != nil || e.Match(tt.text) != tt.want {
			t.Errorf("%q in %q: %v, %v", tt.pattern, tt.text, !tt.want, err)
		}
	}
	for _, pattern := range []string{`\d`, `\`, "\xff", "a)", "*a", "[[.a.]]", "[", "[^]", "[[:alpha:]", "a{x}"} {
		if _, err := compile(pattern); err == nil {
			t.Errorf("%q is read", pattern)
		}
	}
}
