package compare

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// entry is a known difference: how the host's report is rewritten to be ours, or
// which of its lines do not count, for the lines that a pattern picks.
type entry struct {
	at     int // its line in the list
	reason string
	only   *regexp.Regexp // the lines of the tables that it is for
	when   *regexp.Regexp // nil, or what the host's report must have
	theirs *regexp.Regexp // in the host's report…
	ours   string         // …becomes this
	drop   *regexp.Regexp // or: lines of both reports that are left out
	blanks bool           // or: how many blanks stand in a row does not count
	seldom bool           // it is a race that the host's tool loses at times
	room   string         // the only room in which it occurs, if not both
	used   atomic.Bool
}

// mustOccur says that the tables have a line in this room that shows it.
func (e *entry) mustOccur() bool {
	return !e.seldom && (e.room == "" || (e.room == "root") == asRoot())
}

// readKnown reads a list of known differences to this version: paragraphs of `word: text`, the
// reason first.
func readKnown(t *testing.T, name string) []*entry {
	t.Helper()
	var entries []*entry
	var current *entry
	for i, text := range strings.Split(read(t, "testdata/"+version()+"/"+name), "\n") {
		word, value, _ := strings.Cut(text, ": ")
		if word == "reason" {
			current = &entry{at: i + 1, reason: value}
			entries = append(entries, current)
			continue
		}
		switch {
		case strings.TrimSpace(text) == "" || strings.HasPrefix(text, "#"):
		case current == nil:
			t.Fatalf("%s:%d: no reason", name, i+1)
		case word == "for":
			current.only = pattern(t, i, value)
		case word == "when":
			current.when = pattern(t, i, "(?m)"+value)
		case word == "theirs":
			current.theirs = pattern(t, i, "(?m)"+value)
		case word == "ours" || text == "ours:":
			current.ours = strings.ReplaceAll(strings.TrimPrefix(value, "ours:"), `\n`, "\n")
		case word == "drop":
			current.drop = pattern(t, i, value)
		case text == "occurs: seldom":
			current.seldom = true
		case text == "blanks: any":
			current.blanks = true
		case word == "room":
			current.room = value
		case strings.HasPrefix(text, " "):
			current.reason += "\n" + strings.TrimSpace(text)
		default:
			t.Fatalf("%s:%d: what is %q?", name, i+1, text)
		}
	}
	return entries
}

func pattern(t *testing.T, at int, text string) *regexp.Regexp {
	t.Helper()
	compiled, err := regexp.Compile(text)
	if err != nil {
		t.Fatalf("line %d of the known differences: %v", at+1, err)
	}
	return compiled
}

// reportUnused fails for every entry that should have occurred and has not.
func reportUnused(t *testing.T, known []*entry) {
	t.Helper()
	for _, e := range known {
		if !e.used.Load() && e.mustOccur() && os.Getenv(envOnly) == "" && !repeated() {
			t.Errorf("line %d of the known differences does not occur any more:\n%s", e.at, e.reason)
		}
	}
}

// explained applies the known differences to two reports that differ.
func explained(l line, theirs, ours string, known []*entry) (string, string) {
	for _, e := range known {
		if e.only != nil && !e.only.MatchString(l.String()) || theirs == ours {
			continue
		}
		if e.when != nil && !e.when.MatchString(theirs) {
			continue
		}
		before, beforeOurs := theirs, ours
		if e.theirs != nil {
			theirs = e.theirs.ReplaceAllString(theirs, e.ours)
		}
		if e.drop != nil {
			theirs, ours = without(theirs, e.drop), without(ours, e.drop)
		}
		if e.blanks {
			theirs, ours = severalBlanks.ReplaceAllString(theirs, " "), severalBlanks.ReplaceAllString(ours, " ")
		}
		if theirs != before || ours != beforeOurs {
			e.used.Store(true)
		}
	}
	return theirs, ours
}

var severalBlanks = regexp.MustCompile(` {2,}`)

func without(report string, drop *regexp.Regexp) string {
	var kept []string
	for text := range strings.SplitSeq(report, "\n") {
		if !drop.MatchString(text) {
			kept = append(kept, text)
		}
	}
	return strings.Join(kept, "\n")
}

// numbers are those that the kernel hands out as it likes: namespaces, and what
// mountTable has marked.
var numbers = regexp.MustCompile(`\b40265[0-9]{5}\b|<[mdg][0-9]+>`)

// neutral replaces such numbers by the order in which they are met, so that
// what is equal stays equal and what is different stays different.
func neutral(report string) string {
	seen := map[string]string{}
	count := map[string]int{}
	return numbers.ReplaceAllStringFunc(report, func(number string) string {
		kind := strings.Trim(number, "<>0123456789")
		if _, known := seen[number]; !known {
			count[kind]++
			seen[number] = "<" + kind + strconv.Itoa(count[kind]) + ">"
		}
		return seen[number]
	})
}
