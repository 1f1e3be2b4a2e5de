// Package compare runs the same command lines with the host's tools and with
// nskit's under the same conditions, and compares everything that can be seen:
// output, exit status, and the state of every process that was started, as the
// kernel has it.
//
//	testdata/lines/*.txt   the command lines, one a line
//	testdata/setups.txt    the conditions under which they run
//	testdata/VERSION/      of the host's tools: every difference there may be, with its reason
//	testdata/order.txt     lines whose system calls are compared, too
//
// The whole package runs in a room: namespaces of its own with a small root file
// system, the same on every machine (room_test.go). Each command line runs in a
// cell of that room (cell_test.go), as process 100 of a new PID namespace, and is
// looked at from outside while its program waits (state_test.go).
//
// What the tables do not think of, random command lines find (random_test.go).
package compare

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// versions are those of the host's tools that have a folder of known differences.
// The tables are written for the newest; the first one lacks part of it.
var versions = []string{"2.38", "2.42"}

// version is the host's, "" if it is none of them.
func version() string {
	said := hostVersion()
	for _, version := range versions {
		if strings.Contains(said, "util-linux "+version+".") {
			return version
		}
	}
	return ""
}

func TestMain(m *testing.M) {
	switch {
	case os.Getenv("NSKIT_TEST_ROOT") == "" || !roomsPossible():
		testkit.Main(m)
	case os.Getenv(envRoom) == "":
		os.Exit(enterRoom())
	default:
		if err := furnish(); err != nil {
			fmt.Fprintln(os.Stderr, "compare: the room cannot be furnished:", err)
			os.Exit(1)
		}
		os.Exit(m.Run())
	}
}

// require skips unless lines can be compared here.
func require(t *testing.T) {
	t.Helper()
	switch {
	case os.Getenv(envRoom) == "" && isRoot():
		testkit.Skip(t, testkit.NeedsRoot) // root that may not make namespaces is none
	case os.Getenv(envRoom) == "":
		testkit.Skip(t, testkit.NeedsUserNamespaces)
	case asRoot():
		testkit.Require(t, testkit.NeedsUserNamespaces)
	}
	for _, tool := range []string{"unshare", "nsenter", "lsns", "pivot_root", "setpriv"} {
		testkit.Require(t, testkit.NeedsHost(tool))
	}
	testkit.Require(t, testkit.NeedsTool("busybox"))
	if version() == "" {
		testkit.Skip(t, testkit.NeedsHost("unshare of util-linux "+strings.Join(versions, " or ")))
	}
}

// TestLines compares every line of the tables. A difference that known.txt of
// the host's version does not list fails, and so does an entry that does not occur.
func TestLines(t *testing.T) {
	require(t)
	lines := readLines(t)
	known := readKnown(t, "known.txt")
	var mutex sync.Mutex
	inParallel(lines, func(l line) {
		problem := compare(l, known)
		if problem != "" {
			mutex.Lock()
			defer mutex.Unlock()
			t.Errorf("%s: %s", l.where, problem)
		}
	})
	reportUnused(t, known)
	t.Logf("%d lines compared", len(lines))
}

// TestLinesAreMany holds that the tables cover the options, and stay that way.
func TestLinesAreMany(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range tableLines(t) {
		seen[l.text] = true
	}
	if len(seen) < 300 {
		t.Errorf("%d different lines, want 300 at least", len(seen))
	}
}

// inParallel calls check for every item, some at a time: a run waits for the
// kernel more than it computes.
func inParallel[T any](items []T, check func(T)) {
	queue := make(chan T)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for item := range queue {
				check(item)
			}
		})
	}
	for _, item := range items {
		queue <- item
	}
	close(queue)
	workers.Wait()
}

// compare runs a line with both tools; "" if all is as it should be.
func compare(l line, known []*entry) string {
	theirs, ours := runBoth(l)
	if theirs == ours {
		return hintsOnly(l, theirs)
	}
	theirs, ours = explained(l, theirs, ours, known)
	if theirs == ours {
		return ""
	}
	return l.paste() + "\n" + difference(theirs, ours)
}

// hintsOnly runs a user's line that failed once more with the hints: beside
// them nothing may be different.
func hintsOnly(l line, theirs string) string {
	if !strings.Contains(theirs, "\nerr: ") || l.pair() || l.as != "user" {
		return ""
	}
	l.hints = true
	said, _ := l.run("nskit")
	var kept []string
	for _, text := range section(said, "err: ") {
		if !strings.Contains(text, ": hint: ") {
			kept = append(kept, text)
		}
	}
	if got, want := strings.Join(kept, "\n"), strings.Join(section(theirs, "err: "), "\n"); got != want {
		return l.paste() + " with hints\n" + difference(want, got)
	}
	return ""
}

// section picks the lines of a report that begin with a prefix.
func section(report, prefix string) []string {
	var found []string
	for text := range strings.SplitSeq(report, "\n") {
		if strings.HasPrefix(text, prefix) {
			found = append(found, text)
		}
	}
	return found
}

// difference shows the lines that only one of two reports has.
func difference(theirs, ours string) string {
	a, b := strings.Split(theirs, "\n"), strings.Split(ours, "\n")
	var out strings.Builder
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(a) > 0 && len(b) > 0 && a[0] == b[0]:
			a, b = a[1:], b[1:]
		case len(b) == 0 || len(a) > 0 && !contains(b, a[0]):
			fmt.Fprintf(&out, "\thost  %s\n", a[0])
			a = a[1:]
		default:
			fmt.Fprintf(&out, "\tnskit %s\n", b[0])
			b = b[1:]
		}
	}
	shown := strings.SplitAfter(out.String(), "\n")
	if len(shown) > 16 {
		shown = append(shown[:15], fmt.Sprintf("\t… and %d lines more\n", len(shown)-16))
	}
	return strings.Join(shown, "")
}

func contains(lines []string, line string) bool {
	for _, other := range lines {
		if other == line {
			return true
		}
	}
	return false
}
