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
	results := Run(Case{Candidates: []Candidate{sh("good", ":"), sh("bad", "exit 1"), {Name: "none", Path: Host("no-such-tool")}}}, 3)
	if r := results[0]; r.Err != nil || r.Ratio != 1 || !(r.Median > 0) {
		t.Errorf("good: %+v", r)
	}
	for _, r := range results[1:] {
		if r.Err == nil || !math.IsNaN(r.Ratio) || r.Missing() != (r.Candidate == "none") {
			t.Errorf("%s: %+v", r.Candidate, r)
		}
	}
}

func TestMarkdown(t *testing.T) {
	good := func(name string, median, ratio float64) Result {
		return Result{Candidate: name, Median: median, Ratio: ratio, Spread: 0.031}
	}
	nan := math.NaN()
	for _, tt := range []struct {
		unit    string
		results []Result
		want    string
	}{
		{"ms", []Result{good("util-linux", 1.334, 1), good("nskit", 0.8674, 0.65), good("busybox", 1.05, 0.79)},
			"| x | util-linux | 1.33 ms | 0.87 ms | **0.65** | 3 % | busybox 0.79 |"},
		{"KiB", []Result{good("util-linux", 1720, 1), good("nskit", 16, 0.0093)}, "| x | util-linux | 1720 KiB | 16 KiB | **0.01** | 3 % |  |"},
		{"ms", []Result{{Candidate: "bwrap", Err: errMissing}, good("nskit", 12.34, nan), {Candidate: "unshare", Err: errMissing}},
			"| x | bwrap | not installed | 12.3 ms | **–** | 3 % | unshare not installed |"},
		{"ms", []Result{good("ip", 250.4, 1), {Candidate: "nskit", Err: os.ErrClosed}}, "| x | ip | 250 ms | file already closed | – | – |  |"},
	} {
		if got := markdownRow("x", tt.unit, tt.results); got != tt.want {
			t.Errorf("%s\nwant\n%s", got, tt.want)
		}
	}
}

// TestPeak takes a program that is known to need 20 MB at one time, but not at its end.
func TestPeak(t *testing.T) {
	small, err := Peak(sh("small", ":"))
	if err != nil || small < 100 || small > 20_000 {
		t.Fatalf("%v KiB, %v", small, err)
	}
	large, err := Peak(Candidate{Path: Host("dd"), Argv: []string{"dd", "if=/dev/zero", "of=/dev/null", "bs=20M", "count=1"}})
	if err != nil || large < 20_000 || large > 40_000 {
		t.Errorf("%v KiB, %v", large, err)
	}
	if share, err := Share(sh("small", ":")); err != nil || share < 50 || share > small {
		t.Errorf("a share of %v KiB, %v", share, err)
	}
	if _, err := Peak(sh("bad", "exit 1")); err == nil {
		t.Error("a failure is a success")
	}
}

func TestSurroundingsAreShared(t *testing.T) {
	entered := 0
	shared := &Surroundings{func(run func()) error { entered++; run(); return nil }}
	c := Case{Measure: func(Candidate) (float64, error) { return 1, nil }, Candidates: []Candidate{{Name: "a", Path: "/a"}}, Inside: shared, Rounds: 1}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if !measure(null, options{}, []Case{c, c, {Candidates: c.Candidates, Measure: c.Measure}, c}) || entered != 2 {
		t.Errorf("entered %d times, want 2", entered)
	}
}

func TestRunTakesTurns(t *testing.T) {
	var order strings.Builder
	measure := func(c Candidate) (float64, error) { order.WriteString(c.Name); return float64(len(c.Name)), nil }
	results := Run(Case{Measure: measure, Candidates: []Candidate{{Name: "a", Path: "/a"}, {Name: "bb", Path: "/b"}}}, 1)
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
	if err := WithMounts(20).Enter(func() { inside = benchMounts(t, "/proc/thread-self/mountinfo") }); err != nil {
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
