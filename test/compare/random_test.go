package compare

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/test/lines"
)

// How many random lines are compared, and from which seed on: line N of seed S
// is line 0 of seed S+N.
const (
	envRuns     = "NSKIT_COMPARE_RUNS"
	envSeed     = "NSKIT_COMPARE_SEED"
	shortRuns   = 100
	defaultSeed = 1
)

// TestRandom compares lines that nobody thought of: any options, in any order
// and number, with values that make sense and values that make none.
func TestRandom(t *testing.T) {
	require(t)
	runs, seed := testkit.Number(t, envRuns, shortRuns), testkit.Number(t, envSeed, defaultSeed)
	if repeated() && os.Getenv(envRuns) == "" {
		runs /= every
	}
	t.Logf("seed %d, %d lines", seed, runs)
	known := readKnown(t, "known.txt")
	seeds := make([]uint64, runs)
	for i := range seeds {
		seeds[i] = uint64(seed + i)
	}
	var mutex sync.Mutex
	inParallel(seeds, func(seed uint64) {
		l := randomLine(seed)
		if compare(l, known) == "" {
			return
		}
		l = shrink(l, known)
		mutex.Lock()
		defer mutex.Unlock()
		t.Errorf("again: %s=1 %s=%d go test ./test/compare -run TestRandom\n%s", envRuns, envSeed, seed, compare(l, known))
	})
}

// shrink leaves out words and conditions as long as the tools differ.
func shrink(l line, known []*entry) line {
	differ := func(l line) bool { return compare(l, known) != "" }
	if plain := l; l.setup != "plain" && !strings.Contains(l.text, "$") {
		if plain.setup = "plain"; differ(plain) {
			l = plain
		}
	}
	// The last words stay, since a shell in place of the program would wait for
	// its input, and so does the target.
	for i := 1; i < len(strings.Fields(l.text))-len(strings.Fields(l.program)); {
		words := strings.Fields(l.text)
		shorter := l
		shorter.text = strings.Join(append(words[:i:i], words[i+1:]...), " ")
		if !strings.Contains(words[i], "$T") && words[i] != "-t" && differ(shorter) {
			l = shorter
		} else {
			i++
		}
	}
	return l
}

// randomLine makes the line of a seed.
func randomLine(seed uint64) line {
	c := lines.New(seed)
	l := line{where: fmt.Sprintf("seed %d", seed), as: c.Of("root", "user", "inns"), setup: "plain"}
	if !asRoot() {
		l.as = c.Of("user", "inns")
	}
	l.program = c.Of("probe", "probe", "probe", "true", "/nosuch", "sh -c 'exit 3'", "sh -c 'kill -TERM $$'")
	switch c.IntN(10) {
	default:
		l.setup = c.Of("plain", "files", "root+files", "root+files", "files+shared", "ignored+files", "blocked+root", "umask", "more-files")
		l.text = "unshare " + c.Options(lines.Unshare, 6) + l.program
	case 7, 8:
		l.setup = c.Of("user-target", "user-target", "bare-user-target", "current-user-target", "user-target+ignored", "user-target+more-files")
		if l.as != "user" {
			l.setup = c.Of(l.setup, "target")
		}
		l.text = "nsenter -t $T " + c.Options(lines.Nsenter, 5) + l.program
	case 9:
		l.setup, l.program = "user-target", ""
		l.text = strings.TrimSpace("lsns " + c.Options(lines.Lsns, 4))
	}
	return l
}
