package lsns

import (
	"slices"
	"strconv"

	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
)

// The picture of --tree=all has three sorts of rows: users, the namespaces that
// are theirs, and the processes that came into a namespace from another one.

// nameColumn is its first column, in which the branches are.
var nameColumn = column{Column: table.Column{Name: "NAME", Tree: true, Style: "36"}}

// picture is such a tree in the making.
type picture struct {
	*view
	rows []*row
	// parents are the parents of all processes.
	parents map[int]int
}

// arrangeAll draws the picture.
func (v *view) arrangeAll(rows []*row) []*table.Row {
	p := picture{v, rows, map[int]int{}}
	for i := range v.snapshot.Processes {
		pid := v.snapshot.Processes[i].PID
		if details, ok := v.reader.Details(pid, census.PPID); ok {
			p.parents[pid] = details.PPID
		}
	}
	shown := map[census.Inode]bool{}
	for _, r := range rows {
		shown[r.ns.Inode] = true
	}
	lines := p.below(-1, func(r *row) bool { return !shown[r.ns.Owner] || r.ns.Owner == r.ns.Inode })
	if !v.plan.output.Given && !v.plan.machine {
		v.plan.leaveOut(lines)
	}
	return lines
}

// leaveOut takes those of the picture's own columns away that say nothing here: no container is a
// pod's, every init runs.
func (p *plan) leaveOut(lines []*table.Row) {
	for i := len(p.columns) - 1; i >= 0; i-- {
		name := p.columns[i].Name
		if (name == "POD" || name == "STATE") && !tells(lines, i) {
			p.columns = slices.Delete(slices.Clone(p.columns), i, i+1)
			without(lines, i)
		}
	}
}

// tells says whether a column has a cell that is worth a look.
func tells(lines []*table.Row, column int) bool {
	return slices.ContainsFunc(lines, func(line *table.Row) bool {
		text := line.Cells[column]
		return text != "" && text != census.Running.String() || tells(line.Children, column)
	})
}

func without(lines []*table.Row, column int) {
	for _, line := range lines {
		line.Cells = slices.Delete(line.Cells, column, column+1)
		without(line.Children, column)
	}
}

// below are the rows of the namespaces that belong: those of another user than
// the given one stand under a row of that user.
func (p *picture) below(uid int, belongs func(*row) bool) []*table.Row {
	var lines []*table.Row
	users := map[int]*table.Row{}
	for _, r := range p.rows {
		if !belongs(r) {
			continue
		}
		owner := uid
		if r.ns.Kind == ns.User && r.ns.OwnerUID != nil {
			owner = *r.ns.OwnerUID
		}
		line := p.namespace(r, owner)
		switch user := users[owner]; {
		case owner == uid:
			lines = append(lines, line)
		case user != nil:
			user.Children = append(user.Children, line)
		default:
			users[owner] = p.user(owner, line)
			lines = append(lines, users[owner])
		}
	}
	return lines
}

// namespace is the row of a namespace with what is in it and what it owns.
func (p *picture) namespace(r *row, uid int) *table.Row {
	line := p.line(r)
	line.Cells[0] = decimal(r.ns.Inode)
	line.Children = p.entrants(r.ns)
	if r.ns.Kind == ns.User {
		owned := p.below(uid, func(other *row) bool { return other.ns.Owner == r.ns.Inode && other != r })
		line.Children = append(line.Children, owned...)
	}
	return line
}

// entrants are the rows of the processes whose parents are not in the namespace.
func (p *picture) entrants(space *census.Namespace) []*table.Row {
	var lines []*table.Row
	for _, pid := range p.snapshot.Members(space) {
		parent := p.snapshot.Process(p.parents[pid])
		if parent != nil && parent.Namespaces[space.Kind] == space.Inode {
			continue
		}
		r := newProcessRow(space, pid)
		if kept, _ := p.read([]*row{r}, p.plan.after); len(kept) == 0 {
			continue
		}
		line := p.line(r)
		for i, c := range p.plan.columns {
			if c.Needs.fields == 0 && c.Name != "PID" && c.Name != "THREADS" { // what is the namespace's
				line.Cells[i] = ""
			}
			if c.Name == "TYPE" {
				line.Cells[i] = "process"
			}
		}
		line.Cells[0] = strconv.Itoa(pid)
		line.Style = "0"
		lines = append(lines, line)
	}
	return lines
}

// user is the row of a user.
func (p *picture) user(uid int, first *table.Row) *table.Row {
	line := &table.Row{Cells: make([]string, len(p.plan.columns)), Children: []*table.Row{first}, Style: "1"}
	for i, c := range p.plan.columns {
		switch c.Name {
		case "NAME", "USER":
			line.Cells[i] = p.users.name(uid)
		case "UID":
			line.Cells[i] = strconv.Itoa(uid)
		case "TYPE":
			line.Cells[i] = "account"
		}
	}
	return line
}

// withName puts the picture's first column in the place of NS.
func withName(columns []*column) []*column {
	columns = slices.DeleteFunc(slices.Clone(columns), func(c *column) bool { return c.Name == "NS" })
	return append([]*column{&nameColumn}, columns...)
}
