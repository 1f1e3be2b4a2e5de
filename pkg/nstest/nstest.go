// Package nstest runs Go tests in fresh namespaces, as an ordinary user:
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
// [Inside] tells which it is. Variables are not shared. The package reads the test's
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
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/nsexec"
)

// Spaces are kinds of namespaces, put together by |.
type Spaces uint8

// The kinds. A user namespace is made for an ordinary user whatever is asked for.
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

// variable names the call of Run that a process is for: the test and the number of the call.
const variable = "_NSKIT_NSTEST"

// calls counts the calls of Run of each test.
var (
	mutex sync.Mutex
	calls = map[string]int{}
)

// Inside reports whether this process is one that Run has started.
func Inside() bool { return os.Getenv(variable) != "" }

// Run calls test in namespaces of its own, in another process, where the caller is root.
// It fails the test where that cannot be made: user namespaces may be forbidden. There may
// be several in one test, and others within test.
func Run(t *testing.T, spaces Spaces, test func(t *testing.T)) {
	t.Helper()
	mutex.Lock()
	call := t.Name() + "#" + strconv.Itoa(calls[t.Name()])
	calls[t.Name()]++
	mutex.Unlock()
	meant := os.Getenv(variable)
	name, _, _ := cutLast(meant)
	switch {
	case call == meant:
		test(t)
		return
	case name == t.Name(): // another call of the same test
		return
	}
	c := child(t, spaces, call)
	report, err := c.run(t)
	var exit *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &exit):
		t.Fatalf("nstest: %v", err)
	case err != nil || report.failed:
		t.Errorf("failed in its namespaces (%v)%s", err, report.unseen())
	case report.skipped:
		t.Skip("skipped in its namespaces" + report.unseen())
	}
}

func cutLast(text string) (before, after string, found bool) {
	i := strings.LastIndexByte(text, '#')
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+1:], true
}

// command is the test binary on its way into namespaces.
type command struct {
	*nsexec.Cmd
	verbose bool
}

func child(t *testing.T, spaces Spaces, call string) *command {
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
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
	spec.Command = launch.Command{File: binary, Args: append([]string{os.Args[0]}, arguments(t)...)}
	c := &command{nsexec.Command(t.Context(), spec), testing.Verbose()}
	c.Env = append(os.Environ(), variable+"="+call)
	c.Stderr, c.WaitDelay = os.Stderr, 10*time.Second
	return c
}

// notHandedOn are the flags of go test that are about the whole run.
var notHandedOn = map[string]bool{"run": true, "v": true, "timeout": true, "count": true, "bench": true, "skip": false,
	"fuzz": true, "list": true, "shuffle": true, "testlogfile": true, "coverprofile": true, "outputdir": true, "trace": true,
	"cpuprofile": true, "memprofile": true, "blockprofile": true, "mutexprofile": true, "paniconexit0": true, "fuzzworker": true}

// arguments are this process's flags, for one test alone.
func arguments(t *testing.T) []string {
	verbose := "true"
	if f := flag.Lookup("test.v"); f != nil && f.Value.String() == "test2json" {
		verbose = "test2json"
	}
	args := []string{"-test.run=" + pattern(t.Name(), flagValue("test.run")), "-test.v=" + verbose, "-test.count=1"}
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
	verbose, failed, skipped bool
	text                     bytes.Buffer
}

// unseen is the text that nobody has seen yet.
func (r *report) unseen() string {
	if r.verbose || r.text.Len() == 0 {
		return ""
	}
	return ":\n" + r.text.String()
}

// run runs the child and passes on what it prints, but for what this process prints itself.
func (c *command) run(t *testing.T) (*report, error) {
	r := &report{verbose: c.verbose}
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
	plain := strings.TrimSpace(strings.ReplaceAll(line, "\x16", ""))
	switch {
	case strings.HasPrefix(plain, "--- SKIP: "+name+" "):
		r.skipped = true
		return
	case strings.HasPrefix(plain, "--- FAIL: "+name+" "):
		r.failed = true
		return
	case plain == "PASS", plain == "FAIL", plain == "=== RUN   "+name, plain == "=== PAUSE "+name, plain == "=== CONT  "+name,
		strings.HasPrefix(plain, "--- PASS: "+name+" "), strings.HasPrefix(plain, "coverage: "),
		strings.HasPrefix(plain, "testing: warning: no tests to run"):
		return
	}
	if r.verbose {
		fmt.Fprint(os.Stdout, line)
		return
	}
	r.text.WriteString(line)
}
