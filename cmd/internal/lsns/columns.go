package lsns

import (
	"bufio"
	"errors"
	"os"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
)

// column is a column of lsns.
type column = table.Of[shown, needs]

// shown is a row in its view.
type shown struct {
	*view
	*row
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
	// owners says that the user namespaces above have to be known.
	owners bool
}

// ownColumns is where the columns begin that util-linux does not have.
const ownColumns = 13

// maxColumns is how many columns a list may have.
const maxColumns = 2 * ownColumns

// columns are all columns, util-linux's in its order first. The table is such
// that the compiler fills it in: every start of every applet would pay for more.
var columns = table.Set[shown, needs]{
	{Column: table.Column{Name: "NS", Hint: 10, Right: true, Number: true, Style: "36"}, Help: "namespace identifier (inode number)", Cell: inodeCell},
	{Column: table.Column{Name: "TYPE", Hint: 5, Style: "33"}, Help: "kind of namespace", Cell: typeCell},
	{Column: table.Column{Name: "PATH"}, Help: "path to the namespace", Cell: pathCell},
	{Column: table.Column{Name: "NPROCS", Hint: 5, Right: true, Number: true}, Help: "number of processes in the namespace", Cell: processesCell},
	{Column: table.Column{Name: "PID", Hint: 5, Right: true, Number: true}, Help: "lowest PID in the namespace", Cell: pidCell},
	{Column: table.Column{Name: "PPID", Hint: 5, Right: true, Number: true}, Help: "PPID of the PID", Needs: needs{fields: census.PPID}, Cell: ppidCell},
	{Column: table.Column{Name: "COMMAND", Shrink: true}, Help: "command line of the PID", Needs: needs{fields: census.Command}, Cell: commandCell},
	{Column: table.Column{Name: "UID", Right: true, Number: true}, Help: "UID of the PID",
		Needs: needs{fields: census.UID, ask: census.OwnerUIDs, idle: true}, Cell: uidCell},
	{Column: table.Column{Name: "USER"}, Help: "username of the PID", Needs: needs{fields: census.UID, ask: census.OwnerUIDs, idle: true}, Cell: userCell},
	{Column: table.Column{Name: "NETNSID", Right: true}, Help: "namespace ID as used by network subsystem", Needs: needs{ask: census.NetIDs}, Cell: netIDCell},
	{Column: table.Column{Name: "NSFS", Lines: true}, Help: "nsfs mountpoint (usually used network subsystem)", Cell: mountsCell},
	{Column: table.Column{Name: "PNS", Hint: 10, Right: true, Number: true}, Help: "parent namespace identifier (inode number)",
		Needs: needs{ask: census.Parents}, Cell: parentCell},
	{Column: table.Column{Name: "ONS", Hint: 10, Right: true, Number: true}, Help: "owner namespace identifier (inode number)",
		Needs: needs{ask: census.Owners}, Cell: ownerCell},

	{Column: table.Column{Name: "HOLDERS", Lines: true}, Help: "what else keeps the namespace alive, and where",
		Needs: needs{want: census.AllMounts | census.ForChildren | census.Listed, holders: true}, Cell: holdersCell},
	{Column: table.Column{Name: "NSID", Right: true, Number: true}, Help: "64-bit identifier, never reused", Needs: needs{ask: census.IDs}, Cell: idCell},
	{Column: table.Column{Name: "CGROUP"}, Help: "control group of the PID", Needs: needs{fields: census.ControlGroup}, Cell: cgroupCell},
	{Column: table.Column{Name: "CTR"}, Help: "container of the PID", Needs: needs{fields: census.Age}, Cell: containerCell},
	{Column: table.Column{Name: "AGE", Right: true, Number: true}, Help: "time since the PID was started", Needs: needs{fields: census.Age}, Cell: ageCell, Plain: secondsCell},
	{Column: table.Column{Name: "HOSTNAME"}, Help: "host name in the uts namespace", Needs: needs{ask: census.Hostnames}, Cell: hostnameCell},
	{Column: table.Column{Name: "ROOT"}, Help: "root directory of the PID", Needs: needs{fields: census.Root}, Cell: rootCell},
	{Column: table.Column{Name: "MOUNTS", Right: true, Number: true}, Help: "number of mounts in the mount namespace", Cell: mountCountCell},
	{Column: table.Column{Name: "THREADS", Right: true, Number: true}, Help: "number of threads in the namespace", Needs: needs{want: census.Threads}, Cell: threadsCell},
	{Column: table.Column{Name: "STATE"}, Help: "state of the pid namespace's init (running, exiting, stuck, zombie)", Cell: stateCell},
	{Column: table.Column{Name: "PIDINO"}, Help: "PID and its inode, as 'nsenter -t PID:INO' takes them", Needs: needs{fields: census.PidfsInode}, Cell: pidInodeCell},
	{Column: table.Column{Name: "POD"}, Help: "Kubernetes namespace/pod/container of the PID", Needs: needs{fields: census.Age}, Cell: podCell},
	{Column: table.Column{Name: "OWNER"}, Help: "user namespaces that own it, the highest first", Needs: needs{owners: true}, Cell: ownersCell},
	{Column: table.Column{Name: "CREATOR"}, Help: "who made it and when, as nskit-exporter has seen it", Cell: creatorCell},
}

// chooseColumns decides which columns there are.
func chooseColumns(o *options) ([]*column, error) {
	if o.allColumns && !o.output.Given {
		return byName(columns.Names()[:ownColumns]), nil
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
		return byName(columns.Names()[:ownColumns])
	case o.namespace != 0:
		return byName(strings.Fields("PID PPID USER COMMAND"))
	case o.diff != "":
		return byName(strings.Fields("NS TYPE NPROCS PID USER COMMAND HOLDERS"))
	case o.tree == everything:
		return byName(strings.Fields("NS TYPE NPROCS THREADS MOUNTS STATE PID USER POD COMMAND"))
	case o.kinds.Has(ns.Net):
		return byName(strings.Fields("NS TYPE NPROCS PID USER NETNSID NSFS COMMAND"))
	}
	return byName(strings.Fields("NS TYPE NPROCS PID USER COMMAND"))
}

func byName(names []string) []*column {
	var found []*column
	for _, name := range names {
		found = append(found, columns.Find(name))
	}
	return found
}

// parseColumns reads the list of -o. As in util-linux, an empty element fails
// without a word, a message shows the rest of the list from the unknown name
// on, and the last element takes a trailing comma with it.
func parseColumns(list string) ([]*column, error) {
	found, err := table.Choose(list, func(name string) (*column, bool) {
		c := columns.Find(name)
		return c, c != nil
	})
	var unknown *table.UnknownColumnError
	switch {
	case !errors.As(err, &unknown):
		return found, nil
	case unknown.Name == "" && unknown.Rest != ",":
		return nil, applet.Exit(1)
	}
	return nil, applet.Failf("unknown column: %s", unknown.Rest)
}

// listColumns answers --list-columns.
func listColumns(w *bufio.Writer, o *options) {
	t := columnsTable()
	for i := range columns {
		t.Rows = append(t.Rows, columnRow(&columns[i].Column, columns[i].Help))
	}
	t.Write(w, table.Layout{Format: formatOf(o, os.Getenv("LIBSMARTCOLS_JSON")), NoHeadings: true})
}

func columnsTable() table.Table {
	return table.Table{Name: "lsns-columns", Columns: []table.Column{
		{Name: "HOLDER", Right: true}, {Name: "TYPE"}, {Name: "DESCRIPTION"}}}
}

func columnRow(c *table.Column, help string) *table.Row {
	kind := "<string>"
	if c.Number {
		kind = "<integer>"
	}
	return &table.Row{Cells: []string{c.Name, kind, help}}
}
