package runtimes

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// TestRestart restarts containers again and again while commands enter them by name and
// by identifier, and lsns lists them: a command runs in the container or not at all, and
// no process outside is listed as the container's. Each container is entered at least once.
func TestRestart(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	times := testkit.Number(t, "NSKIT_RESTARTS", 100)
	for _, tt := range []struct {
		runtime string
		times   int
	}{{"docker", times}, {"podman", (times + 9) / 10}} {
		t.Run(tt.runtime, func(t *testing.T) {
			for _, r := range runtimes {
				if r.name == tt.runtime {
					s := begin(t, r)
					raced(t, s.start(t, r.kinds[0], "nsk-race"), tt.times)
				}
			}
		})
	}
}

// raced restarts a container while it is entered and listed.
func raced(t *testing.T, c *container, times int) {
	own, err := os.Readlink("/proc/self/ns/mnt")
	check(t, err)
	over := make(chan struct{})
	var readers sync.WaitGroup
	read := func(look func() verdict) {
		readers.Go(func() {
			counts := map[verdict]int{}
			for running := true; running; counts[look()]++ {
				select {
				case <-over:
					running = false
				default:
				}
			}
			last := testkit.Poll(func() bool { return counts[within] > 0 || look() == within })
			t.Logf("%d in the container, %d refused, in %d restarts", counts[within], counts[refused], times)
			if counts[beyond] != 0 || !last {
				t.Errorf("%d outside; in the container at all: %v", counts[beyond], last)
			}
		})
	}
	read(func() verdict { return entered(own, c.queries[0], "-a") })
	read(func() verdict { return entered(own, c.queries[len(c.queries)-1], "-m", "-r") })
	read(func() verdict { return namedByList(strings.Trim(own, "mnt:[]"), c.label) })
	for range times {
		c.say(t, c.name, c.restart)
	}
	close(over)
	readers.Wait()
}

// verdict is where a command was.
type verdict int

const (
	refused verdict = iota
	within
	beyond
)

// entered runs a command in the container, which says where it is: neither the caller's mount
// namespace nor a root that is not the image's will do. It says so at once: it may be killed.
func entered(own, query string, options ...string) verdict {
	line := append(append([]string{"-t", "ctr:" + query}, options...), "/bin/busybox", "sh", "-c",
		`read -r text </file; echo "$(readlink /proc/self/ns/mnt 2>/dev/null) $text"`)
	said, _ := exec.Command("nsenter", line...).Output() // refused is an answer
	switch {
	case len(said) == 0:
		return refused
	case strings.Contains(string(said), own) || !strings.HasSuffix(string(said), "of the image\n"):
		return beyond
	}
	return within
}

// namedByList is what lsns says of mount namespaces while it goes on.
func namedByList(own, label string) verdict {
	said, _ := exec.Command("lsns", "-n", "-t", "mnt", "-o", "NS,CTR").Output() // what ends meanwhile is left out
	found := refused
	for line := range strings.Lines(string(said)) {
		switch words := strings.Fields(line); {
		case len(words) == 2 && words[0] == own:
			return beyond
		case fmt.Sprint(words[1:]) == fmt.Sprint([]string{label}):
			found = within
		}
	}
	return found
}
