package visible

import (
	"os/exec"
	"strings"
	"testing"
)

func TestWord(t *testing.T) {
	for word, want := range map[string]string{
		"/mnt/a-b_c.d": "/mnt/a-b_c.d",
		"":             "''",
		"/a b":         "'/a b'",
		"/a'b":         `'/a'\''b'`,
		"/$x":          "'/$x'",
		"größe":        "'größe'",
		"a\nb'":        `$'a\012b\047'`,
		"\x1b\\":       `$'\033\\'`,
		"\x7f\xff":     `$'\177\377'`,
		"\u009b31m":    `$'\302\23331m'`,
	} {
		if got := Word(word); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
}

// TestWordInShells: no shell that is here runs what is in a word, and bash reads it back.
func TestWordInShells(t *testing.T) {
	for _, word := range []string{"\n'; echo RAN; #", "\x1b'$(echo RAN)'`echo RAN`", "a\n\\'; echo RAN; '", "\n\\\\'|echo RAN|'", "'; echo RAN; '", "\xff$(echo RAN)"} {
		for _, shell := range []string{"sh", "dash", "bash"} {
			if _, err := exec.LookPath(shell); err != nil {
				continue
			}
			out, err := exec.Command(shell, "-c", "printf %s "+Word(word)).Output()
			if shell == "bash" && string(out) != word {
				t.Errorf("bash reads %s as %q, not %q: %v", Word(word), out, word, err)
			}
			if ran := strings.ReplaceAll(string(out), "echo RAN", ""); err != nil || strings.Contains(ran, "RAN") {
				t.Errorf("%s runs a part of %s: %q %v", shell, Word(word), out, err)
			}
		}
	}
}
