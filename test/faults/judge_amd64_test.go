package faults

import (
	"fmt"
	"slices"
	"strings"
	"syscall"

	"github.com/google/go-cmp/cmp"
	"github.com/nskit/nskit/internal/strerror"
	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/pkg/rootfs"
)

// verdict says what came of a fault.
type verdict string

const (
	// reported is what is demanded: one line with the error's text, the right
	// exit code, the user's program not started, nothing left.
	reported verdict = "reported"
	// same is a failure without consequences: there is another way.
	same verdict = "same"
	// differs is a success in which the user's program finds something else.
	differs verdict = "differs"
	// late is reported after the user's program has been started.
	late verdict = "late"
	// beside is reported by a process beside, and all goes on. The text is that of
	// the other way's error where there was one.
	beside verdict = "beside"
	// renamed is reported with the text of another error.
	renamed verdict = "renamed"
	// twice is reported by the process that fails and by one that it leaves.
	twice verdict = "twice"
	// kept is reported with something left.
	kept verdict = "kept"
	// silent has the right exit code and no message.
	silent verdict = "silent"
	// missed is a fault whose call was not made this time.
	missed verdict = "missed"
	// wrong is everything else.
	wrong verdict = "wrong"
)

// outcome is what a command did, and what was left in its place.
type outcome struct {
	*testkit.Trace
	left string
}

// judge compares a run with a fault with one without.
func judge(f testkit.Fault, whole, got outcome, before string) (verdict, string) {
	said := message(whole, got)
	switch {
	case len(got.Missed) > 0:
		return missed, ""
	case len(got.Stuck) > 0:
		return wrong, "does not end: " + strings.Join(got.Stuck, ", ")
	case got.Code == whole.Code && got.Stdout == whole.Stdout && got.left == whole.left && said == "":
		if slices.Equal(got.States, whole.States) {
			return same, ""
		}
		return differs, cmp.Diff(whole.States, got.States)
	}
	code := 1
	if (f.Name == "execve" || got.Code != 1) && strings.Contains(said, "failed to execute") { // nskit's own helpers end in 1
		code = map[bool]int{false: 126, true: 127}[strings.HasSuffix(said, ": "+strerror.Text(syscall.ENOENT)+"\n")]
	}
	fits := strings.HasSuffix(said, ": "+strerror.Text(f.Errno)+"\n")
	switch {
	case said == "" && got.Code == code && got.left == before:
		return silent, ""
	case strings.Count(said, "\n") == 2 && strings.Contains(said, ": "+strerror.Text(f.Errno)+"\n") && got.Code == code:
		return twice, said
	case strings.Count(said, "\n") != 1 || strings.Count(got.Stderr, "\n") > 2+strings.Count(whole.Stderr, "\n"):
		return wrong, "not one line"
	case got.Started() && got.Code == whole.Code && got.left == whole.left:
		return beside, ""
	case got.Code != code:
		return wrong, fmt.Sprintf("exit code %d, want %d", got.Code, code)
	case !fits:
		return renamed, said
	case got.Started() && got.left == whole.left:
		return late, ""
	case got.left != before:
		return kept, "left behind: " + cmp.Diff(before, got.left)
	}
	return reported, ""
}

// message is what a command says more than without a fault, without the lines
// that only help, and without what the process that empties the old root says if it
// comes to it before the command has ended, and the PID namespace with it.
func message(whole, got outcome) string {
	var said []string
	for _, line := range strings.SplitAfter(got.Stderr, "\n") {
		if _, rest, _ := strings.Cut(line, ": "); strings.Contains(whole.Stderr, line) ||
			strings.HasPrefix(rest, "hint: ") || rest == "failed. Sorry.\n" || rest == rootfs.ErrNotMemory.Error()+"\n" ||
			strings.HasPrefix(line, "newuidmap: ") || strings.HasPrefix(line, "newgidmap: ") {
			continue
		}
		said = append(said, line)
	}
	return strings.Join(said, "")
}
