package compare

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// TestSystemCalls compares which system calls the lines of order.txt make, and in
// which order. known-order.txt has what may be different.
func TestSystemCalls(t *testing.T) {
	require(t)
	testkit.Require(t, testkit.NeedsTool("strace"))
	known := readKnown(t, "known-order.txt")
	var lines []line
	for _, l := range tableOf(t, "testdata/order.txt") {
		if l.setup += "+traced"; l.possible() {
			lines = append(lines, l)
		}
	}
	var mutex sync.Mutex
	inParallel(lines, func(l line) {
		theirs, ours := runBoth(l)
		a, b := explained(l, calls(theirs), calls(ours), known)
		mutex.Lock()
		defer mutex.Unlock()
		if a != b || a == "" {
			t.Errorf("%s: %s\n%s", l.where, l, difference(a, b))
		}
	})
	reportUnused(t, known)
}

var (
	tracedLine = regexp.MustCompile(`^cell: (\d+) +(?:<\.\.\. )?(\w+)(?:\((.*)| resumed>(.*))$`)
	result     = regexp.MustCompile(`^(.*?)(?:\) += (-?\d+)(?: (E\w+))?.*| <unfinished \.\.\.>)$`)
	// told are the files whose content changes the process.
	told = regexp.MustCompile(`"(/proc/(?:self|\d+)/(?:uid_map|gid_map|setgroups|timens_offsets))"`)
	// blocked are the signals that a waiting parent leaves to its child.
	blocked = regexp.MustCompile(`^SIG_BLOCK, \[INT TERM\]`)
	address = regexp.MustCompile(`, 0x[0-9a-f]+ /\*.*\*/`)
)

// trace collects the calls of each process, in their order.
type trace struct {
	order  []string // the PIDs, the tool's first
	calls  map[string][]string
	open   map[string]string // a file by process and descriptor
	done   map[string]bool   // processes that have become the program
	begun  map[string]bool   // processes whose own execve is over
	halved map[string]string // the first half of a call that others interrupted
}

// calls turns the lines of strace in a report into the calls that are compared.
func calls(report string) string {
	tr := &trace{calls: map[string][]string{}, open: map[string]string{}, done: map[string]bool{}, begun: map[string]bool{}, halved: map[string]string{}}
	for text := range strings.SplitSeq(report, "\n") {
		if parts := tracedLine.FindStringSubmatch(text); parts != nil {
			tr.add(parts[1], parts[2], parts[3], parts[4])
		}
	}
	// Who was traced first is chance; PIDs are in the order of the forks.
	slices.SortFunc(tr.order, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	var out []string
	number := 0
	for _, pid := range tr.order {
		if len(tr.calls[pid]) == 0 {
			continue // a thread of the Go runtime, or strace's own child
		}
		number++
		for _, call := range tr.calls[pid] {
			out = append(out, strings.Repeat("  ", number-1)+call)
		}
	}
	return strings.Join(out, "\n")
}

// add takes one line of strace: a whole call, its first half, or its second.
func (tr *trace) add(pid, name, first, second string) {
	if _, seen := tr.calls[pid]; !seen {
		tr.calls[pid] = nil
		tr.order = append(tr.order, pid)
	}
	text := first
	if second != "" {
		text = tr.halved[pid] + second
	} else if half, found := strings.CutSuffix(first, " <unfinished ...>"); found {
		tr.halved[pid] = half
		return
	}
	parts := result.FindStringSubmatch(text)
	if parts == nil || tr.done[pid] {
		return
	}
	args, value, failure := address.ReplaceAllString(parts[1], ""), parts[2], parts[3]
	if call := tr.call(pid, name, args, value); call != "" {
		if failure != "" {
			call += " = " + failure
		}
		tr.calls[pid] = append(tr.calls[pid], call)
	}
	if name == "execve" && value == "0" {
		tr.done[pid] = tr.begun[pid] || tr.order[0] != pid
		tr.begun[pid] = true
	}
}

// call is how a call is compared, "" if it is not.
func (tr *trace) call(pid, name, args, value string) string {
	switch name {
	case "openat":
		if file := told.FindStringSubmatch(args); file != nil {
			tr.open[pid+" "+value] = file[1]
		}
		return ""
	case "write":
		fd, text, _ := strings.Cut(args, ", ")
		if file := tr.open[pid+" "+fd]; file != "" {
			return "write " + file + " " + text
		}
		return ""
	case "rt_sigprocmask":
		if blocked.MatchString(args) {
			return "block INT and TERM"
		}
		return ""
	case "clone", "clone3", "fork", "vfork":
		if strings.Contains(args, "CLONE_THREAD") {
			return ""
		}
		return "fork"
	case "prctl":
		if !strings.HasPrefix(args, "PR_SET_PDEATHSIG") && !strings.HasPrefix(args, "PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE") {
			return "" // its own name, and questions
		}
		return name + "(" + strings.ReplaceAll(args, ", 0", "") + ")"
	case "setgroups":
		return name + "(" + strings.SplitN(args, ",", 2)[0] + ")"
	case "execve":
		if !tr.begun[pid] && tr.order[0] == pid {
			return "" // strace becomes the tool
		}
	case "setns":
		_, kind, _ := strings.Cut(args, ", ")
		return name + "(fd, " + kind + ")"
	case "fchdir":
		return name + "(fd)"
	}
	return name + "(" + args + ")"
}
