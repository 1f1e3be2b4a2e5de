package lsns

import (
	"slices"

	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
)

// treeColumn is the column that has the branches of a tree, "" for none.
func (p *plan) treeColumn() string {
	switch {
	case p.tree == everything:
		return nameColumn.Name
	case p.tree == byProcess:
		return "COMMAND"
	case p.tree == noTree, p.namespace != 0:
		return ""
	}
	return "NS"
}

// table is a table with the plan's columns.
func (p *plan) table(rows []*table.Row) *table.Table {
	t := &table.Table{Name: "namespaces", Rows: rows}
	for _, c := range p.columns {
		column := c.Column
		column.Tree = c.Name == p.treeColumn()
		t.Columns = append(t.Columns, column)
	}
	return t
}

// treeIndex is the first column that can have the branches, -1 for none.
func (p *plan) treeIndex() int {
	return slices.IndexFunc(p.columns, func(c *column) bool { return c.Name == p.treeColumn() })
}

// narrowed says that not all namespaces of the chosen kinds are to be shown.
func (p *plan) narrowed() bool { return p.task != 0 || p.self || p.persistent }

// draws tells whether namespaces of a kind can be in a tree.
func (p *plan) draws(kind ns.Kind) bool {
	return p.kinds == 0 || p.kinds.Has(kind) || p.tree == everything
}

// leading are the namespaces that a tree needs for the sake of one. In that of
// parents they come before it; its owner does so only where it has no parent,
// and is there too unless only some namespaces are asked for, as in util-linux.
func (p *plan) leading(space *census.Namespace) []census.Inode {
	switch {
	case p.tree == byOwner:
		return []census.Inode{space.Owner}
	case p.tree == byParent && p.narrowed() && space.Parent != 0:
		return []census.Inode{space.Parent}
	}
	return []census.Inode{space.Parent, space.Owner}
}

// arrange makes table rows and puts them below each other as the tree says.
func (v *view) arrange(rows []*row) []*table.Row {
	switch {
	case v.plan.tree == everything:
		return v.arrangeAll(rows)
	case v.plan.tree == byProcess && v.plan.treeIndex() >= 0:
		return v.byProcess(rows)
	case v.plan.namespace == 0 && (v.plan.tree == byOwner || v.plan.tree == byParent):
		return v.byRelation(rows)
	}
	lines := make([]*table.Row, len(rows))
	for i, r := range rows {
		lines[i] = v.line(r)
	}
	return lines
}

// byProcess puts each row below the one that was made last for the parent of
// its process.
func (v *view) byProcess(rows []*row) []*table.Row {
	var roots []*table.Row
	last := map[int]*table.Row{}
	for _, r := range rows {
		line := v.line(r)
		if parent := last[r.PPID]; parent != nil && r.pid != 0 {
			parent.Children = append(parent.Children, line)
		} else {
			roots = append(roots, line)
		}
		if r.pid != 0 {
			last[r.pid] = line
		}
	}
	return roots
}

// byRelation puts each row below its owner's or its parent's. Whatever a
// namespace belongs to comes before it, so the rows do not stay in the order of
// their inodes. Without a column for the branches that order is all there is.
func (v *view) byRelation(rows []*row) []*table.Row {
	b := branches{view: v, rows: map[census.Inode]*row{}, lines: map[census.Inode]*table.Row{}}
	for _, r := range rows {
		b.rows[r.ns.Inode] = r
	}
	for _, r := range rows {
		if !v.plan.narrowed() || v.selected(r.ns) { // what only leads to these comes where it is needed
			b.add(r.ns.Inode)
		}
	}
	for _, r := range rows { // a filter has left out what these lead to
		b.add(r.ns.Inode)
	}
	return b.roots
}

// branches is a tree of namespaces in the making.
type branches struct {
	*view
	rows  map[census.Inode]*row
	lines map[census.Inode]*table.Row
	roots []*table.Row
}

// add makes the row of a namespace after those that it belongs to.
func (b *branches) add(inode census.Inode) {
	r := b.rows[inode]
	if r == nil || b.lines[inode] != nil {
		return
	}
	line := b.line(r)
	b.lines[inode] = line
	leads, above := b.plan.leading(r.ns), r.ns.Owner
	if b.plan.tree == byParent {
		above = r.ns.Parent
		if above != 0 { // the owner of a namespace that has a parent comes in its own place
			leads = []census.Inode{above}
		}
	}
	for _, lead := range leads {
		b.add(lead)
	}
	if parent := b.lines[above]; parent != nil && above != inode && b.plan.treeIndex() >= 0 {
		parent.Children = append(parent.Children, line)
	} else {
		b.roots = append(b.roots, line)
	}
}
