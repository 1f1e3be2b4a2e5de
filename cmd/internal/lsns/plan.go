package lsns

import (
	"errors"
	"os"
	"strconv"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/filter"
	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
)

// plan is what a command line comes to: what to read and how to show it.
type plan struct {
	*options
	columns []*column
	layout  table.Layout
	// machine says that the reader is a program, which wants plain numbers.
	machine bool
	filter  *filter.Filter
	tree    tree

	reading census.Options
	// ask concerns the rows; askIdle those without processes; askAll every
	// namespace, because relations lead from each to others.
	ask, askIdle, askAll census.Ask
	// holders says that the holders have to be complete.
	holders bool
	// ancestors says that namespaces without processes can be rows that only
	// those below them, or what they own, keep alive.
	ancestors bool
	// before are the fields that the filter needs, after those to be shown.
	before, after census.Fields
}

// queryOf decides what a command line comes to.
func queryOf(o *options) (*plan, error) {
	p := &plan{options: o, tree: o.tree}
	var err error
	if p.columns, err = chooseColumns(o); err != nil {
		return nil, err
	}
	if p.filter, err = o.parseFilter(func(name string) bool { return columns.Find(name) != nil }); err != nil {
		return nil, err
	}
	if p.tree == noTree && !o.list && !o.allColumns {
		p.tree = byProcess
	}
	if o.watch > 0 || o.diff != "" {
		p.tree = noTree
	}
	if p.tree == everything {
		p.columns = withName(p.columns)
	}
	p.machine = o.json || o.raw
	p.layout = layoutOf(o, p.tree)
	p.decideReading()
	return p, nil
}

// parseFilter reads the filter, nil for none; known tells the columns that it may name.
func (o *options) parseFilter(known func(name string) bool) (*filter.Filter, error) {
	if o.filter.Text == "" {
		return nil, nil
	}
	f, err := filter.Parse(o.filter.Text, known)
	if err != nil {
		fault := applet.Failf("%v", err)
		var unknown *filter.UnknownColumnError
		if errors.As(err, &unknown) {
			fault.Then = "failed to initialize filter"
		}
		return nil, fault
	}
	return f, nil
}

// passes tells whether the filter, if there is one, is true for a row, whose cells cell
// finds by the names of their columns.
func (p *plan) passes(cell func(name string) (*table.Column, string)) (bool, error) {
	if p.filter == nil {
		return true, nil
	}
	ok, err := p.filter.Match(func(name string) filter.Value {
		c, text := cell(name)
		if !c.Number {
			return filter.Value{Empty: text == "", Text: text}
		}
		n, err := strconv.ParseInt(text, 10, 64)
		return filter.Value{Type: filter.Integer, Integer: n, Empty: err != nil}
	})
	if err != nil {
		return false, applet.Failf("failed to apply filter: Invalid argument")
	}
	return ok, nil
}

// allHolders is all that can keep a namespace alive, once each.
const allHolders = census.Descriptors | census.Sockets | census.Mounts | census.OnlyMounts | census.ForChildren | census.Threads

// decideReading adds up what the columns, the filter and the tree need.
func (p *plan) decideReading() {
	p.reading = census.Options{Kinds: p.kinds, Want: allHolders}
	switch {
	case p.task != 0 && p.tree != everything:
		p.reading.Want = census.Mounts // what has a process is found without the rest
	case p.self:
		p.reading.Want = allHolders &^ census.OnlyMounts
	case p.kinds == 0 || p.kinds.Has(ns.User) || p.kinds.Has(ns.PID):
		p.ancestors = true
	}
	if p.ancestors && p.kinds.Has(ns.User) { // namespaces of all kinds have owners
		p.reading.Kinds = 0
	}
	for _, c := range p.columns {
		p.add(c)
		p.after |= c.Needs.fields
	}
	if p.filter != nil {
		for _, name := range p.filter.Columns() {
			c := columns.Find(name)
			p.add(c)
			p.before |= c.Needs.fields
		}
	}
	if len(p.ignore) > 0 {
		p.after |= census.Command | census.ControlGroup | census.Age
	}
	switch p.tree {
	case byProcess:
		if p.treeIndex() >= 0 {
			p.after |= census.PPID
		}
	case byOwner:
		p.askAll |= census.Owners | census.Ancestors
	case byParent:
		p.askAll |= census.Parents | census.Owners | census.Ancestors
	case everything:
		p.reading.Want |= census.Listed
		p.askAll |= census.Parents | census.Owners | census.Ancestors | census.OwnerUIDs
		p.after |= census.PPID
	}
	if p.watch > 0 || p.diff != "" { // an inode may be another namespace's by now
		p.ask |= census.IDs
	}
	if p.holders { // those that are not shown hold others
		p.reading.Kinds = 0
	}
	if p.askAll&census.Ancestors != 0 { // an ancestor can only be asked when it is found
		p.askAll |= p.ask | p.askIdle
		p.ask, p.askIdle = 0, 0
	}
}

// add adds what one column needs.
func (p *plan) add(c *column) {
	p.reading.Want |= c.Needs.want
	if c.Needs.holders {
		p.reading.Want |= census.Descriptors | census.Sockets | census.Threads
		p.askAll |= census.Parents | census.Owners
		p.holders = true
	}
	if c.Needs.owners {
		p.askAll |= census.Parents | census.Owners | census.Ancestors
	}
	if c.Needs.idle {
		p.askIdle |= c.Needs.ask
	} else {
		p.ask |= c.Needs.ask
	}
}

// layoutOf decides how to write: the terminal's width counts only there.
func layoutOf(o *options, t tree) table.Layout {
	layout := table.Layout{
		Format: formatOf(o, os.Getenv("LIBSMARTCOLS_JSON")), NoHeadings: o.noHeadings,
		NoWrap: o.noWrap, UTF8: table.UTF8Locale(os.Getenv),
	}
	width, terminal := table.TerminalWidth(1, os.Getenv("COLUMNS"))
	if terminal {
		layout.Width, layout.NoTruncate = width, o.noTruncate
	}
	layout.Color = wantsColor(o, t, terminal)
	return layout
}

// wantsColor decides about colours: without --color the listings that
// util-linux has too stay as they are there.
func wantsColor(o *options, t tree, terminal bool) bool {
	ours := t == everything || o.watch > 0 || o.diff != ""
	switch {
	case o.color == "always":
		return true
	case o.color == "never" || o.color == "" && !ours:
		return false
	}
	return terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// formatOf decides the format; variant is the value of $LIBSMARTCOLS_JSON.
func formatOf(o *options, variant string) table.Format {
	switch {
	case o.raw:
		return table.Raw
	case !o.json:
		return table.Text
	case variant == "compact":
		return table.JSONCompact
	case variant == "lines":
		return table.JSONLines
	}
	return table.JSON
}
