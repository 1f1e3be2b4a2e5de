package lsns

import (
	"time"

	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/pkg/census"
)

// The events of --watch and --diff.
const (
	present  = "present"
	appeared = "appeared"
	vanished = "vanished"
)

// styleOf is the colour of an event.
func styleOf(event string) string {
	switch event {
	case appeared:
		return "32"
	case vanished:
		return "31"
	}
	return ""
}

// entry is a namespace as it was shown: its identity and its cells.
type entry struct {
	census.Namespace
	cells []string
}

// entries are what rows come to, in their order.
func (v *view) entries(rows []*row) []entry {
	all := make([]entry, len(rows))
	for i, r := range rows {
		all[i] = entry{*r.ns, v.line(r).Cells}
	}
	return all
}

// changes are the rows that tell earlier from later: what vanished first, each
// with the cells it had.
func changes(earlier, later []entry, stamp []string) []*table.Row {
	difference := census.Diff(namespacesOf(earlier), namespacesOf(later))
	lines := events(vanished, earlier, difference.Vanished, stamp)
	return append(lines, events(appeared, later, difference.Appeared, stamp)...)
}

func namespacesOf(entries []entry) []census.Namespace {
	all := make([]census.Namespace, len(entries))
	for i := range entries {
		all[i] = entries[i].Namespace
	}
	return all
}

// events are rows that begin with stamp and the event, for those of all that
// are in which.
func events(event string, all []entry, which []census.Namespace, stamp []string) []*table.Row {
	wanted := map[census.Inode]bool{}
	for i := range which {
		wanted[which[i].Inode] = true
	}
	var lines []*table.Row
	for i := range all {
		if !wanted[all[i].Inode] {
			continue
		}
		cells := append(append([]string{}, stamp...), event)
		lines = append(lines, &table.Row{Cells: append(cells, all[i].cells...), Style: styleOf(event)})
	}
	return lines
}

// eventTable is a table of events: the plan's columns with others before them.
func (p *plan) eventTable(lines []*table.Row, before ...string) *table.Table {
	t := &table.Table{Name: "namespaces", Rows: lines}
	for _, name := range before {
		t.Columns = append(t.Columns, table.Column{Name: name, Hint: len(appeared)})
	}
	for _, c := range p.columns {
		t.Columns = append(t.Columns, c.Column)
	}
	return t
}

// clock is the time of an event: to the second for people, exact for programs.
func (p *plan) clock(now time.Time) string {
	if p.machine {
		return now.Format(time.RFC3339Nano)
	}
	return now.Format(time.TimeOnly)
}
