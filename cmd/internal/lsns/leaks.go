package lsns

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/containers"
	"github.com/nskit/nskit/pkg/ns"
)

// maxNamed is how many holders of one kind are named: the rest is a number.
const maxNamed = 10

// leakCell is the column HOLDERS of --diff. Who reads it later finds no process any more
// to ask, so it names the processes in the namespace, too, and each with its command.
func leakCell(r shown) string {
	l := leak{view: r.view, met: map[census.Inode]bool{}}
	lines := l.holders(r.ns)
	if len(lines) == 0 {
		return "unknown"
	}
	return strings.Join(lines, "\n")
}

// leak is a search for the holders of a namespace.
type leak struct {
	*view
	met map[census.Inode]bool
}

// holders are a line for each holder.
func (l *leak) holders(space *census.Namespace) []string {
	l.met[space.Inode] = true
	var all named
	for _, pid := range l.snapshot.Members(space) {
		all.add("processes", func() string { return l.member(pid) })
	}
	for _, path := range space.Mounts {
		if slices.Contains(space.Covered, path) {
			path += " (covered)"
		}
		all.add("mounts", func() string { return "mount " + oneLine(path) })
	}
	for i := range space.Holders {
		h := &space.Holders[i]
		switch h.How {
		case census.ByMount:
			all.add("mounts", func() string { return oneLine(h.String()) + l.of(l.snapshot.Find(h.Namespace)) })
		case census.ByChild:
			all.add("namespaces below", func() string { return "below: " + l.through(h.Namespace) })
		case census.ByOwned:
			all.add("owned namespaces", func() string { return "owned: " + l.through(h.Namespace) })
		default:
			all.add("holders", func() string { return h.String() + " " + l.command(h.PID) })
		}
	}
	return all.lines()
}

// named are the holders of each kind as far as they are named.
type named struct {
	texts []string
	kinds []string
	more  []int // of each kind
}

func (n *named) add(kind string, text func() string) {
	i := slices.Index(n.kinds, kind)
	if i < 0 {
		i = len(n.kinds)
		n.kinds, n.more = append(n.kinds, kind), append(n.more, -maxNamed)
	}
	if n.more[i]++; n.more[i] <= 0 {
		n.texts = append(n.texts, text())
	}
}

func (n *named) lines() []string {
	for i, kind := range n.kinds {
		if n.more[i] > 0 {
			n.texts = append(n.texts, fmt.Sprintf("%d more %s", n.more[i], kind))
		}
	}
	return n.texts
}

// member is a process in the namespace; of a zombie it is the parent that
// would have to wait for it.
func (l *leak) member(pid int) string {
	d, ok := l.reader.Details(pid, census.Status|census.PPID)
	if ok && d.Zombie() {
		return fmt.Sprintf("zombie %d %s, child of %d %s", pid, l.command(pid), d.PPID, l.command(d.PPID))
	}
	return fmt.Sprintf("process %d %s", pid, l.command(pid))
}

// through is a namespace that holds another one, and what holds it.
func (l *leak) through(inode census.Inode) string {
	space := l.snapshot.Find(inode)
	if space == nil {
		return decimal(inode)
	}
	return nameOf(space) + l.of(space)
}

// of is the first holder of a namespace, behind a comma.
func (l *leak) of(space *census.Namespace) string {
	if space == nil || l.met[space.Inode] {
		return ""
	}
	if lines := l.holders(space); len(lines) > 0 {
		return ", " + lines[0]
	}
	return ""
}

// nameOf is what the links in /proc/PID/ns have.
func nameOf(space *census.Namespace) string { return linkText(space.Kind, space.Inode) }

func linkText(kind ns.Kind, inode census.Inode) string {
	return kind.String() + ":[" + decimal(inode) + "]"
}

// command is the command line of a process and its container.
func (v *view) command(pid int) string {
	if text, met := v.commands[pid]; met {
		return text
	}
	text := ""
	if d, ok := v.reader.Details(pid, census.Command|census.Age); ok {
		text = strings.TrimSpace(oneLine(d.Command))
		if name := v.containers.of(containers.Process{PID: pid, Started: d.Started}).name; name != "" {
			text += " (container " + name + ")"
		}
	}
	if v.commands == nil {
		v.commands = map[int]string{}
	}
	v.commands[pid] = text
	return text
}

// texts are what the patterns of --ignore are matched with.
func (r shown) texts() []string {
	texts := []string{nameOf(r.ns), r.Command, r.CgroupPath, r.container().name, r.container().pod}
	texts = append(texts, r.ns.Mounts...)
	for _, h := range r.ns.Holders {
		if h.How == census.ByMount {
			texts = append(texts, h.Path)
		}
	}
	return texts
}

// ignores tells whether a pattern of --ignore fits one of the texts.
func (o *options) ignores(texts []string) bool {
	for _, pattern := range o.ignore {
		if slices.ContainsFunc(texts, func(text string) bool { return text != "" && matches(pattern, text) }) {
			return true
		}
	}
	return false
}

// savedTexts are those of a saved row.
func savedTexts(kind ns.Kind, inode uint64, object map[string]string) []string {
	texts := []string{linkText(kind, census.Inode(inode))}
	for _, name := range []string{"command", "cgroup", "ctr", "pod"} {
		texts = append(texts, object[name])
	}
	return append(texts, strings.Split(object["nsfs"], "\n")...)
}
