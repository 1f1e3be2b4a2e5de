//go:build linux

package containers

import (
	"strings"

	"github.com/nskit/nskit/internal/order"
)

// nearest orders containers by how near their names come to what was asked for.
func nearest(all []Container, query string) []Container {
	far := func(c *Container) int { return min(distance(query, c.Name), distance(query, c.ID)) }
	order.Sort(all, func(a, b *Container) int { return far(a) - far(b) })
	return all
}

// unlike is more than the changes that lead from one name to another.
const unlike = 4 * maxName

// distance is small for a name that begins with the query, larger for one that
// has it somewhere, then grows by the letters to change.
func distance(query, name string) int {
	changes := edits(query[:min(len(query), maxName)], name[:min(len(name), maxName)])
	switch {
	case strings.HasPrefix(name, query):
		return changes
	case strings.Contains(name, query):
		return unlike + changes
	}
	return 2*unlike + changes
}

// edits counts the letters to insert, remove or replace.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for i := range row {
		row[i] = i
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
