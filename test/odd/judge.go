package odd

import (
	"fmt"
	"regexp"
	"strings"
)

// String is an answer as it is compared with the list of known differences.
func (a Answer) String() string { return fmt.Sprintf("exit %d\n%s%s", a.Code, a.Out, a.Err) }

var (
	// hint is what nskit says beyond util-linux's message.
	hint = regexp.MustCompile(`(?m)^[\w-]+: hint: .*\n`)
	// broken is what no answer may have.
	broken = regexp.MustCompile(`(?m)goroutine \d|^panic:|fatal error:|SIGSEGV|^runtime: `)
	usage  = regexp.MustCompile(`^Try '`)
)

// Problems says how nskit's answer differs from what it should be. The words of messages
// are test/compare's affair: here it is the error that they end with.
func Problems(l Line, theirs, ours Answer) []string {
	said := hint.ReplaceAllString(ours.Err, "")
	var found []string
	add := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if ours.Code == -1 {
		add("nskit's did not end")
		return found
	}
	if broken.MatchString(ours.Err + ours.Out) {
		add("nskit's breaks down")
	}
	if l.Like != "" {
		if (theirs.Code == 0) != (ours.Code == 0) || theirs.Out != ours.Out {
			add("they come to something else")
		}
		if ours.Code != 0 && strings.Contains(strings.TrimSpace(said), "\n") {
			add("more than a line is said")
		}
		return found
	}
	switch {
	case theirs.Code != ours.Code:
		add("exit codes differ")
	case theirs.Out != ours.Out:
		add("outputs differ")
	case cause(theirs.Err) != cause(said):
		add("causes differ")
	}
	return found
}

// cause is what the messages end with: the text of the error.
func cause(said string) string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	var causes []string
	for _, line := range lines {
		if usage.MatchString(line) {
			continue
		}
		causes = append(causes, strings.TrimSpace(line[strings.LastIndex(line, ": ")+1:]))
	}
	return strings.Join(causes, "\n")
}
