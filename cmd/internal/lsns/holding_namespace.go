package lsns

import (
	"strconv"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/visible"
	"github.com/nskit/nskit/pkg/ns"
)

// namespace finds what keeps a namespace alive.
func (h *holding) namespace() error {
	want := allHolders&^census.OnlyMounts | census.AllMounts | census.Listed
	if err := h.take(census.Options{Want: want}); err != nil {
		return err
	}
	// Where the kernel does not tell, there are no such holders: no error.
	_ = h.view.snapshot.Relate(census.Parents|census.Owners|census.Ancestors, nil)
	h.view.snapshot.HoldByRelation()
	space := h.view.snapshot.Find(h.subject.namespace)
	if space == nil {
		return h.unseen()
	}
	for _, pid := range h.view.snapshot.Members(space) {
		if pid != h.view.snapshot.Self {
			h.member(space, pid)
		}
	}
	if len(space.Mounts) > 0 {
		h.bound(space)
	}
	for _, holder := range space.Holders {
		if !h.isSelf(holder) {
			h.holder(space, holder)
		}
	}
	if len(h.rows) == 0 && space.Processes == 0 && len(space.Holders) == 0 {
		h.hidden(space, h.view.snapshot.Hidden(space.Inode))
	}
	return nil
}

// unseen is for a namespace that nothing leads to. Before Linux 6.19, which lists them all, it may
// exist nevertheless.
func (h *holding) unseen() error {
	inode := h.subject.namespace
	found := h.view.snapshot.Hidden(inode)
	for _, by := range found {
		if by.Waiting == 0 {
			h.hidden(&census.Namespace{Inode: inode, Kind: by.Kind}, found)
			return nil
		}
	}
	err := applet.Failf("not found namespace: %d", inode)
	err.Hint = "if it exists, " + heldInvisibly
	for i, by := range found[:min(len(found), maxWaiting)] {
		err.Hint += [...]string{"; descriptors wait at socket ", ", "}[min(i, 1)] + descriptorOf(by)
	}
	return err
}

// heldInvisibly is all that neither a link of /proc nor a mount of a namespace tells of.
const heldInvisibly = "a message between sockets, a file of an io_uring (Linux 6.12 and before), an open file of /proc/PID/net, or a mounted proc or other file system holds it"

// maxWaiting is how many sockets are named where each may be it.
const maxWaiting = 10

// hidden adds what holds a namespace unseen: an io_uring that names it, else what may.
func (h *holding) hidden(space *census.Namespace, found []census.Hidden) {
	var may []string
	for _, by := range found {
		if by.Waiting > 0 {
			may = append(may, "perhaps socket "+descriptorOf(by))
			continue
		}
		where := descriptorPath(census.Holder{PID: by.PID, FD: by.FD})
		h.add(space, by.PID, held{how: "io_uring", where: where, holders: []string{"io_uring " + descriptorOf(by)}, release: h.kill(by.PID), under: -1})
	}
	if len(h.rows) == 0 {
		holders := append([]string{"unknown: " + heldInvisibly}, may[:min(len(may), maxWaiting)]...)
		h.add(space, 0, held{how: "unknown", holders: holders, under: -1})
	}
}

func descriptorOf(by census.Hidden) string { return strconv.Itoa(by.PID) + "/" + strconv.Itoa(by.FD) }

// bound adds the bind mounts that the caller has.
func (h *holding) bound(space *census.Namespace) {
	inode := h.view.own(ns.Mount)
	own, way := h.view.snapshot.Find(inode), h.way(inode)
	for _, path := range space.Mounts {
		h.add(own, way.pid, held{how: "mount", where: path, holders: way.holders, release: "umount " + visible.Word(path), under: -1})
	}
}

// member adds a process that is in the namespace. One that has ended and was not waited for
// holds the PID and user namespaces: its parent, or who traces it, lets go.
func (h *holding) member(space *census.Namespace, pid int) {
	what := held{how: "process", where: "/proc/" + strconv.Itoa(pid), holders: []string{"process " + strconv.Itoa(pid)}, under: -1}
	d, ok := h.view.reader.Details(pid, census.Status|census.PPID)
	if !ok {
		return
	}
	switch {
	case d.Zombie() && d.Tracer != 0:
		what.how, what.holders = "zombie", []string{"tracer " + strconv.Itoa(d.Tracer)}
		what.release = h.kill(d.Tracer)
	case d.Zombie() && d.PPID > 0:
		what.how, what.holders = "zombie", []string{"parent " + strconv.Itoa(d.PPID)}
		what.release = h.kill(d.PPID)
	case d.Zombie(): // the parent is in a PID namespace above
		what.how = "zombie"
	case d.Exiting():
		what.how = "ending"
	default:
		what.release = killCommand(pid, &d)
	}
	h.add(space, pid, what)
}

// kill is the command that ends a process.
func (h *holding) kill(pid int) string {
	d, _ := h.view.reader.Details(pid, census.Status)
	return killCommand(pid, &d)
}

// killCommand has SIGKILL for the first process of a PID namespace below the one that /proc shows:
// no other signal from outside ends it unless it waits for it.
func killCommand(pid int, d *census.Details) string {
	if d.Innermost == 1 && pid != 1 {
		return "kill -KILL " + strconv.Itoa(pid)
	}
	return "kill " + strconv.Itoa(pid)
}

// holder adds something else that keeps the namespace alive.
func (h *holding) holder(space *census.Namespace, by census.Holder) {
	what := held{holders: []string{by.String()}, under: -1}
	if by.PID != 0 {
		what.release = h.kill(by.PID)
	}
	pid := by.PID
	switch by.How {
	case census.ByThread:
		what.how, what.where = "thread", "/proc/"+strconv.Itoa(by.PID)+"/task/"+strconv.Itoa(by.TID)
	case census.ByDescriptor:
		what.how, what.where = "fd", descriptorPath(by)
	case census.BySocket:
		what.how, what.where = "socket", descriptorPath(by)
	case census.ByChildren:
		what.how, what.where = "children", "/proc/"+strconv.Itoa(by.PID)
	case census.ByMount:
		way := h.way(by.Namespace)
		what.how, what.where, what.holders, pid = "mount", by.Path, way.holders, way.pid
		if way.known {
			what.release = way.command + "umount " + visible.Word(by.Path)
		}
		space = h.view.snapshot.Find(by.Namespace)
	default:
		h.relation(&what, by, &pid)
	}
	h.add(space, pid, what)
}

// relation is a namespace below this one, or owned by it: what holds that, holds this.
func (h *holding) relation(what *held, by census.Holder, pid *int) {
	what.how = "below"
	if by.How == census.ByOwned {
		what.how = "owned"
	}
	what.release = "lsns --holding " + decimal(by.Namespace)
	other := h.view.snapshot.Find(by.Namespace)
	if other == nil {
		return
	}
	what.where = nameOf(other)
	if last := h.trueHolder(other, map[census.Inode]bool{}); last != nil {
		what.holders, *pid = h.keepers(last)
	}
}

// trueHolder is a namespace, or the first of those below it and owned by it, that something
// else than a relation keeps alive; nil for none.
func (h *holding) trueHolder(space *census.Namespace, seen map[census.Inode]bool) *census.Namespace {
	if space == nil || seen[space.Inode] {
		return nil
	}
	seen[space.Inode] = true
	if space.Processes > 0 || len(space.Mounts) > 0 {
		return space
	}
	for _, by := range space.Holders {
		if by.How != census.ByChild && by.How != census.ByOwned {
			return space
		}
	}
	for _, by := range space.Holders {
		if found := h.trueHolder(h.view.snapshot.Find(by.Namespace), seen); found != nil {
			return found
		}
	}
	return nil
}
