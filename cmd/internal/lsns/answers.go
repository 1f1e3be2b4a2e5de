package lsns

import (
	"bufio"
	"errors"
	"os"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/census"
)

// What --holding and --limits answer has columns of its own.

// answerColumn is one of them.
type answerColumn = table.Of[answered, needs]

// answered is what a cell is made of: what holds, or a limit, and the process that is named.
type answered struct {
	*view
	*row
	held  *held
	limit *limit
}

// finishAnswers refuses what does not go with --holding and --limits.
func (o *options) finishAnswers() error {
	name := "holding"
	switch {
	case o.holding.Given && o.limits:
		return applet.CannotCombine("holding", "limits")
	case o.limits:
		name = "limits"
	case !o.holding.Given:
		return nil
	case o.holding.Text == "":
		return applet.Fail("--holding needs a device, mount or namespace")
	}
	for _, other := range []struct {
		given bool
		name  string
	}{
		{o.persistent, "persistent"}, {o.task != 0 || o.self, "task"}, {o.watch > 0, "watch"}, {o.diff != "", "diff"},
		{len(o.until) > 0, "for"}, {len(o.ignore) > 0, "ignore"},
		{o.kinds != 0 && o.holding.Given, "type"}, {o.tree != noTree && o.limits, "tree"},
	} {
		if other.given {
			return applet.CannotCombine(name, other.name)
		}
	}
	if o.namespace != 0 {
		return notWithNamespace(name)
	}
	return nil
}

// answer is a plan for such a table.
type answer struct {
	*plan
	name    string
	columns []*answerColumn
	fields  census.Fields
	// branches is the column of a tree.
	branches string
}

// answerPlan decides about columns, filter and layout.
func answerPlan(o *options, name string, set table.Set[answered, needs], first, branches string) (*answer, error) {
	a := &answer{plan: &plan{options: o, tree: o.tree, machine: o.json || o.raw}, name: name, branches: branches}
	a.layout = layoutOf(o, everything)
	list := first
	switch {
	case o.output.Given && strings.HasPrefix(o.output.Text, "+"):
		list += "," + o.output.Text[1:]
	case o.output.Given:
		list = o.output.Text
	case o.allColumns:
		list = strings.Join(set.Names(), ",")
	}
	find := func(name string) (*answerColumn, bool) {
		c := set.Find(name)
		return c, c != nil
	}
	var err error
	var unknown *table.UnknownColumnError
	if a.columns, err = table.Choose(list, find); errors.As(err, &unknown) {
		return nil, applet.Failf("unknown column: %s", unknown.Rest)
	}
	if a.filter, err = o.parseFilter(func(name string) bool { return set.Find(name) != nil }); err != nil {
		return nil, err
	}
	if a.filter != nil {
		for _, name := range a.filter.Columns() {
			a.fields |= set.Find(name).Needs.fields
		}
	}
	for _, c := range a.columns {
		a.fields |= c.Needs.fields
	}
	return a, nil
}

// answerTable is an empty table with these columns.
func (a *answer) answerTable() *table.Table {
	t := &table.Table{Name: a.name}
	for _, c := range a.columns {
		column := c.Column
		column.Tree = a.tree != noTree && c.Name == a.branches
		t.Columns = append(t.Columns, column)
	}
	return t
}

// answerLine makes a row of the table; nil where the filter leaves it out.
func (a *answer) answerLine(set table.Set[answered, needs], r answered) (*table.Row, error) {
	ok, err := a.passes(func(name string) (*table.Column, string) {
		c := set.Find(name)
		return &c.Column, c.Text(r, true)
	})
	if err != nil || !ok {
		return nil, err
	}
	line := &table.Row{}
	for _, c := range a.columns {
		line.Cells = append(line.Cells, c.Text(r, a.machine))
	}
	return line, nil
}

// listAnswerColumns answers --list-columns for one of the sets.
func listAnswerColumns(w *bufio.Writer, o *options, set table.Set[answered, needs]) {
	t := columnsTable()
	for i := range set {
		t.Rows = append(t.Rows, columnRow(&set[i].Column, set[i].Help))
	}
	t.Write(w, table.Layout{Format: formatOf(o, os.Getenv("LIBSMARTCOLS_JSON")), NoHeadings: true})
}
