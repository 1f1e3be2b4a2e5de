package lsns

import (
	"fmt"
	"strings"

	"github.com/nskit/nskit/pkg/census"
)

// holdersCell says what keeps a namespace alive besides the processes in it: a
// line for each holder, with one number for those that can be listed otherwise.
func holdersCell(v *view, r *row) string {
	var lines []string
	for _, path := range r.ns.Mounts {
		lines = append(lines, "mount "+oneLine(path))
	}
	children, owned := 0, 0
	for _, h := range r.ns.Holders {
		switch h.How {
		case census.ByDescriptor:
			lines = append(lines, fmt.Sprintf("fd %d/%d", h.PID, h.FD))
		case census.BySocket:
			lines = append(lines, fmt.Sprintf("socket %d/%d", h.PID, h.FD))
		case census.ByChildren:
			lines = append(lines, fmt.Sprintf("children of %d", h.PID))
		case census.ByMount:
			lines = append(lines, fmt.Sprintf("mount %s in mnt:[%d]", oneLine(h.Path), h.Namespace))
		case census.ByChild:
			children++
		case census.ByOwned:
			owned++
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
