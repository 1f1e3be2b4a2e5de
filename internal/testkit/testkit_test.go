package testkit_test

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestScripts(t *testing.T) { testkit.Scripts(t, "testdata") }

// leakyRun marks a run of this test binary whose scripts leave things behind.
const leakyRun = "NSKIT_TEST_LEAKY"

// TestLeaky is no test by itself: it runs scripts that leave things behind.
func TestLeaky(t *testing.T) {
	if os.Getenv(leakyRun) != "" {
		testkit.Scripts(t, os.Getenv(leakyRun))
	}
}

// TestHanging is no test by itself either: it waits for a process.
func TestHanging(t *testing.T) {
	if os.Getenv(leakyRun) != "" {
		_ = exec.Command("sh", "-c", "sleep 1007; :").Run() // the run fails all the same
	}
}

// TestHelpersAreKilled wants a test that waits for a process without end to come to one.
func TestHelpersAreKilled(t *testing.T) {
	cmd := runOf(t, nil)
	cmd.Args[1] = "-test.run=^TestHanging$"
	output, err := cmd.CombinedOutput()
	if want := "not done after 2s, killed: "; err == nil || !strings.Contains(string(output), want) ||
		!strings.Contains(string(output), ": sleep 1007") {
		t.Errorf("%v, want a failure and %q of both processes in\n%s", err, want, output)
	}
}

// TestLeaksAreFound runs each script of testdata/leaky in a test run of its own,
// which must fail and name what was left.
func TestLeaksAreFound(t *testing.T) {
	for _, tt := range []struct {
		name, script, says string
		reason             testkit.Reason
	}{ // those that are late have time to get there on a busy machine
		{"process", "exec sh -c 'sleep 1001 >/dev/null 2>&1 &'", "left behind: process", ""},
		{"orphan", "exec sh -c 'env -i sleep 1002 >/dev/null 2>&1 &'", "left behind: process", ""},
		{"mount", "exec mount -t tmpfs none home", "left behind: mount", testkit.NeedsRoot},
		{"link", "exec ip link add nskleak type veth peer name nskleaq", "left behind: network interface nskleak", testkit.NeedsRoot},
		{"skip", "skip later", "skip has no typed reason", ""},
		{"late", "! exec sh -c 'sleep 1003; :'", "not done after 6s, killed; still running: ", ""},
		{"late sleeper", "exec sh -c 'sleep 1003; :'", ": sleep 1003 ", ""},
		{"late line", "exec true\n! waitfor true", "leaky.txtar:2: ", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.reason != "" {
				testkit.Require(t, tt.reason)
			}
			limit := "1m"
			if strings.HasPrefix(tt.name, "late") {
				t.Parallel()
				limit = "6s"
			}
			output, failed := leak(t, tt.script, limit)
			if !failed || !strings.Contains(output, tt.says) {
				t.Errorf("failed %v, want true and %q in\n%s", failed, tt.says, output)
			}
		})
	}
}

// leak runs one script in a test run of its own, with a deadline.
func leak(t *testing.T, script, limit string) (output string, failed bool) {
	cmd := runOf(t, map[string]string{"leaky": script})
	cmd.Env = append(cmd.Env, "NSKIT_TEST_DEADLINE="+limit)
	text, err := cmd.CombinedOutput()
	return string(text), err != nil
}

// runOf is a test run of its own of some scripts.
func runOf(t *testing.T, scripts map[string]string) *exec.Cmd {
	dir := t.TempDir()
	for name, text := range scripts {
		if err := os.WriteFile(dir+"/"+name+".txtar", []byte(text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestLeaky$", "-test.parallel=4")
	cmd.Env = append(os.Environ(), leakyRun+"="+dir, "NSKIT_TEST_ROOT=", "NSKIT_TEST_PATIENCE=500ms",
		"NSKIT_TEST_DEADLINE=2s", "NSKIT_BIN="+os.Getenv("NSKIT"))
	return cmd
}

// TestScriptsApart wants root's scripts to see nothing of each other, whatever
// they make under the same names at the same time.
func TestScriptsApart(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	testkit.Require(t, testkit.NeedsTool("ip"))
	at := t.TempDir()
	text := `
exec mount -t tmpfs apart /mnt
exec ip link add nskapart type veth peer name nskapeer
exec ip netns add nskapart
! exec sleep 1005 &sleeper&
exec touch AT/NAME
waitfor test -e AT/one -a -e AT/two
exec grep -c ' /mnt ' /proc/self/mountinfo
stdout '^1\n$'
exec sh -c 'ip -o link | wc -l'
stdout '^3\n$'
exec sh -c 'cat /proc/[0-9]*/comm | grep -c sleep'
stdout '^1\n$'
exec touch AT/seen-NAME
waitfor test -e AT/seen-one -a -e AT/seen-two
exec umount /mnt
exec ip netns del nskapart
exec umount /run/netns
exec ip link del nskapart
kill sleeper
wait
`
	scripts := map[string]string{}
	for _, name := range []string{"one", "two"} {
		scripts[name] = strings.NewReplacer("AT", at, "NAME", name).Replace(text)
	}
	cmd := runOf(t, scripts)
	cmd.Env = append(cmd.Env, "NSKIT_TEST_PATIENCE=30s", "NSKIT_TEST_DEADLINE=1m")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// TestNothingOutlivesARun kills a run: the processes of its scripts end, too.
func TestNothingOutlivesARun(t *testing.T) {
	cmd := runOf(t, map[string]string{"hangs": "exec sh -c 'sleep 1006; :'"})
	cmd.Env = append(cmd.Env, "NSKIT_TEST_DEADLINE=1m", "TMPDIR="+t.TempDir()) // where a killed run leaves its directory
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	sleeps := func() bool { return exec.Command("pgrep", "-x", "-f", "sleep 1006").Run() == nil }
	if !testkit.Poll(sleeps) {
		t.Error("the script does not start")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if !testkit.Poll(func() bool { return !sleeps() }) {
		t.Error("its process is still there")
	}
}

// TestNoDescriptorsAreInherited starts a run with open files, as Debian's autopkgtest does: scripts see none of them.
func TestNoDescriptorsAreInherited(t *testing.T) {
	cmd := runOf(t, map[string]string{"descriptors": "exec sh -ec 'for fd in 3 4 5; do test ! -e /proc/$$/fd/$fd; done'"})
	cmd.Env = append(cmd.Env, "NSKIT_TEST_DEADLINE=1m")
	cmd.ExtraFiles = []*os.File{os.Stdin, os.Stdin, os.Stdin}
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

func TestReasons(t *testing.T) {
	for _, tt := range []struct {
		reason              testkit.Reason
		mustWork, runs, got string
	}{
		{testkit.NeedsTool("no-such-tool"), "", "", "skip"},
		{testkit.NeedsTool("no-such-tool"), "1", "root user", "fail"},
		{testkit.NeedsModule("example.com/m@v1.0.0"), "1", "root user", "skip"},
		{testkit.NeedsRoot, "1", "root user", "skip"},
		{testkit.NeedsRoot, "1", "user", "fail"},
		{testkit.NeedsOrdinaryUser, "1", "root user", "skip"},
		{testkit.NeedsOrdinaryUser, "1", "root", "fail"},
		{testkit.NeedsKernel("ns/mnt"), "1", "", "run"},
		{testkit.NeedsKernel("ns/no-such"), "1", "root user", "fail"},
		{testkit.NeedsOlder("999.1"), "1", "root user", "run"},
		{testkit.NeedsOlder("2.3"), "", "", "skip"},
	} {
		t.Run(string(tt.reason)+"/"+tt.runs, func(t *testing.T) {
			t.Setenv("NSKIT_TEST_MUST_WORK", tt.mustWork)
			t.Setenv("NSKIT_TEST_RUNS", tt.runs)
			if got := outcome(t, tt.reason); got != tt.got {
				t.Errorf("got %s, want %s", got, tt.got)
			}
		})
	}
}

// outcome says what a test does that lacks what it needs: skip, fail or run.
func outcome(t *testing.T, reason testkit.Reason) string {
	probe := &probe{TB: t}
	done := make(chan bool)
	go func() {
		defer close(done)
		if reason == testkit.NeedsRoot || reason == testkit.NeedsOrdinaryUser || reason == testkit.NeedsModule("example.com/m@v1.0.0") {
			testkit.Skip(probe, reason) // whoever we are, and whatever we have
		}
		testkit.Require(probe, reason)
	}()
	<-done
	if probe.outcome == "" {
		return "run"
	}
	return probe.outcome
}

// probe is a test that only notes how it ended.
type probe struct {
	testing.TB
	outcome string
}

func (p *probe) Helper()               {}
func (p *probe) Skipf(string, ...any)  { p.outcome = "skip"; runtime.Goexit() }
func (p *probe) Fatalf(string, ...any) { p.outcome = "fail"; runtime.Goexit() }
