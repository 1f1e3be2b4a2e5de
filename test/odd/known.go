package odd

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
)

//go:embed testdata/known.txt
var knownTable string

// Known is a difference that there may be.
type Known struct {
	at           int
	reason       string
	host, line   *regexp.Regexp
	like         *regexp.Regexp // what another tool is told: [Line.Like]
	theirs, ours *regexp.Regexp
	kernel       bool // it occurs on some kernels only
	peer         *regexp.Regexp
	used         atomic.Bool
}

func (k *Known) String() string {
	return fmt.Sprintf("known.txt:%d does not occur any more: %s", k.at, k.reason)
}

// Unused says that the difference should have occurred and has not.
func (k *Known) Unused() bool { return !k.used.Load() && !k.kernel }

// Peer is what util-linux's tools call themselves: "unshare from util-linux 2.38.1".
func Peer() string {
	output, _ := exec.Command(filepath.Join(os.Getenv("HOST"), "unshare"), "--version").Output() // none is no version
	return strings.TrimSpace(string(output))
}

// ReadKnown reads testdata/known.txt, and what somebody else has in the same form: what is
// known of a peer.
func ReadKnown(peer, more string) ([]*Known, error) {
	var all []*Known
	for i, text := range strings.Split(knownTable+more, "\n") {
		word, value, _ := strings.Cut(text, ": ")
		switch {
		case strings.HasPrefix(text, "#") || text == "":
		case word == "reason":
			any := regexp.MustCompile("")
			all = append(all, &Known{at: i + 1, reason: value, host: any, line: any, like: any, theirs: any, ours: any, peer: any})
		case len(all) == 0 || !all[len(all)-1].set(word, value):
			return nil, fmt.Errorf("known.txt:%d: what is %q?", i+1, text)
		}
	}
	return slices.DeleteFunc(all, func(k *Known) bool { return !k.peer.MatchString(peer) }), nil
}

// set fills in a field.
func (k *Known) set(word, value string) bool {
	fields := map[string]**regexp.Regexp{"host": &k.host, "line": &k.line, "like": &k.like, "theirs": &k.theirs, "ours": &k.ours, "peer": &k.peer}
	pattern, err := regexp.Compile("(?s)" + value)
	switch {
	case word == "occurs" && value == "on some kernels":
		k.kernel = true
		return true
	case fields[word] == nil || err != nil:
		return false
	}
	*fields[word] = pattern
	return true
}

// Explained says whether a difference is known.
func Explained(all []*Known, host string, l Line, theirs, ours Answer) bool {
	for _, k := range all {
		if k.host.MatchString(host) && k.line.MatchString(l.As+": "+l.Text) && k.like.MatchString(l.Like) && k.theirs.MatchString(theirs.String()) && k.ours.MatchString(ours.String()) {
			k.used.Store(true)
			return true
		}
	}
	return false
}

// Show is both answers for a person.
func Show(theirs, ours Answer) string {
	indented := func(a Answer) string { return strings.ReplaceAll(strings.TrimSpace(a.String()), "\n", "\n\t      ") }
	return "\thost  " + indented(theirs) + "\n\tnskit " + indented(ours)
}
