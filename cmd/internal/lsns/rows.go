package lsns

import (
	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/rtnl"
	"github.com/nskit/nskit/pkg/ns"
)

// view is a snapshot under a plan.
type view struct {
	plan       *plan
	snapshot   *census.Snapshot
	reader     *census.Reader
	users      users
	containers containerNames
	counted    counted
	creators   creators
	// commands are the command lines of holders by PID.
	commands map[int]string
}

// row is one row: a namespace and its lowest process, or one process of the
// namespace that was asked for.
type row struct {
	ns  *census.Namespace
	pid int
	// process says that the row stands for that process and no other.
	process bool
	// Details are shared by the rows of a process.
	*census.Details
}

// unknown are the details of a row without a process.
var unknown = census.Details{UID: -1, PPID: -1}

func newRow(space *census.Namespace, pid int) *row {
	return &row{ns: space, pid: pid, Details: &unknown}
}

func newProcessRow(space *census.Namespace, pid int) *row {
	r := newRow(space, pid)
	r.process = true
	return r
}

func newView(p *plan, snapshot *census.Snapshot) *view {
	snapshot.NetIDs = &rtnl.NetIDs{}
	return &view{plan: p, snapshot: snapshot, reader: snapshot.Reader()}
}

// relate asks the kernel what the plan needs to know about which namespaces.
func (v *view) relate() error {
	p := v.plan
	if p.ancestors && p.askAll&census.Ancestors == 0 {
		// Where the kernel does not tell, there are no such rows: no error.
		_ = v.snapshot.Relate(census.Parents|census.Owners|census.Ancestors, nil)
	}
	for _, question := range []struct {
		ask  census.Ask
		only func(*census.Namespace) bool
	}{
		{p.askAll, nil},
		{p.ask, v.selected},
		{p.askIdle, func(space *census.Namespace) bool { return space.Processes == 0 && v.selected(space) }},
	} {
		if question.ask == 0 {
			continue
		}
		if err := v.snapshot.Relate(question.ask, question.only); err != nil {
			return err
		}
	}
	if p.holders {
		v.snapshot.HoldByRelation()
	}
	return nil
}

// selected tells whether the options other than --filter let a namespace be shown.
func (v *view) selected(space *census.Namespace) bool {
	p := v.plan
	switch {
	case p.kinds != 0 && !p.kinds.Has(space.Kind):
		return false
	case p.namespace != 0:
		return space.Inode == p.namespace
	case p.persistent:
		return space.Processes == 0
	case p.self:
		return v.holds(v.snapshot.Self, space)
	case p.task != 0:
		return v.holds(p.task, space)
	}
	return true
}

// holds tells whether a process is in a namespace, or with -p self will have
// its children in it.
func (v *view) holds(pid int, space *census.Namespace) bool {
	if task := v.snapshot.Process(pid); task != nil && task.Namespaces[space.Kind] == space.Inode {
		return true
	}
	for _, h := range space.Holders {
		if h.How == census.ByChildren && h.PID == pid && v.plan.self {
			return true
		}
	}
	return false
}

// own is the caller's namespace of a kind, 0 where the snapshot does not have it.
func (v *view) own(kind ns.Kind) census.Inode {
	if self := v.snapshot.Process(v.snapshot.Self); self != nil {
		return self.Namespaces[kind]
	}
	return 0
}

// rows are the rows to show, complete.
func (v *view) rows() ([]*row, error) {
	rows := v.candidates()
	if v.plan.filter == nil {
		rows, _ = v.read(rows, v.plan.after)
		return rows, nil
	}
	rows, _ = v.read(rows, v.plan.before)
	rows, err := v.matching(rows)
	if err != nil {
		return nil, err
	}
	rows, changed := v.read(rows, v.plan.before|v.plan.after)
	if changed {
		return v.matching(rows)
	}
	return rows, nil
}

// candidates are the rows before the filter, in the order of their inodes or,
// in one namespace, PIDs.
func (v *view) candidates() []*row {
	var rows []*row
	if v.plan.namespace != 0 {
		space := v.snapshot.Find(v.plan.namespace)
		for _, pid := range v.snapshot.Members(space) {
			rows = append(rows, newProcessRow(space, pid))
		}
		return rows
	}
	wanted := v.closure()
	rows = make([]*row, 0, len(v.snapshot.Namespaces))
	for i := range v.snapshot.Namespaces {
		if space := &v.snapshot.Namespaces[i]; wanted[space.Inode] || wanted == nil && v.selected(space) {
			rows = append(rows, newRow(space, space.PID))
		}
	}
	return rows
}

// closure is what is selected and, in a tree of namespaces, what of the kinds
// asked for leads there; nil where there is no such tree.
func (v *view) closure() map[census.Inode]bool {
	if v.plan.tree == byProcess || v.plan.tree == noTree {
		return nil
	}
	wanted := map[census.Inode]bool{}
	var want func(space *census.Namespace)
	want = func(space *census.Namespace) {
		if space == nil || wanted[space.Inode] || !v.plan.draws(space.Kind) {
			return
		}
		wanted[space.Inode] = true
		for _, inode := range v.plan.leading(space) {
			want(v.snapshot.Find(inode))
		}
	}
	for i := range v.snapshot.Namespaces {
		if space := &v.snapshot.Namespaces[i]; v.selected(space) {
			want(space)
		}
	}
	return wanted
}

// read fills in the details of the rows' processes. A process that has ended
// since the snapshot gives its place to the next one of the namespace; changed says that
// one did. Rows that nothing is left of are not returned.
func (v *view) read(rows []*row, fields census.Fields) (kept []*row, changed bool) {
	if fields == 0 {
		return rows, false
	}
	d := detailed{v.reader, fields, map[int]*census.Details{}}
	kept = rows[:0]
	for _, r := range rows {
		pid := r.pid
		if pid != 0 && !d.fill(r) {
			v.replace(r, &d)
		}
		changed = changed || r.pid != pid
		if r.pid != 0 || !r.process && r.ns.Processes == 0 {
			kept = append(kept, r)
		}
	}
	return kept, changed
}

// replace gives a row whose process has ended the next one of the namespace, or
// none if others keep that alive.
func (v *view) replace(r *row, d *detailed) {
	gone := r.pid
	if r.pid, r.Details = 0, &unknown; r.process {
		return
	}
	for _, pid := range v.snapshot.Members(r.ns) {
		if r.pid = pid; pid > gone && d.fill(r) {
			r.ns.PID = pid
			return
		}
	}
	r.pid, r.ns.PID = 0, 0
	if len(r.ns.Mounts)+len(r.ns.Holders) > 0 {
		r.ns.Processes = 0
		_ = v.snapshot.Relate(v.plan.askIdle, func(space *census.Namespace) bool { return space == r.ns }) // what cannot be asked stays empty
	}
}

// detailed are the details of processes by PID, nil for one that has ended.
type detailed struct {
	reader *census.Reader
	fields census.Fields
	known  map[int]*census.Details
}

// fill fills in the details of a row; false when its process has ended.
func (d *detailed) fill(r *row) bool {
	details, met := d.known[r.pid]
	if !met {
		if read, ok := d.reader.Details(r.pid, d.fields); ok {
			details = &read
		}
		d.known[r.pid] = details
	}
	if details != nil {
		r.Details = details
	}
	return details != nil
}

// matching returns the rows for which the filter is true.
func (v *view) matching(rows []*row) ([]*row, error) {
	var kept []*row
	for _, r := range rows {
		ok, err := v.plan.passes(func(name string) (*table.Column, string) {
			c := columns.Find(name)
			return &c.Column, c.Text(shown{v, r}, true)
		})
		if err != nil {
			return nil, err
		}
		if ok {
			kept = append(kept, r)
		}
	}
	return kept, nil
}

// line makes a row of the table.
func (v *view) line(r *row) *table.Row {
	line := &table.Row{Cells: make([]string, len(v.plan.columns))}
	for i, c := range v.plan.columns {
		line.Cells[i] = c.Text(shown{v, r}, v.plan.machine)
	}
	if r.ns.Processes == 0 {
		line.Style = "2"
	}
	return line
}
