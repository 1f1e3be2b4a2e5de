package lsns

import (
	"bufio"
	"os"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/pkg/census"
	"github.com/nskit/nskit/pkg/ns"
)

// column is a column of lsns: how it looks, what it needs, where it comes from.
type column struct {
	table.Column
	help string
	needs
	// cell is the text of a row, "" for nothing.
	cell func(*view, *row) string
	// plain is what programs and the filter get instead, nil for the same.
	plain func(*view, *row) string
}

// forProgram is the text of a row as programs and the filter read it.
func (c *column) forProgram(v *view, r *row) string {
	if c.plain != nil {
		return c.plain(v, r)
	}
	return c.cell(v, r)
}

// needs is what has to be read for a column.
type needs struct {
	want   census.Want
	ask    census.Ask
	fields census.Fields
	// idle says that ask concerns only namespaces without processes.
	idle bool
	// holders says that the holders of a namespace have to be complete.
	holders bool
}

// ownColumns is where the columns begin that util-linux does not have.
const ownColumns = 13

// maxColumns is how many columns a list may have.
const maxColumns = 2 * ownColumns

// columns are all columns, util-linux's in its order first. The table is such
// that the compiler fills it in: every start of every applet would pay for more.
var columns = []column{
	{Column: table.Column{Name: "NS", Hint: 10, Right: true, Number: true, Style: "36"}, help: "namespace identifier (inode number)", cell: inodeCell},
	{Column: table.Column{Name: "TYPE", Hint: 5, Style: "33"}, help: "kind of namespace", cell: typeCell},
	{Column: table.Column{Name: "PATH"}, help: "path to the namespace", cell: pathCell},
	{Column: table.Column{Name: "NPROCS", Hint: 5, Right: true, Number: true}, help: "number of processes in the namespace", cell: processesCell},
	{Column: table.Column{Name: "PID", Hint: 5, Right: true, Number: true}, help: "lowest PID in the namespace", cell: pidCell},
	{Column: table.Column{Name: "PPID", Hint: 5, Right: true, Number: true}, help: "PPID of the PID", needs: needs{fields: census.PPID}, cell: ppidCell},
	{Column: table.Column{Name: "COMMAND", Shrink: true}, help: "command line of the PID", needs: needs{fields: census.Command}, cell: commandCell},
	{Column: table.Column{Name: "UID", Right: true, Number: true}, help: "UID of the PID",
		needs: needs{fields: census.UID, ask: census.OwnerUIDs, idle: true}, cell: uidCell},
	{Column: table.Column{Name: "USER"}, help: "username of the PID", needs: needs{fields: census.UID, ask: census.OwnerUIDs, idle: true}, cell: userCell},
	{Column: table.Column{Name: "NETNSID", Right: true}, help: "namespace ID as used by network subsystem", needs: needs{ask: census.NetIDs}, cell: netIDCell},
	{Column: table.Column{Name: "NSFS", Lines: true}, help: "nsfs mountpoint (usually used network subsystem)", cell: mountsCell},
	{Column: table.Column{Name: "PNS", Hint: 10, Right: true, Number: true}, help: "parent namespace identifier (inode number)",
		needs: needs{ask: census.Parents}, cell: parentCell},
	{Column: table.Column{Name: "ONS", Hint: 10, Right: true, Number: true}, help: "owner namespace identifier (inode number)",
		needs: needs{ask: census.Owners}, cell: ownerCell},

	{Column: table.Column{Name: "HOLDERS", Lines: true}, help: "what else keeps the namespace alive, and where",
		needs: needs{want: census.AllMounts | census.ForChildren | census.Listed, holders: true}, cell: holdersCell},
	{Column: table.Column{Name: "NSID", Right: true, Number: true}, help: "64-bit identifier, never reused", needs: needs{ask: census.IDs}, cell: idCell},
	{Column: table.Column{Name: "CGROUP"}, help: "control group of the PID", needs: needs{fields: census.ControlGroup}, cell: cgroupCell},
	{Column: table.Column{Name: "CTR"}, help: "container of the PID", needs: needs{fields: census.Age}, cell: containerCell},
	{Column: table.Column{Name: "AGE", Right: true, Number: true}, help: "time since the PID was started", needs: needs{fields: census.Age}, cell: ageCell, plain: secondsCell},
	{Column: table.Column{Name: "HOSTNAME"}, help: "host name in the uts namespace", needs: needs{ask: census.Hostnames}, cell: hostnameCell},
	{Column: table.Column{Name: "ROOT"}, help: "root directory of the PID", needs: needs{fields: census.Root}, cell: rootCell},
}

// findColumn returns the column with a name in any case, nil for none.
func findColumn(name string) *column {
	for i := range columns {
		if strings.EqualFold(columns[i].Name, name) {
			return &columns[i]
		}
	}
	return nil
}

func columnNames() []string {
	var names []string
	for i := range columns {
		names = append(names, columns[i].Name)
	}
	return names
}

// chooseColumns decides which columns there are.
func chooseColumns(o *options) ([]*column, error) {
	if o.allColumns && !o.output.Given {
		return byName(columnNames()[:ownColumns]), nil
	}
	chosen := defaultColumns(o)
	if !o.output.Given {
		return chosen, nil
	}
	list := o.output.Text
	if strings.HasPrefix(list, "+") {
		list = list[1:]
	} else {
		chosen = nil
	}
	more, err := parseColumns(list)
	chosen = append(chosen, more...)
	if err == nil && len(chosen) > maxColumns {
		err = applet.Failf("too many columns specified, the limit is %d columns", maxColumns)
	}
	return chosen, err
}

func defaultColumns(o *options) []*column {
	switch {
	case o.allColumns:
		return byName(columnNames()[:ownColumns])
	case o.namespace != 0:
		return byName(strings.Fields("PID PPID USER COMMAND"))
	case o.kinds.Has(ns.Net):
		return byName(strings.Fields("NS TYPE NPROCS PID USER NETNSID NSFS COMMAND"))
	}
	return byName(strings.Fields("NS TYPE NPROCS PID USER COMMAND"))
}

func byName(names []string) []*column {
	var found []*column
	for _, name := range names {
		found = append(found, findColumn(name))
	}
	return found
}

// parseColumns reads the list of -o. As in util-linux, an empty element fails
// without a word, a message shows the rest of the list from the unknown name
// on, and the last element takes a trailing comma with it.
func parseColumns(list string) ([]*column, error) {
	var found []*column
	for rest, more := list, true; more; {
		if rest == "" || rest[0] == ',' && rest != "," {
			return nil, applet.Exit(1)
		}
		element := rest
		var name string
		name, rest, more = strings.Cut(rest, ",")
		c := findColumn(name)
		if c == nil || more && rest == "" {
			return nil, applet.Failf("unknown column: %s", element)
		}
		found = append(found, c)
	}
	return found, nil
}

// listColumns answers --list-columns.
func listColumns(w *bufio.Writer, o *options) {
	t := table.Table{Name: "lsns-columns", Columns: []table.Column{
		{Name: "HOLDER", Right: true}, {Name: "TYPE"}, {Name: "DESCRIPTION"}}}
	layout := table.Layout{Format: formatOf(o, os.Getenv("LIBSMARTCOLS_JSON")), NoHeadings: true}
	for i := range columns {
		kind := "<string>"
		if columns[i].Number {
			kind = "<integer>"
		}
		t.Rows = append(t.Rows, &table.Row{Cells: []string{columns[i].Name, kind, columns[i].help}})
	}
	t.Write(w, layout)
}
