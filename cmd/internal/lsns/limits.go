package lsns

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/order"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// limit is how much a user namespace has of what is limited.
type limit struct {
	// name is the kind of namespace, "user depth", "pid depth" or "mounts".
	name string
	// owned is how many the user namespace and those below it own: as many as are seen.
	owned int
	// at is the namespace whose limit is the nearest: there used of most count for the user uid.
	at         census.Inode
	used, most int
	uid        int
	// source is where the limit stands.
	source string
}

// noLimit is what a user namespace has whose limit nobody has set.
const noLimit = 1<<31 - 1

// share is how much is used, in percent.
func (l *limit) share() int {
	switch {
	case l.most == 0:
		return 100
	case l.used > 1<<24: // an impossible number, for which the product would not fit
		return 100
	}
	return l.used * 100 / l.most
}

// limitColumns are the columns of --limits.
var limitColumns = table.Set[answered, needs]{
	{Column: table.Column{Name: "NS", Hint: 10, Right: true, Number: true, Style: "36"}, Help: "user namespace", Cell: heldInodeCell},
	{Column: table.Column{Name: "LIMIT", Style: "33"}, Help: "type of namespace, user depth, pid depth, or mounts", Cell: func(r answered) string { return r.limit.name }},
	{Column: table.Column{Name: "OWNED", Right: true, Number: true}, Help: "how many it and those below it own, as far as seen: a lower bound",
		Cell: func(r answered) string { return strconv.Itoa(r.limit.owned) }},
	{Column: table.Column{Name: "AT", Hint: 10, Right: true, Number: true}, Help: "namespace with the nearest limit, this one or one above",
		Cell: func(r answered) string { return positive(uint64(r.limit.at)) }},
	{Column: table.Column{Name: "USER"}, Help: "username that the limit counts for", Cell: limitUserCell},
	{Column: table.Column{Name: "USED", Right: true, Number: true}, Help: "how many count there for that user, a lower bound", Cell: func(r answered) string { return strconv.Itoa(r.limit.used) }},
	{Column: table.Column{Name: "MAX", Right: true, Number: true}, Help: "the limit there", Cell: maximumCell, Plain: func(r answered) string { return known(r.limit.most, 0) }},
	{Column: table.Column{Name: "USE%", Right: true, Number: true}, Help: "USED as percentage of MAX", Cell: shareCell},
	{Column: table.Column{Name: "LEFT", Right: true, Number: true}, Help: "how many more there can be, at most", Cell: leftCell},
	{Column: table.Column{Name: "PID", Hint: 5, Right: true, Number: true}, Help: "lowest PID in the user namespace", Cell: func(r answered) string { return known(r.pid, 1) }},
	{Column: table.Column{Name: "CTR"}, Help: "container of the PID", Needs: needs{fields: census.Age}, Cell: heldContainerCell},
	{Column: table.Column{Name: "COMMAND", Shrink: true}, Help: "command line of the PID", Needs: needs{fields: census.Command}, Cell: func(r answered) string { return r.Command }},
	{Column: table.Column{Name: "SETTING"}, Help: "where the limit is set", Cell: func(r answered) string { return r.limit.source }},
}

const limitDefault = "NS,LIMIT,OWNED,AT,USER,USED,MAX,USE%,LEFT,COMMAND"

func limitUserCell(r answered) string {
	if r.limit.uid < 0 {
		return ""
	}
	return r.users.name(r.limit.uid)
}

func maximumCell(r answered) string {
	if r.limit.most == noLimit {
		return "none"
	}
	return known(r.limit.most, 0)
}

func shareCell(r answered) string {
	if r.limit.most < 0 {
		return ""
	}
	return strconv.Itoa(r.limit.share())
}

func leftCell(r answered) string {
	if r.limit.most < 0 {
		return ""
	}
	return strconv.Itoa(max(0, r.limit.most-r.limit.used))
}

// showLimits answers --limits.
func showLimits(inv *applet.Invocation, o *options) error {
	a, err := answerPlan(o, "limits", limitColumns, limitDefault, "")
	if err != nil {
		return err
	}
	useAllCPUs()
	snapshot, err := census.Take(census.Options{Want: allHolders | census.Listed})
	if err != nil {
		return err
	}
	v := newView(a.plan, snapshot)
	if err := snapshot.Relate(census.Parents|census.Owners|census.OwnerUIDs|census.Ancestors, nil); err != nil {
		return &applet.Error{Text: err.Error(), Code: exitUnsupported}
	}
	t := a.answerTable()
	d := detailed{v.reader, a.fields, map[int]*census.Details{}}
	for _, l := range v.limits(v.readAllLimits()) {
		if a.fields != 0 && l.row.pid != 0 {
			d.fill(l.row)
		}
		line, err := a.answerLine(limitColumns, answered{view: v, row: l.row, limit: &l.limit})
		if err != nil {
			return err
		}
		if line != nil {
			t.Rows = append(t.Rows, line)
		}
	}
	if err := v.reader.Err(); err != nil {
		return err
	}
	t.Write(inv.Stdout, a.layout)
	return nil
}

// limitRow is a limit of a user namespace.
type limitRow struct {
	limit
	row *row
}

// maxima are the limits of user namespaces, -1 for unknown; mounts is that of the system.
// own is the caller's user namespace, caller the user there.
type maxima struct {
	of     map[census.Inode]*[ns.KindCount]int
	mounts int
	own    census.Inode
	caller int
}

// limits are the rows, the nearest limit first.
func (v *view) limits(m *maxima) []limitRow {
	c := count(v.snapshot)
	var rows []limitRow
	for i := range v.snapshot.Namespaces {
		space := &v.snapshot.Namespaces[i]
		if space.Kind != ns.User {
			continue
		}
		add := func(l limit, ok bool) {
			if ok && (v.plan.kinds == 0 || v.plan.kinds.Has(kindOfLimit(l.name))) {
				rows = append(rows, limitRow{l, newRow(space, space.PID)})
			}
		}
		for _, kind := range ns.Kinds() {
			add(c.limit(space, kind, m))
		}
		add(c.userDepth(space))
		add(c.pidDepth(space))
		add(v.mostMounts(space, m.mounts))
	}
	order.Sort(rows, func(a, b *limitRow) int {
		return cmp.Or(b.share()-a.share(), b.used-a.used)
	})
	return rows
}

// kindOfLimit is the kind of namespace that a limit is about.
func kindOfLimit(name string) ns.Kind {
	if name == "mounts" {
		return ns.Mount
	}
	name, _, _ = strings.Cut(name, " ")
	kind, _ := ns.Parse(name)
	return kind
}

// mostMounts is the mount namespace with the most mounts among those that a user namespace owns.
func (v *view) mostMounts(space *census.Namespace, most int) (limit, bool) {
	l := limit{name: "mounts", most: most, uid: -1, source: mountMaxFile}
	for i := range v.snapshot.Namespaces {
		one := &v.snapshot.Namespaces[i]
		if one.Kind != ns.Mount || one.Owner != space.Inode {
			continue
		}
		if n, ok := v.snapshot.MountCount(one); ok && n > l.used {
			l.owned, l.used, l.at = n, n, one.Inode
		}
	}
	return l, l.used > 0
}

// mountMaxFile has the limit on mounts of a mount namespace, Linux 4.9.
const mountMaxFile = "/proc/sys/fs/mount-max"

// readAllLimits reads the limits of all user namespaces. Those of others than the caller's
// own are told only inside: a child goes there.
func (v *view) readAllLimits() *maxima {
	own := v.own(ns.User)
	m := &maxima{of: map[census.Inode]*[ns.KindCount]int{}, mounts: readNumber(mountMaxFile), own: own, caller: unix.Geteuid()}
	for i := range v.snapshot.Namespaces {
		space := &v.snapshot.Namespaces[i]
		switch {
		case space.Kind != ns.User:
		case space.Inode == own:
			m.of[own] = ownLimits()
		default:
			m.of[space.Inode] = limitsInside(v.snapshot, space)
		}
	}
	return m
}

// readNumber is the number that a file has, -1 where it cannot be read.
func readNumber(path string) int {
	text, err := rawfile.Read(path)
	if err != nil {
		return -1
	}
	return parseLimit(string(text))
}

// parseLimit reads a limit; -1 for what is none.
func parseLimit(text string) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 0 {
		return -1
	}
	return n
}
