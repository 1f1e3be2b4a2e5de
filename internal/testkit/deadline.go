package testkit

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// limit is how long a script may take: a minute, or what NSKIT_TEST_DEADLINE
// says, and never less than two conditions may take to come true.
func limit() time.Duration {
	if limit, err := time.ParseDuration(os.Getenv("NSKIT_TEST_DEADLINE")); err == nil {
		return limit
	}
	return max(time.Minute, 2*patience())
}

// grace is how long a script may still take when all that it waits for has been
// killed.
const grace = 10 * time.Second

// deadline kills the processes of the script when its time is over, so that
// whatever it waits for ends and its log says where it was. The result is whether
// that has happened.
func deadline() (passed func() bool) {
	var over atomic.Bool
	time.AfterFunc(limit(), func() {
		over.Store(true)
		var names []string
		for _, pid := range ofTests() {
			names = append(names, describe(pid))
		}
		fmt.Printf("testkit: not done after %v, killed; still running: %s\n", limit(), strings.Join(names, "; "))
		for end := time.Now().Add(grace); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			killAll(ofTests())
		}
		fmt.Println("testkit: the script itself hangs, killed")
		killAll(descendants(os.Getpid(), open))
	})
	return over.Load
}

// watchHelpers kills every process of a test that is not done within the limit, so
// that the test goes on and fails. The result is whether there was one. Scripts
// and what runs this program for itself are left to their own deadlines.
func watchHelpers() (passed func() bool) {
	var over atomic.Bool
	since := map[int]time.Time{}
	look := func() {
		before := since
		since = map[int]time.Time{}
		for _, pid := range helpers() {
			start, known := before[pid]
			if !known {
				start = time.Now()
			}
			since[pid] = start
			if time.Since(start) > limit() {
				over.Store(true)
				fmt.Fprintf(os.Stderr, "testkit: not done after %v, killed: %s\n", limit(), describe(pid))
				killAll([]int{pid})
			}
		}
	}
	go func() {
		for range time.Tick(min(time.Second, limit()/4)) {
			look()
		}
	}()
	return over.Load
}

// helpers lists the processes below the tests, down to those that run this program.
func helpers() []int {
	var pids []int
	for _, child := range childrenOf()[os.Getpid()] { // the tests, and orphans
		if !isBuild(child) {
			pids = append(append(pids, child), descendants(child, func(pid int) bool { return isSelf(pid) || isBuild(pid) })...)
		}
	}
	return slices.DeleteFunc(pids, func(pid int) bool { return isSelf(pid) || isFixture(pid) || isBuild(pid) })
}

// isBuild says that a process is `go build`. How long that takes depends on what has been built before; go
// test's own limit ends it.
func isBuild(pid int) bool {
	line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return strings.HasPrefix(string(line), "go\x00build\x00")
}

// isFixture says that a process is called `sleep infinity`: it is there for others to
// look at, and ends with its test.
func isFixture(pid int) bool {
	line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return string(line) == "sleep\x00infinity\x00"
}

// ofTests lists the processes below the one that runs the tests, and the orphans.
func ofTests() []int {
	var pids []int
	for _, pid := range descendants(os.Getpid(), open) {
		if !isSelf(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// isSelf says that a process runs this program.
func isSelf(pid int) bool {
	self, err := os.Stat("/proc/self/exe")
	theirs, errTheirs := os.Stat(fmt.Sprintf("/proc/%d/exe", pid)) // its path may be of another root
	return err == nil && errTheirs == nil && os.SameFile(self, theirs)
}

// descendants lists the processes below one, parents first, without those below
// what closed says.
func descendants(top int, closed func(pid int) bool) []int {
	children := childrenOf()
	found := []int{top}
	for i := 0; i < len(found); i++ {
		if i == 0 || !closed(found[i]) {
			found = append(found, children[found[i]]...)
		}
	}
	return found[1:]
}

// open closes nothing.
func open(int) bool { return false }

// childrenOf maps the processes to their children.
func childrenOf() map[int][]int {
	children := map[int][]int{}
	for _, pid := range processes(func(int) bool { return true }) {
		above := parent(pid) // asked once: it changes when the parent ends
		children[above] = append(children[above], pid)
	}
	return children
}
