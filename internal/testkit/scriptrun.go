package testkit

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The environment of the two processes that run one script: its file, and the
// directory of its work.
const (
	envScript = "NSKIT_TEST_SCRIPT"
	envWork   = "NSKIT_TEST_WORK"
)

// Exit codes of a script's run, beside 0.
const (
	scriptFailed  = 1
	scriptSkipped = 77
)

// skipMark begins the last line of a script that was skipped.
const skipMark = "testkit: skipped: "

// runScript runs a script in a process of its own and, as root, in namespaces of
// its own, and hands its result to the test.
func runScript(t *testing.T, path, work string) {
	t.Helper()
	var output bytes.Buffer
	cmd := self(stageWatch)
	cmd.Env = append(cmd.Env, envScript+"="+path, envWork+"="+work)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = nil, &output, &output
	if apartPossible() {
		apart(cmd)
	}
	runtime.LockOSThread() // the command dies with the thread that started it
	defer runtime.UnlockOSThread()
	err := cmd.Run()
	text := strings.TrimRight(output.String(), "\n")
	switch code := cmd.ProcessState.ExitCode(); {
	case code == 0:
		t.Log(text)
	case code == scriptSkipped:
		_, reason, _ := strings.Cut(text, skipMark)
		t.Skip(reason)
	default:
		t.Fatalf("%s\n%v", text, err)
	}
}

// watchScript runs a script and checks what it leaves.
func watchScript(path string) int {
	if err := prepare(); err != nil {
		fmt.Println("testkit:", err)
		return scriptFailed
	}
	before := look()
	late := deadline()
	cmd := self(stageTest)
	cmd.Env = append(cmd.Env, envScript+"="+path)
	code := report(start(cmd))
	if code == scriptFailed || late() { // it was interrupted, what is still there is no leak
		killOrphans()
		return scriptFailed
	}
	if found := waitForLeaks(before, os.Getenv(envRoot)); reportLeaks(found) {
		return scriptFailed
	}
	return code
}

// testScript runs a script in this process.
func testScript(path string) int {
	flag.Parse()
	t := &scriptTest{}
	t.Run(filepath.Base(path), func(t testscript.T) {
		testscript.RunT(t, testscript.Params{
			Files:              []string{path},
			Setup:              setup,
			Cmds:               commands(),
			Condition:          condition,
			RequireUniqueNames: true,
			// With a root of ours testscript deletes nothing: it would delete
			// through a mount that a script left behind. Main does it.
			WorkdirRoot: os.Getenv(envWork),
		})
	})
	switch {
	case t.failed:
		return scriptFailed
	case t.skipped != "":
		fmt.Println(skipMark + t.skipped)
		return scriptSkipped
	}
	return 0
}

// scriptTest is the test that a script's process has.
type scriptTest struct {
	failed  bool
	skipped string
}

// Run runs f to its end or to where it fails or skips.
func (t *scriptTest) Run(_ string, f func(testscript.T)) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(t)
	}()
	<-done
}

func (t *scriptTest) Skip(args ...any) {
	t.skipped = fmt.Sprint(args...)
	runtime.Goexit()
}

func (t *scriptTest) Fatal(args ...any) {
	t.Log(args...)
	t.FailNow()
}

func (t *scriptTest) FailNow() {
	t.failed = true
	runtime.Goexit()
}

func (t *scriptTest) Log(args ...any) { fmt.Println(args...) }
func (t *scriptTest) Failed() bool    { return t.failed }
func (t *scriptTest) Parallel()       {}
func (t *scriptTest) Verbose() bool   { return testing.Verbose() }
