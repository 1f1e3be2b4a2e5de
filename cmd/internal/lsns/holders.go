package lsns

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nskit/nskit/internal/census"
)

// holdersCell says what keeps a namespace alive besides the processes in it: a
// line for each holder, with one number for those that can be listed otherwise.
func holdersCell(r shown) string {
	if r.plan.diff != "" {
		return leakCell(r)
	}
	var lines []string
	for _, path := range r.ns.Mounts {
		if slices.Contains(r.ns.Covered, path) {
			path += " (covered)"
		}
		lines = append(lines, "mount "+oneLine(path))
	}
	children, owned := 0, 0
	for _, h := range r.ns.Holders {
		switch h.How {
		case census.ByChild:
			children++
		case census.ByOwned:
			owned++
		default:
			lines = append(lines, oneLine(h.String()))
		}
	}
	if children > 0 {
		lines = append(lines, fmt.Sprintf("below: %d", children))
	}
	if owned > 0 {
		lines = append(lines, fmt.Sprintf("owned: %d", owned))
	}
	return strings.Join(lines, "\n")
}
