package lsns

import (
	"time"

	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/census"
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
	// ignored says that a pattern of --ignore fits it.
	ignored bool
}

// entries are what rows come to, in their order.
func (v *view) entries(rows []*row) []entry {
	all := make([]entry, len(rows))
	for i, r := range rows {
		all[i] = entry{*r.ns, v.line(r).Cells, len(v.plan.ignore) > 0 && v.plan.ignores(shown{v, r}.texts())}
	}
	return all
}

// change is an event and the namespace that it is about, as it was last shown.
type change struct {
	event string
	entry
}

// changes are what tells earlier from later: what vanished first. What is ignored is not.
func changes(earlier, later []entry) []change {
	difference := census.Diff(namespacesOf(earlier), namespacesOf(later))
	all := events(vanished, earlier, difference.Vanished)
	return append(all, events(appeared, later, difference.Appeared)...)
}

func namespacesOf(entries []entry) []census.Namespace {
	all := make([]census.Namespace, len(entries))
	for i := range entries {
		all[i] = entries[i].Namespace
	}
	return all
}

// events are those of all that are in which and not ignored.
func events(event string, all []entry, which []census.Namespace) []change {
	wanted := map[census.Inode]bool{}
	for i := range which {
		wanted[which[i].Inode] = true
	}
	var found []change
	for i := range all {
		if wanted[all[i].Inode] && !all[i].ignored {
			found = append(found, change{event, all[i]})
		}
	}
	return found
}

// lines are the rows of changes, which begin with stamp and the event.
func lines(all []change, stamp ...string) []*table.Row {
	var rows []*table.Row
	for i := range all {
		cells := append(append([]string{}, stamp...), all[i].event)
		rows = append(rows, &table.Row{Cells: append(cells, all[i].cells...), Style: styleOf(all[i].event)})
	}
	return rows
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
