package testkit

import (
	"fmt"
	"os"
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
		killAll(descendants(os.Getpid()))
	})
	return over.Load
}

// ofTests lists the processes below the one that runs the tests, and the orphans.
func ofTests() []int {
	var pids []int
	for _, pid := range descendants(os.Getpid()) {
		if !isSelf(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// isSelf says that a process runs this program.
func isSelf(pid int) bool {
	self, _ := os.Readlink("/proc/self/exe")
	theirs, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	return self == theirs && self != ""
}

// descendants lists the processes below one, parents first.
func descendants(top int) []int {
	children := map[int][]int{}
	for _, pid := range processes(func(int) bool { return true }) {
		children[parent(pid)] = append(children[parent(pid)], pid)
	}
	found := []int{top}
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i]]...)
	}
	return found[1:]
}
