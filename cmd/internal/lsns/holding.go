package lsns

import (
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/visible"
	"github.com/nskit/nskit/pkg/containers"
)

// held is a thing that keeps busy what --holding asks about.
type held struct {
	// how is the way: mount, cwd, fd 7, loop, thread; where the place of it.
	how, where string
	// holders keep the mount namespace of a mount alive.
	holders []string
	// release is the command that would let go, "" for none that is known.
	release string
	// mounted is the mount of a row that is one, or that a process uses.
	mounted *census.Mounted
	// under is the index of the row that this one belongs below, -1 for none.
	under int
}

// heldColumns are the columns of --holding.
var heldColumns = table.Set[answered, needs]{
	{Column: table.Column{Name: "NS", Hint: 10, Right: true, Number: true, Style: "36"}, Help: "mount namespace of the mount; else the namespace that is held", Cell: heldInodeCell},
	{Column: table.Column{Name: "HOW", Style: "33"}, Help: "mount, process, thread, fd, cwd, loop and others", Cell: func(r answered) string { return r.held.how }},
	{Column: table.Column{Name: "WHERE"}, Help: "mount point, file, device or namespace", Cell: func(r answered) string { return r.held.where }},
	{Column: table.Column{Name: "HOLDER", Lines: true}, Help: "what keeps that alive", Cell: holderCell},
	{Column: table.Column{Name: "PID", Hint: 5, Right: true, Number: true}, Help: "process that holds it", Cell: func(r answered) string { return known(r.pid, 1) }},
	{Column: table.Column{Name: "USER"}, Help: "username of the PID", Needs: needs{fields: census.UID}, Cell: heldUserCell},
	{Column: table.Column{Name: "CTR"}, Help: "container of the PID", Needs: needs{fields: census.Age}, Cell: heldContainerCell},
	{Column: table.Column{Name: "AGE", Right: true, Number: true}, Help: "time since the PID was started", Needs: needs{fields: census.Age},
		Cell: func(r answered) string { return ageCell(shown{r.view, r.row}) }, Plain: func(r answered) string { return secondsCell(shown{r.view, r.row}) }},
	{Column: table.Column{Name: "COMMAND", Shrink: true}, Help: "command line of the PID", Needs: needs{fields: census.Command}, Cell: func(r answered) string { return r.Command }},
	{Column: table.Column{Name: "RELEASE"}, Help: "command that releases it", Cell: func(r answered) string { return r.held.release }},
	{Column: table.Column{Name: "DEVICE"}, Help: "device number of the file system", Cell: heldDeviceCell},
	{Column: table.Column{Name: "FSTYPE"}, Help: "type of the file system", Cell: heldTypeCell},
	{Column: table.Column{Name: "SOURCE"}, Help: "what is mounted", Cell: heldSourceCell},
	{Column: table.Column{Name: "FSROOT"}, Help: "directory of the file system that is mounted", Cell: heldRootCell},
}

const heldDefault = "NS,HOW,WHERE,HOLDER,CTR,COMMAND,RELEASE"

func heldInodeCell(r answered) string {
	if r.ns == nil {
		return ""
	}
	return positive(uint64(r.ns.Inode))
}

func holderCell(r answered) string {
	text := ""
	for i, line := range r.held.holders {
		if i > 0 {
			text += "\n"
		}
		text += oneLine(line)
	}
	return text
}

func heldUserCell(r answered) string {
	if r.pid == 0 || r.UID < 0 {
		return ""
	}
	return r.users.name(r.UID)
}

func heldContainerCell(r answered) string {
	if r.ns == nil || r.pid == 0 {
		return ""
	}
	return containerCell(shown{r.view, r.row})
}

func heldDeviceCell(r answered) string {
	if r.held.mounted == nil {
		return ""
	}
	return r.held.mounted.Device.String()
}

func heldTypeCell(r answered) string {
	if r.held.mounted == nil {
		return ""
	}
	return r.held.mounted.Type
}

func heldSourceCell(r answered) string {
	if r.held.mounted == nil {
		return ""
	}
	return r.held.mounted.Source
}

func heldRootCell(r answered) string {
	if r.held.mounted == nil {
		return ""
	}
	return r.held.mounted.Root
}

// showHolding answers --holding.
func showHolding(inv *applet.Invocation, o *options) error {
	first, branches := heldDefault, "WHERE"
	if o.tree != noTree {
		first = "WHERE,HOW,HOLDER,CTR,COMMAND,RELEASE"
	}
	a, err := answerPlan(o, "holders", heldColumns, first, branches)
	if err != nil {
		return err
	}
	subject, err := subjectOf(o.holding.Text)
	if err != nil {
		return err
	}
	useAllCPUs()
	h := &holding{answer: a, subject: subject}
	if subject.namespace != 0 {
		err = h.namespace()
	} else {
		err = h.mounts()
	}
	if err != nil {
		return err
	}
	t := a.answerTable()
	if t.Rows, err = h.lines(); err != nil {
		return err
	}
	if h.view != nil && h.view.reader.Err() != nil {
		return h.view.reader.Err()
	}
	t.Write(inv.Stdout, a.layout)
	return nil
}

// holding is an answer in the making.
type holding struct {
	*answer
	subject *subject
	view    *view
	rows    []*heldRow
	// ways are those into mount namespaces, by inode.
	ways map[census.Inode]*entrance
}

// heldRow is a row and the process that it names.
type heldRow struct {
	row
	held
}

// take reads the processes and namespaces.
func (h *holding) take(reading census.Options) error {
	snapshot, err := census.Take(reading)
	if err != nil {
		return err
	}
	h.view = newView(h.plan, snapshot)
	h.ways = map[census.Inode]*entrance{}
	return nil
}

// add adds a row; space is nil where no namespace has to do with it.
func (h *holding) add(space *census.Namespace, pid int, what held) int {
	h.rows = append(h.rows, &heldRow{row{ns: space, pid: pid, Details: &unknown}, what})
	return len(h.rows) - 1
}

// lines makes table rows; in a tree what a mount namespace has is below it.
func (h *holding) lines() ([]*table.Row, error) {
	d := detailed{h.view.reader, h.fields, map[int]*census.Details{}}
	h.readAhead(&d)
	var top []*table.Row
	made := make([]*table.Row, len(h.rows))
	spaces := map[*census.Namespace]*table.Row{}
	for i, r := range h.rows {
		if r.pid != 0 && h.fields != 0 && !d.fill(&r.row) && r.mounted == nil {
			continue // it has ended
		}
		line, err := h.answerLine(heldColumns, answered{view: h.view, row: &r.row, held: &r.held})
		if err != nil {
			return nil, err
		}
		made[i] = line
		if line == nil {
			continue
		}
		switch {
		case h.tree == noTree:
			top = append(top, line)
		case r.under >= 0 && made[r.under] != nil:
			made[r.under].Children = append(made[r.under].Children, line)
		case r.ns != nil:
			above := spaces[r.ns]
			if above == nil {
				above = h.spaceLine(r)
				spaces[r.ns], top = above, append(top, above)
			}
			above.Children = append(above.Children, line)
		default:
			top = append(top, line)
		}
	}
	return top, nil
}

// readAhead reads what the rows tell of processes, on all CPUs: a mount can have a holder in each of a thousand
// mount namespaces. What a goroutine cannot read for a lack of descriptors stays for whoever wants it.
func (h *holding) readAhead(d *detailed) {
	if h.fields == 0 {
		return
	}
	var pids []int
	met := map[int]bool{0: true} // no process
	for _, r := range h.rows {
		if !met[r.pid] {
			met[r.pid] = true
			pids = append(pids, r.pid)
		}
	}
	named := false
	for _, c := range h.answer.columns {
		named = named || c.Name == "CTR"
	}
	if named {
		h.view.containers.begin()
	}
	read, names := make([]*census.Details, len(pids)), make([]containerName, len(pids))
	var next atomic.Int64
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			reader := h.view.snapshot.Reader()
			for i := int(next.Add(1)) - 1; i < len(pids); i = int(next.Add(1)) - 1 {
				details, ok := reader.Details(pids[i], h.fields)
				if reader.Err() != nil {
					return
				}
				if !ok {
					continue
				}
				read[i] = &details
				if named && details.Started != 0 {
					names[i] = h.view.containers.find(containers.Process{PID: pids[i], Started: details.Started})
				}
			}
		})
	}
	group.Wait()
	for i, pid := range pids {
		if read[i] != nil {
			d.known[pid] = read[i]
			if named && read[i].Started != 0 {
				h.view.containers.names[pid] = names[i]
			}
		}
	}
}

// spaceLine is the row of a namespace in a tree.
func (h *holding) spaceLine(r *heldRow) *table.Row {
	what := held{how: "namespace", where: nameOf(r.ns)}
	line := &table.Row{}
	for _, c := range h.answer.columns {
		line.Cells = append(line.Cells, c.Text(answered{view: h.view, row: &row{ns: r.ns, Details: &unknown}, held: &what}, h.machine))
	}
	return line
}

// entrance is how to get into a mount namespace, and what keeps that alive.
type entrance struct {
	holders []string
	pid     int
	// command comes before one that is to be run in there, "" for the caller's own.
	command string
	known   bool
}

// way is the way into a mount namespace.
func (h *holding) way(inode census.Inode) *entrance {
	if e := h.ways[inode]; e != nil {
		return e
	}
	e := &entrance{}
	h.ways[inode] = e // a bind mount of it can be in itself
	space := h.view.snapshot.Find(inode)
	if space == nil {
		return e
	}
	e.holders, e.pid = h.keepers(space)
	switch {
	case h.isOwn(inode):
		e.known = true
	case space.PID != 0:
		e.command, e.known = "nsenter -t "+strconv.Itoa(space.PID)+" -m ", true
	default:
		h.otherWay(e, space)
	}
	return e
}

// otherWay is the way into a mount namespace that no process is in.
func (h *holding) otherWay(e *entrance, space *census.Namespace) {
	if len(space.Mounts) > 0 {
		e.command, e.known = "nsenter --mount="+visible.Word(space.Mounts[0])+" ", true
		return
	}
	for _, holder := range space.Holders {
		switch holder.How {
		case census.ByThread:
			e.command, e.known = "nsenter -t "+strconv.Itoa(holder.TID)+" -m ", true
		case census.ByDescriptor:
			e.command, e.known = "nsenter --mount="+descriptorPath(holder)+" ", true
		case census.ByMount:
			if outer := h.way(holder.Namespace); outer.known {
				e.command, e.known = outer.command+"nsenter --mount="+visible.Word(holder.Path)+" ", true
			}
		}
		if e.known {
			return
		}
	}
}

// descriptorPath is the path of a descriptor of a process or thread.
func descriptorPath(holder census.Holder) string {
	path := "/proc/" + strconv.Itoa(holder.PID)
	if holder.TID != 0 {
		path += "/task/" + strconv.Itoa(holder.TID)
	}
	return path + "/fd/" + strconv.Itoa(holder.FD)
}

// keepers say in words what keeps a namespace alive, and name a process.
func (h *holding) keepers(space *census.Namespace) (words []string, pid int) {
	if space.PID != 0 {
		text := "process " + strconv.Itoa(space.PID)
		if space.Processes > 1 {
			text += " and " + strconv.Itoa(space.Processes-1) + " more"
		}
		words, pid = append(words, text), space.PID
	}
	for _, holder := range space.Holders {
		if h.isSelf(holder) {
			continue
		}
		words = append(words, holder.String())
		if pid == 0 {
			pid = holder.PID
		}
	}
	for _, path := range space.Mounts {
		words = append(words, "mount "+path)
	}
	return words, pid
}

// isSelf tells what this process itself holds, as a descriptor that it has inherited: it is about to end.
func (h *holding) isSelf(by census.Holder) bool { return by.PID != 0 && by.PID == h.view.snapshot.Self }

// isOwnParent tells the process that has started this one: a shell, mostly.
func isOwnParent(pid int) bool { return pid == unix.Getppid() }
