package nstest

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// helper has the tests below do something, which others start and look at.
const helper = "_NSKIT_NSTEST_HELPER"

// TestRun makes sure that a test is root, alone on its network, and that subtests,
// goroutines and several calls work.
func TestRun(t *testing.T) {
	if !Inside() { // where there may be none further in
		testkit.Require(t, testkit.NeedsUserNamespaces)
	}
	own, _ := os.Readlink("/proc/self/ns/net")
	inside := func(t *testing.T) {
		if os.Geteuid() != 0 || !Inside() {
			t.Error("not root inside")
		}
		links, err := net.Interfaces()
		if err != nil || len(links) != 1 || links[0].Name != "lo" || links[0].Flags&net.FlagUp == 0 {
			t.Errorf("%v, %v", links, err)
		}
		t.Run("sub", func(t *testing.T) {
			t.Parallel()
			done := make(chan error)
			go func() { // any thread is inside
				l, err := net.Listen("tcp", "127.0.0.1:1")
				if err == nil {
					l.Close()
				}
				done <- err
			}()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	Run(t, Net|User, inside)
	Run(t, Net|UTS|PID, func(t *testing.T) {
		inside(t)
		if os.Getpid() > 2 {
			t.Errorf("PID %d", os.Getpid())
		}
		if os.Getenv(helper) == "" && own == "" {
			t.Error("no namespace outside")
		}
	})
}

// TestHelper is for TestOutcomes.
func TestHelper(t *testing.T) {
	switch how := os.Getenv(helper); how {
	case "": // only TestOutcomes means it
	case "unreached":
		if !Inside() {
			Run(t, Net, func(t *testing.T) {})
		}
	default:
		Run(t, Net, func(t *testing.T) {
			switch how {
			case "fail":
				t.Run("sub", func(t *testing.T) { t.Fatal("this is why") })
			case "skip":
				t.Skip("no reason")
			case "panic":
				panic("this is why")
			case "exit":
				os.Exit(3)
			case "some":
				t.Run("one", func(t *testing.T) { t.Log("the first") })
				t.Run("two", func(t *testing.T) { t.Log("the second") })
			case "nested":
				Run(t, UTS, func(t *testing.T) { t.Log("the second") })
				t.Run("sub", func(t *testing.T) {
					t.Parallel()
					Run(t, UTS, func(t *testing.T) { t.Log("the third") })
				})
			}
		})
		if how == "nested" {
			t.Run("later", func(t *testing.T) { Run(t, Net, func(t *testing.T) { t.Log("the last") }) })
		}
	}
}

// TestOutcomes makes sure that what a test does in its namespaces is what its caller shows.
func TestOutcomes(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	for _, tt := range []struct {
		how, run     string
		verbose      bool
		code         int
		wants, never string
		more         []string
	}{
		{"fail", "^TestHelper$", false, 1, "this is why", "", nil},
		{"fail", "^TestHelper$", true, 1, "--- FAIL: TestHelper/sub", "", nil},
		{"skip", "^TestHelper$", true, 0, "--- SKIP: TestHelper", "--- PASS: TestHelper", nil},
		{"panic", "^TestHelper$", false, 1, "this is why", "", nil},
		{"exit", "^TestHelper$", false, 1, "exit status 3", "", nil},
		{"some", "^TestHelper$", true, 0, "--- PASS: TestHelper/one", "", nil},
		{"some", "^TestHelper$/two", true, 0, "the second", "the first", nil},
		{"some", "^TestHelper$", false, 0, "PASS", "the first", nil},
		{"some", "^TestHelper$", true, 0, "the second", "", []string{"-test.count=2", "-test.cpu=1,2"}},
		{"nested", "^TestHelper$", true, 0, "the second", "", nil},
		{"nested", "^TestHelper$", true, 0, "the third", "", nil},
		{"nested", "^TestHelper$", true, 0, "the last", "", nil},
		{"unreached", "^TestHelper$", false, 1, "does not come to this Run", "", nil},
	} {
		args := append([]string{"-test.run=" + tt.run, "-test.timeout=1m"}, tt.more...)
		if tt.verbose {
			args = append(args, "-test.v")
		}
		cmd := exec.Command("/proc/self/exe", args...)
		cmd.Env = append(os.Environ(), helper+"="+tt.how)
		out, err := cmd.CombinedOutput()
		code := 0
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			code = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		text := string(out)
		if code != tt.code || !strings.Contains(text, tt.wants) || tt.never != "" && strings.Contains(text, tt.never) ||
			tt.more == nil && strings.Count(text, "=== RUN   TestHelper\n") > 1 || tt.more != nil && strings.Count(text, tt.wants) != 4 {
			t.Errorf("%s %s: exit %d\n%s", tt.how, tt.run, code, text)
		}
	}
}

// TestPattern makes sure that one test is meant, and of its subtests those asked for.
func TestPattern(t *testing.T) {
	for _, tt := range [][3]string{
		{"TestA", "", "^TestA$"},
		{"TestA", "A/b", "^TestA$/b"},
		{"TestA/x.y", "A/x/z", `^TestA$/^x\.y$/z`},
	} {
		if got := pattern(tt[0], tt[1]); got != tt[2] {
			t.Errorf("%q, want %q", got, tt[2])
		}
	}
}
