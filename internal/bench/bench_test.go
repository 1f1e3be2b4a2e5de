package bench

import (
	"math"
	"os"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

func sh(name, script string) Candidate {
	return Candidate{Name: name, Path: Host("sh"), Argv: []string{"sh", "-c", script}}
}

func TestRunLeavesOutWhatFails(t *testing.T) {
	results := Run(Case{Candidates: []Candidate{sh("good", ":"), sh("bad", "exit 1"), {Name: "none", Path: "/nowhere"}}}, 3)
	if r := results[0]; r.Err != nil || r.Ratio != 1 || !(r.Median > 0) {
		t.Errorf("good: %+v", r)
	}
	for _, r := range results[1:] {
		if r.Err == nil || !math.IsNaN(r.Ratio) {
			t.Errorf("%s: %+v", r.Candidate, r)
		}
	}
}

func TestRunTakesTurns(t *testing.T) {
	var order strings.Builder
	measure := func(c Candidate) (float64, error) { order.WriteString(c.Name); return float64(len(c.Name)), nil }
	results := Run(Case{Measure: measure, Candidates: []Candidate{{Name: "a"}, {Name: "bb"}}}, 1)
	if got := order.String(); got != "abb"+"bba"+"abb"+"bba" {
		t.Errorf("order %s", got)
	}
	if results[1].Ratio != 2 {
		t.Errorf("ratio %v, want 2", results[1].Ratio)
	}
}

func TestQuantile(t *testing.T) {
	sorted := []float64{1, 2, 3, 4, 5}
	for part, want := range map[float64]float64{0: 1, 0.25: 2, 0.5: 3, 0.75: 4, 1: 5} {
		if got := quantile(sorted, part); got != want {
			t.Errorf("quantile %v = %v, want %v", part, got, want)
		}
	}
}

func TestWaitingRSS(t *testing.T) {
	kib, err := WaitingRSS(sh("parent", "sleep 1000; :"))
	if err != nil || kib < 4 {
		t.Errorf("%v KiB, %v", kib, err)
	}
}

func TestWithMounts(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	inside := 0
	if err := WithMounts(20)(func() { inside = benchMounts(t, "/proc/thread-self/mountinfo") }); err != nil {
		t.Fatal(err)
	}
	if outside := benchMounts(t, "/proc/self/mountinfo"); inside != 21 || outside != 0 {
		t.Errorf("%d mounts inside, %d outside, want 21 and 0", inside, outside)
	}
}

func benchMounts(t *testing.T, path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(text), " - tmpfs nskit-bench ")
}
