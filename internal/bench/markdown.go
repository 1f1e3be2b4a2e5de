package bench

import (
	"fmt"
	"strings"
)

// ours is the candidate that has columns of its own.
const ours = "nskit"

// markdownRow is a case as a row of docs/benchmarks.md: the peer, nskit, and
// the ratios of whoever ran beside them.
func markdownRow(name, unit string, results []Result) string {
	peer, cells := results[0], []string{"–", "–", "–"}
	var others []string
	for _, r := range results[1:] {
		switch {
		case r.Candidate != ours:
			others = append(others, r.Candidate+" "+ratio(r))
		case r.Err != nil:
			cells[0] = r.Err.Error()
		default:
			cells = []string{quantity(r.Median, unit), "**" + ratio(r) + "**", fmt.Sprintf("%.0f %%", 100*r.Spread)}
		}
	}
	cells = append([]string{name, peer.Candidate, figure(peer, unit)}, append(cells, strings.Join(others, ", "))...)
	return "| " + strings.Join(cells, " | ") + " |"
}

func figure(r Result, unit string) string {
	if r.Err != nil {
		return r.Err.Error()
	}
	return quantity(r.Median, unit)
}

// ratio is a ratio, or why there is none: the peer may be missing.
func ratio(r Result) string {
	switch {
	case r.Err != nil:
		return r.Err.Error()
	case r.Ratio != r.Ratio: // NaN
		return "–"
	}
	return fmt.Sprintf("%.2f", r.Ratio)
}

// quantity shows three digits that say something.
func quantity(value float64, unit string) string {
	switch {
	case unit == "KiB" || value >= 100:
		return fmt.Sprintf("%.0f %s", value, unit)
	case value >= 10:
		return fmt.Sprintf("%.1f %s", value, unit)
	}
	return fmt.Sprintf("%.2f %s", value, unit)
}
