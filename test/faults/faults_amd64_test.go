package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// errnos are tried for every call, the first two for every call of a process in
// which the Go runtime runs.
var errnos = []syscall.Errno{unix.EPERM, unix.ENOSYS, unix.EINVAL, unix.ENOMEM, unix.EINTR, unix.EAGAIN, unix.ENOENT}

// elsewhere are golden Programs without a command line here: their targets are
// containers, which test/nsenter and test/security have, or their archive is
// standard input.
var elsewhere = []string{"enter-looked-up", "enter-looked-up-all", "pivot-archive-stdin"}

// TestRows holds that every golden Program has a command line here.
func TestRows(t *testing.T) {
	top, err := testkit.Top()
	check(t, err)
	files, err := filepath.Glob(filepath.Join(top, "pkg/launch/testdata/*.golden"))
	check(t, err)
	var golden, here []string
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".golden"); !slices.Contains(elsewhere, name) {
			golden = append(golden, name)
		}
	}
	for _, r := range rows {
		here = append(here, r.golden)
	}
	slices.Sort(golden)
	slices.Sort(here)
	if !slices.Equal(golden, here) {
		t.Errorf("golden Programs\n%q\nrows\n%q", golden, here)
	}
}

// TestFaults has the calls of every row fail, one after the other; all of them
// with NSKIT_FAULTS=all, else some.
func TestFaults(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	testkit.Require(t, testkit.NeedsUserNamespaces)
	testkit.Require(t, testkit.NeedsSubIDs)
	o := newOthers(t)
	s := &survey{all: os.Getenv("NSKIT_FAULTS") == "all", counts: map[verdict]int{}, used: make([]bool, len(exceptions))}
	places := make([]*place, len(rows))
	for i := range rows {
		places[i] = newPlace(t, o, rows[i]) // before any runs: each sees the mounts of all
	}
	t.Run("rows", func(t *testing.T) {
		for i, r := range rows {
			t.Run(r.golden, func(t *testing.T) {
				t.Parallel()
				w := walk{T: t, survey: s, row: r, place: places[i], next: i}
				w.failEach()
			})
		}
	})
	s.finish(t)
}

// survey is what is found over all rows.
type survey struct {
	all    bool
	mu     sync.Mutex
	rows   int // begun: -run may choose some
	counts map[verdict]int
	used   []bool
	lines  map[string]int
}

func (s *survey) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows++
}

// note counts an outcome of faults, and says whether it is as it should be: what the
// first leads to may show although the last has other exceptions.
func (s *survey) note(golden string, v verdict, faults ...testkit.Fault) bool {
	f := faults[len(faults)-1]
	covers := func(e exception) bool {
		return slices.ContainsFunc(faults, func(f testkit.Fault) bool { return e.covers(golden, f, v) })
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[v]++
	if s.lines == nil {
		s.lines = map[string]int{}
	}
	if v != reported && v != missed {
		s.lines[fmt.Sprintf("%-8s %-12s %-14s %-8s %s", v, f.Image, f.Name, unix.ErrnoName(f.Errno), golden)]++
	}
	fine := v == reported || v == missed
	for i, e := range exceptions {
		if covers(e) {
			s.used[i], fine = true, true
		}
	}
	return fine || slices.ContainsFunc(races, covers)
}

// finish prints the figures, and finds exceptions that are none.
func (s *survey) finish(t *testing.T) {
	total := 0
	var text []string
	for _, v := range []verdict{reported, same, late, beside, differs, renamed, twice, kept, silent, missed, wrong} {
		total += s.counts[v]
		text = append(text, fmt.Sprintf("%d %s", s.counts[v], v))
	}
	fmt.Printf("%d calls made to fail: %s\n", total, strings.Join(text, ", "))
	if file := os.Getenv("NSKIT_FAULTS_LIST"); file != "" {
		var list []string
		for line, n := range s.lines {
			list = append(list, fmt.Sprintf("%s %d\n", line, n))
		}
		slices.Sort(list)
		os.WriteFile(file, []byte(strings.Join(list, "")), 0o644)
	}
	for i, e := range exceptions {
		if s.all && s.rows == len(rows) && !s.used[i] && !t.Failed() {
			t.Errorf("the exception %q, %s %q: it does not happen", e.calls, e.verdict, e.why)
		}
	}
}

// walk is the way through one row.
type walk struct {
	*testing.T
	*survey
	row   row
	place *place
	whole outcome
	next  int // counts calls, to leave out most when not all are wanted
	seen  map[string]bool
}

// sample is how many calls there are for one that is made to fail in a short run.
const sample = 40

// inLoops are calls made once for every signal or descriptor. More than
// likeOthers are only tried in one row.
var inLoops = []string{"rt_sigaction", "fcntl F_SETFD"}

const likeOthers = 8

func (w *walk) failEach() {
	w.whole = w.run()
	w.begin()
	if len(w.whole.Stuck) > 0 {
		w.Fatalf("does not end: %q", w.whole.Stuck)
	}
	for _, f := range w.faults(w.eligible(w.whole.Calls)) {
		got, v := w.try(f)
		// A failure that leads another way: what if that fails, too?
		if w.all && (v == same || v == differs) && w.worthwhile(got) {
			for _, second := range w.faults(w.another(got.Calls)) {
				w.try(f, second)
			}
		}
	}
}

// eligible are the calls that are made to fail.
func (w *walk) eligible(calls []testkit.Call) []testkit.Call {
	var list []testkit.Call
	runtime := withRuntime(calls)
	for _, c := range calls {
		if eligible(c, runtime) && (w.row.deep || c.Nth < likeOthers || !slices.Contains(inLoops, c.Name)) {
			list = append(list, c)
		}
	}
	return list
}

// another are the calls of another way, those that are not made without a
// fault; none if that way is known.
func (w *walk) another(calls []testkit.Call) []testkit.Call {
	fresh := slices.DeleteFunc(w.eligible(calls), func(c testkit.Call) bool { return slices.Contains(w.whole.Calls, c) })
	key := fmt.Sprint(fresh)
	if w.seen == nil {
		w.seen = map[string]bool{}
	}
	if w.seen[key] {
		return nil
	}
	w.seen[key] = true
	return fresh
}

// faults are those to try: with all error numbers, or a sample. Processes in
// which the Go runtime runs are slow, and get two.
func (w *walk) faults(calls []testkit.Call) []testkit.Fault {
	var list []testkit.Fault
	for _, c := range calls {
		numbers := errnos
		if c.Image == "nskit" && c.Process != "0" {
			numbers = errnos[:2]
		}
		for _, errno := range numbers {
			// Go's poller waits for a file that is not ready: those read here are.
			if errno == unix.EAGAIN && c.Name == "read" && c.Image == binary {
				continue
			}
			if w.next++; w.all || w.next%sample == 0 {
				list = append(list, testkit.Fault{Call: c, Errno: errno})
			}
		}
	}
	return list
}

// try judges a run with faults, of which the last is new.
func (w *walk) try(faults ...testkit.Fault) (outcome, verdict) {
	got := w.run(faults...)
	f := faults[len(faults)-1]
	v, detail := judge(f, w.whole, got, w.place.was)
	if !w.note(w.row.golden, v, faults...) {
		w.Errorf("%v: %s: exit code %d, started %v\n%s%s%s", faults, v, got.Code, got.Started(), got.Stdout, got.Stderr, detail)
	}
	return got, v
}

func (w *walk) run(faults ...testkit.Fault) outcome {
	w.place.prepare(w.T)
	trace, err := testkit.Inject(w.place.command(w.row), faults...)
	check(w.T, err)
	for i := range trace.States {
		trace.States[i] = w.place.own(trace.States[i])
	}
	o := outcome{trace, w.place.listing(w.T)}
	w.place.clean(w.T)
	return o
}

// aLot of calls are a loop over all descriptors, which takes too long to be
// looked at call by call.
const aLot = 10000

// worthwhile says whether another way is to be looked at in this row.
func (w *walk) worthwhile(got outcome) bool {
	return w.row.deep || len(withRuntime(got.Calls)) == 0 && len(got.Calls) < aLot
}

// process is a program that a process executes.
type process struct{ name, image string }

func processOf(c testkit.Call) process { return process{c.Process, c.Image} }

// withRuntime finds the processes in which the Go runtime runs, with the
// children that it has forked.
func withRuntime(calls []testkit.Call) map[process]bool {
	found := map[process]bool{}
	for _, c := range calls {
		parent := process{c.Process[:max(0, strings.LastIndex(c.Process, "."))], c.Image}
		if c.Name == "sigaltstack" || found[parent] {
			found[processOf(c)] = true
		}
	}
	return found
}

// ours are the programs whose calls are nskit's.
var ours = []string{"nskit", "memfd:nskit", ".nskit-"}

// cannotFail are calls that the kernel never refuses; arch_prctl(2) only for an
// address outside the process.
var cannotFail = []string{"getpid", "geteuid", "getegid", "getuid", "getgid", "gettid", "exit", "exit_group", "umask", "rt_sigreturn", "arch_prctl"}

// ofRuntime are the Go runtime's own calls, in an order that is not always the
// same. It reports their failure in many lines of its own.
var ofRuntime = []string{"mmap", "munmap", "madvise", "futex", "clone", "sigaltstack", "rt_sigaction", "rt_sigprocmask", "sched_getaffinity",
	"sched_setaffinity", "sched_yield", "epoll_create1", "epoll_ctl", "epoll_pwait", "eventfd2", "nanosleep", "tgkill", "mincore", "prctl", "fcntl F_GETFD", "fcntl F_GETFL", "prlimit64", "getcpu"}

func eligible(c testkit.Call, runtime map[process]bool) bool {
	ofUs := slices.ContainsFunc(ours, func(image string) bool { return strings.HasPrefix(c.Image, image) })
	return ofUs && !slices.Contains(cannotFail, c.Name) && !(runtime[processOf(c)] && slices.Contains(ofRuntime, c.Name))
}
