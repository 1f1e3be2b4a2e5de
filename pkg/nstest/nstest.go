// Package nstest runs Go tests in fresh namespaces, as an unprivileged user:
//
//	func TestBridge(t *testing.T) {
//		nstest.Run(t, nstest.Net, func(t *testing.T) {
//			// root, in an empty network namespace whose loopback is up
//		})
//	}
//
// A thread of a test cannot enter a user namespace, and what a test does in a network
// namespace of one thread is lost in the goroutines that it starts. So Run executes the
// test binary once more, in the namespaces, for this test alone: all its threads are
// inside. Subtests, t.Log, t.Skip, t.Fatal, -v, -json, -run with subtests, -race and
// -cover work as they do elsewhere.
//
// What stands before and behind Run in a test, TestMain included, runs in both processes:
// [Inside] tells which it is. Variables are not shared. A Run in a subtest that stands
// behind another Run is such a thing, too, and is done in both. The package reads the test's
// flags and environment, and writes to its standard output, as package testing does.
package nstest

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/nsexec"
)

// Spaces are kinds of namespaces, put together by |.
type Spaces uint8

// The kinds. A user namespace is made for an unprivileged user whatever is asked for.
const (
	User Spaces = 1 << iota
	Net         // with its loopback up
	Mount
	PID // with a /proc of its own, and so Mount
	UTS
	IPC
	Cgroup
)

// kinds are the Spaces in their order.
var kinds = [...]ns.Kind{ns.User, ns.Net, ns.Mount, ns.PID, ns.UTS, ns.IPC, ns.Cgroup}

// variable names the calls of Run that lead to what a process is for, the outermost first:
// each the test and the number of the call in it.
const variable = "_NSKIT_NSTEST"

// reachedLine is what a process prints when it has come to the call that it is for.
const reachedLine = "_NSKIT_NSTEST reached\n"

// calls counts the calls of Run of each test that is running.
var (
	mutex sync.Mutex
	calls = map[string]int{}
)

// begun says that the call that this process is for has begun, running that it is not over.
var begun, running atomic.Bool

// Inside reports whether this process is one that Run has started.
func Inside() bool { return os.Getenv(variable) != "" }

// Run calls test in namespaces of its own, in another process, where the caller is root.
// It fails the test where the namespaces cannot be made (user namespaces may be forbidden),
// and where that process does not come to this call. There may be several in one test, and
// others within test: for those, too, the process begins at the top.
func Run(t *testing.T, spaces Spaces, test func(t *testing.T)) {
	t.Helper()
	call := next(t)
	path := strings.Fields(os.Getenv(variable))
	if slices.Contains(path, call) {
		if call == path[len(path)-1] {
			begun.Store(true)
			running.Store(true)
			defer running.Store(false)
			fmt.Fprint(os.Stdout, reachedLine)
		}
		test(t)
		return
	}
	if len(path) > 0 && !within(t.Name(), path[len(path)-1]) {
		return // another process is for this call
	}
	report, err := run(t, child(t, spaces, append(path, call)))
	var exit *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &exit):
		t.Fatalf("nstest: %v", err)
	case err != nil || report.failed:
		t.Errorf("failed in its namespaces (%v)%s", err, report.unseen())
	case report.skipped:
		t.Skip("skipped in its namespaces" + report.unseen())
	case !report.reached:
		t.Errorf("nothing was done in its namespaces: the test does not come to this Run there%s", report.unseen())
	}
}

// next is the name of a test's next call of Run: that of another process is the same.
func next(t *testing.T) string {
	mutex.Lock()
	defer mutex.Unlock()
	name := t.Name()
	number, known := calls[name]
	if !known { // with -count and -cpu the test runs again
		t.Cleanup(func() {
			mutex.Lock()
			defer mutex.Unlock()
			delete(calls, name)
		})
	}
	calls[name] = number + 1
	return name + "#" + strconv.Itoa(number)
}

// within reports whether a test calls Run in the call that this process is for. A parallel
// subtest may do so when that has returned.
func within(name, call string) bool {
	test := call[:strings.LastIndexByte(call, '#')]
	return running.Load() || begun.Load() && strings.HasPrefix(name, test+"/")
}

// child is the test binary on its way into namespaces.
func child(t *testing.T, spaces Spaces, path []string) *nsexec.Cmd {
	spec := &launch.Spec{Loopback: spaces&Net != 0, Init: spaces&PID != 0}
	for i, kind := range kinds {
		if spaces&(1<<i) != 0 {
			spec.Unshare = spec.Unshare.With(kind)
		}
	}
	if spaces&PID != 0 {
		spec.Unshare, spec.Proc = spec.Unshare.With(ns.Mount), launch.Some("/proc")
	}
	if spaces&User != 0 || os.Geteuid() != 0 {
		spec.Unshare = spec.Unshare.With(ns.User)
		zero := launch.IDs{Single: launch.Some(uint32(0))}
		spec.Users, spec.Groups = zero, zero
	}
	spec.Command = launch.Command{File: "/proc/self/exe", Args: append([]string{os.Args[0]}, arguments(t)...)}
	c := nsexec.Command(t.Context(), spec)
	c.Env = append(os.Environ(), variable+"="+strings.Join(path, " "))
	c.Stderr, c.WaitDelay = os.Stderr, 10*time.Second
	return c
}

// notHandedOn are the flags of go test that are about the whole run.
var notHandedOn = map[string]bool{"run": true, "v": true, "timeout": true, "count": true, "cpu": true, "bench": true,
	"fuzz": true, "list": true, "shuffle": true, "testlogfile": true, "coverprofile": true, "outputdir": true, "trace": true,
	"cpuprofile": true, "memprofile": true, "blockprofile": true, "mutexprofile": true, "paniconexit0": true, "fuzzworker": true}

// arguments are this process's flags, for one test alone.
func arguments(t *testing.T) []string {
	verbose := "true"
	if f := flag.Lookup("test.v"); f != nil && f.Value.String() == "test2json" {
		verbose = "test2json"
	}
	args := []string{"-test.run=" + pattern(t.Name(), flagValue("test.run")), "-test.v=" + verbose, "-test.count=1",
		"-test.cpu=" + strconv.Itoa(runtime.GOMAXPROCS(0))}
	if deadline, ok := t.Deadline(); ok {
		args = append(args, "-test.timeout="+time.Until(deadline).String())
	}
	flag.Visit(func(f *flag.Flag) {
		if name, ok := strings.CutPrefix(f.Name, "test."); !ok || !notHandedOn[name] {
			args = append(args, "-"+f.Name+"="+f.Value.String())
		}
	})
	return append(args, flag.Args()...)
}

func flagValue(name string) string {
	if f := flag.Lookup(name); f != nil {
		return f.Value.String()
	}
	return ""
}

// pattern matches one test, and of its subtests those that -run asks for.
func pattern(name, asked string) string {
	parts := strings.Split(name, "/")
	for i := range parts {
		parts[i] = "^" + regexp.QuoteMeta(parts[i]) + "$"
	}
	if rest := strings.Split(asked, "/"); len(rest) > len(parts) {
		parts = append(parts, rest[len(parts):]...)
	}
	return strings.Join(parts, "/")
}

// report is what the child's output says.
type report struct {
	reached, failed, skipped bool
	text                     bytes.Buffer
}

// unseen is the text that nobody has seen yet.
func (r *report) unseen() string {
	if r.text.Len() == 0 {
		return ""
	}
	return ":\n" + r.text.String()
}

// run runs the child and passes on what it prints, but for what this process prints itself.
func run(t *testing.T, c *nsexec.Cmd) (*report, error) {
	r := &report{}
	out, in := io.Pipe()
	c.Stdout = in
	done := make(chan struct{})
	go func() {
		defer close(done)
		lines := bufio.NewReader(out)
		for {
			line, err := lines.ReadString('\n')
			if line != "" {
				r.line(line, t.Name())
			}
			if err != nil {
				return
			}
		}
	}()
	err := c.Run()
	in.Close()
	<-done
	return r, err
}

// line reads one line.
func (r *report) line(line, name string) {
	if text, ok := strings.CutSuffix(line, reachedLine); ok {
		r.reached = true
		if line = text; line == "" {
			return
		}
	}
	plain := strings.TrimSpace(strings.ReplaceAll(line, "\x16", ""))
	switch mark := own(plain, name); {
	case mark == "--- SKIP: ":
		r.skipped = true
		return
	case mark == "--- FAIL: ":
		r.failed = true
		return
	case mark != "", plain == "PASS", plain == "FAIL", strings.HasPrefix(plain, "coverage: "),
		strings.HasPrefix(plain, "testing: warning: no tests to run"):
		return
	}
	if testing.Verbose() {
		fmt.Fprint(os.Stdout, line)
		return
	}
	r.text.WriteString(line)
}

// marks are the beginnings of lines about one test.
var marks = [...]string{"=== RUN   ", "=== PAUSE ", "=== CONT  ", "--- PASS: ", "--- SKIP: ", "--- FAIL: "}

// own is the mark of a line that this process prints itself, since it is about this test or
// one that this is a subtest of; "" for any other line.
func own(line, name string) string {
	for _, mark := range marks {
		if rest, ok := strings.CutPrefix(line, mark); ok {
			test, _, _ := strings.Cut(rest, " ")
			if test == name || strings.HasPrefix(name, test+"/") {
				return mark
			}
		}
	}
	return ""
}
