package getopt

import (
	"slices"
	"strings"
	"testing"
)

// FuzzParse reads any words. Operands are words that were given, in order;
// every option acts at most once a letter, and an error has a text.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"-fm\ntrue\n-f", "-fS\n7\n--\n-x", "--map-user=5\n--mount-p\n-u=/x", "--map\n-\n--", "-S"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, line string, permute bool) {
		words, mode := strings.Split(line, "\n"), StopAtOperand
		if permute {
			mode = Permute
		}
		var met []string
		operands, err := new(Parser).Parse(&met, words, table, mode)
		if err != nil {
			if fault, ok := err.(*Error); !ok || fault.Error() == "" || operands != nil {
				t.Errorf("%q: %v, %q", words, err, operands)
			}
			return
		}
		if len(met) > len(line) || !isPart(operands, words) || mode == StopAtOperand && !slices.Equal(operands, words[len(words)-len(operands):]) {
			t.Errorf("%q: %q, and %q acted", words, operands, met)
		}
	})
}

// isPart tells whether all of part stands in whole, in that order.
func isPart(part, whole []string) bool {
	for _, word := range whole {
		if len(part) > 0 && part[0] == word {
			part = part[1:]
		}
	}
	return len(part) == 0
}
