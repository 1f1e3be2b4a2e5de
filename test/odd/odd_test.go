package odd

import (
	_ "embed"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nskit/nskit/internal/testkit"
)

func TestMain(m *testing.M) {
	Inside(os.Args)
	testkit.Main(m)
}

// envOnly restricts the test to hosts that match a regular expression.
const envOnly = "NSKIT_ODD_ONLY"

// patience is how long all lines of a host may take.
const patience = 8 * time.Minute

//go:embed testdata/lines.txt
var linesTable string

// readLines reads testdata/lines.txt.
func readLines() []Line {
	var lines []Line
	as := ""
	for text := range strings.SplitSeq(linesTable, "\n") {
		words := strings.Fields(text)
		switch {
		case len(words) == 0 || words[0] == "#":
		case words[0] == "@":
			as = words[2]
		case words[0] == "=":
			lines[len(lines)-1].Like = strings.TrimPrefix(strings.TrimSpace(text), "= ")
		case words[0] == "!":
			lines[len(lines)-1].Back = strings.TrimPrefix(strings.TrimSpace(text), "! ")
		default:
			lines = append(lines, Line{As: as, Text: text})
		}
	}
	return lines
}

// TestOdd runs every line on every host. A difference that known.txt does not list
// fails, and so does one that is listed and does not occur.
func TestOdd(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	for _, tool := range []string{"unshare", "nsenter", "lsns", "pivot_root", "setpriv"} {
		testkit.Require(t, testkit.NeedsHost(tool))
	}
	for _, tool := range []string{"busybox", "ip", "setarch", "taskset", "chrt"} {
		testkit.Require(t, testkit.NeedsTool(tool))
	}
	place, err := NewPlace(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	only := regexp.MustCompile(os.Getenv(envOnly))
	all, err := ReadKnown(Peer(), "")
	if err != nil {
		t.Fatal(err)
	}
	queue := make(chan string)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for name := range queue {
				t.Run(name, func(t *testing.T) { compareOn(t, place, name, all) })
			}
		})
	}
	for _, entry := range Hosts {
		if only.MatchString(entry.Name) {
			queue <- entry.Name
		}
	}
	close(queue)
	workers.Wait()
	t.Logf("compared with %s", Peer())
	for _, k := range all {
		if k.Unused() && os.Getenv(envOnly) == "" {
			t.Error(k)
		}
	}
}

// compareOn runs the lines on one host.
func compareOn(t *testing.T, place *Place, name string, all []*Known) {
	h, lines := Make(name), readLines()
	for _, need := range h.Needs {
		testkit.Require(t, need)
	}
	start := time.Now()
	theirs, ours, err := place.Run(h, lines, patience)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range lines {
		// A line that never comes to its program compares nothing.
		if name == "plain" && theirs[i].Code == 127 && !strings.Contains(l.Text, "/nosuch") {
			t.Errorf("%s: %s: there is no such program:\n%s", l.As, l.Text, Show(theirs[i], ours[i]))
		}
		for _, said := range Problems(l, theirs[i], ours[i]) {
			if !Explained(all, name, l, theirs[i], ours[i]) {
				t.Errorf("%s: %s: %s\n%s", l.As, l.Text, said, Show(theirs[i], ours[i]))
			}
		}
	}
	t.Logf("%d lines in %.1f s", len(lines), time.Since(start).Seconds())
}
