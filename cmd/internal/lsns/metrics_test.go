package lsns

import (
	"bufio"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/fleet"
)

func written(families []fleet.Family) string {
	var b strings.Builder
	w := bufio.NewWriter(&b)
	writeMetrics(w, families)
	w.Flush()
	return b.String()
}

func TestWriteMetrics(t *testing.T) {
	got := written([]fleet.Family{
		{Name: "a", Help: "One \\ two\nthree \"four\".", Samples: []fleet.Sample{{Value: 3}}},
		{Name: "b_seconds", Help: "None."},
		{Name: "c", Help: "C.", Samples: []fleet.Sample{
			{Labels: []fleet.Label{{Name: "x", Value: "1"}, {Name: "y", Value: "a\\b\n\"c\""}}, Value: 0.25},
			{Labels: []fleet.Label{{Name: "x", Value: ""}}, Value: 1e21}}},
	})
	const want = `# HELP a One \\ two\nthree "four".
# TYPE a gauge
a 3
# HELP b_seconds None.
# TYPE b_seconds gauge
# HELP c C.
# TYPE c gauge
c{x="1",y="a\\b\n\"c\""} 0.25
c{x=""} 1e+21
# EOF
`
	if got != want {
		t.Errorf("%s", got)
	}
	if err := checkMetrics(got); err != "" {
		t.Error(err)
	}
}

// TestMetrics reads what is written of this machine as strictly as the specification allows.
func TestMetrics(t *testing.T) {
	text := written(fleet.Collect(&fleet.Host{}, fleet.Collectors()))
	if err := checkMetrics(text); err != "" {
		t.Errorf("%s\n%s", err, text)
	}
	if lines := strings.Count(text, "\n"); lines > 150 || len(text) > 20<<10 {
		t.Errorf("%d lines, %d bytes", lines, len(text))
	}
}

func TestCheckMetrics(t *testing.T) {
	for _, text := range []string{
		"", "# EOF", "a 1\n# EOF\n", "# HELP a A.\n# TYPE a gauge\na 1\n", "# HELP a A.\n# TYPE a gauge\na 1\n\n# EOF\n", "# HELP a A.\n# TYPE a gauge\na 1\na 2\n# EOF\n",
		"# HELP a A.\n# TYPE a gauge\nb 1\n# EOF\n", "# HELP a A.\n# TYPE a gauge\na x\n# EOF\n", "# HELP a A.\n# TYPE a gauge\na{x=\"\n\"} 1\n# EOF\n",
		"# HELP a A.\n# TYPE a gauge\na 1\n# EOF\na 2\n", "# HELP a A.\n# TYPE a gauge\n# HELP a A.\n# TYPE a gauge\n# EOF\n",
	} {
		if checkMetrics(text) == "" {
			t.Errorf("%q passes", text)
		}
	}
}

var (
	headPattern   = regexp.MustCompile(`^# (HELP|TYPE) ([a-z][a-z0-9_]*) (.+)$`)
	samplePattern = regexp.MustCompile(`^([a-z][a-z0-9_]*)(?:\{((?:[a-z_]+="(?:[^"\\]|\\[\\n"])*",?)+)\})? (\S+)$`)
)

// checkMetrics says what is wrong with a text, as OpenMetrics and as Prometheus's own
// format: each family is together and has its help and its type before it, each series is there once.
func checkMetrics(text string) string {
	body, ends := strings.CutSuffix(text, "# EOF\n")
	if !ends {
		return "no EOF"
	}
	families, series, helped := []string{}, map[string]bool{}, ""
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(line, "\n")
		if head := headPattern.FindStringSubmatch(line); head != nil {
			switch {
			case head[1] == "HELP" && !slices.Contains(families, head[2]):
				helped = head[2]
			case head[1] == "TYPE" && head[2] == helped && head[3] == "gauge":
				families, helped = append(families, head[2]), ""
			default:
				return "out of place: " + line
			}
			continue
		}
		sample := samplePattern.FindStringSubmatch(line)
		if sample == nil || strings.HasSuffix(sample[2], ",") {
			return "no sample: " + line
		}
		if len(families) == 0 || sample[1] != families[len(families)-1] || helped != "" {
			return "not with its family: " + line
		}
		if _, err := strconv.ParseFloat(sample[3], 64); err != nil {
			return "no number: " + line
		}
		if name := sample[1] + sample[2]; series[name] {
			return "twice: " + line
		} else {
			series[name] = true
		}
	}
	return ""
}
