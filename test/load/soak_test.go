package load

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nskit/nskit/internal/testkit"
)

// TestSoak has hands do everything at random, NSKIT_SOAK long (a second by
// default). After every round all of it must be gone. NSKIT_SEED does the same
// once more, as far as the hands' order lets it.
func TestSoak(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	testkit.Require(t, testkit.NeedsUserNamespaces)
	testkit.Require(t, testkit.NeedsTool("busybox"))
	testkit.Require(t, testkit.NeedsTool("tar"))
	duration, err := time.ParseDuration(os.Getenv("NSKIT_SOAK"))
	if err != nil {
		duration = time.Second
	}
	seed := uint64(testkit.Number(t, "NSKIT_SEED", int(time.Now().UnixNano()&0xffffffff)))
	fmt.Printf("soak of %v, seed %d\n", duration, seed)
	dir := t.TempDir()
	check(t, testkit.Rootfs(dir+"/rootfs"))
	check(t, said(0, "tar", "-C", dir+"/rootfs", "-cf", dir+"/root.tar", "."))
	before := take(t)
	var system kernel
	total := map[string]int{}
	rounds, began := 0, time.Now()
	for ; !t.Failed() && (rounds == 0 || time.Since(began) < duration); rounds++ {
		for name, n := range round(t, dir, seed+uint64(rounds)*hands, duration) {
			total[name] += n
		}
		expectSame(t, before)
		if rounds == 0 {
			system = takeKernel(t)
		}
		if rounds%50 == 49 {
			fmt.Printf("%v: %d rounds, %v\n", time.Since(began).Round(time.Second), rounds+1, total)
		}
	}
	count := 0
	for _, n := range total {
		count += n
	}
	expectNoGrowth(t, system, count)
	fmt.Printf("seed %d, %d rounds in %v, %d commands: %s\nsince the first round: %s\n", seed, rounds,
		time.Since(began).Round(time.Second), count, counts(total), difference(system, takeKernel(t)))
}

const (
	hands = 8
	// turns are for each hand in a round: few in a short run.
	turns, fewTurns = 60, 12
)

// round has all hands take their turns and then end what they have made.
func round(t *testing.T, dir string, seed uint64, duration time.Duration) map[string]int {
	var mu sync.Mutex
	var group sync.WaitGroup
	total := map[string]int{}
	for i := range hands {
		group.Go(func() {
			h := &hand{Rand: rand.New(rand.NewPCG(seed+uint64(i), 0)), dir: dir, name: strconv.Itoa(i), done: map[string]int{}}
			n := fewTurns
			if duration > time.Minute {
				n = turns
			}
			err := h.take(n)
			mu.Lock()
			defer mu.Unlock()
			for name, n := range h.done {
				total[name] += n
			}
			if err != nil {
				t.Errorf("hand %d, seed %d: %v", i, seed+uint64(i), err)
			}
		})
	}
	group.Wait()
	return total
}

// counts prints a table in one line.
func counts(total map[string]int) string {
	var words []string
	for name, n := range total {
		words = append(words, fmt.Sprintf("%s %d", name, n))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}
