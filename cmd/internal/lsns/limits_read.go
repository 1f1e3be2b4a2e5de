package lsns

import (
	"strings"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
)

// ownLimits are those of the caller's user namespace.
func ownLimits() *[ns.KindCount]int {
	limits := new([ns.KindCount]int)
	for _, kind := range ns.Kinds() {
		limits[kind] = readNumber(launch.LimitFile(kind))
	}
	return limits
}

// limitsInside are those of another one, nil where the caller may not enter it.
func limitsInside(snapshot *census.Snapshot, space *census.Namespace) *[ns.KindCount]int {
	text, err := snapshot.Inside(space, launch.ReadLimits())
	if err != nil {
		return nil
	}
	return parseLimits(string(text))
}

// parseLimits reads what launch.ReadLimits writes.
func parseLimits(text string) *[ns.KindCount]int {
	lines := strings.Split(text, "\n")
	limits := new([ns.KindCount]int)
	for i, kind := range ns.Kinds() {
		limits[kind] = -1
		if i < len(lines) {
			limits[kind] = parseLimit(lines[i])
		}
	}
	return limits
}
