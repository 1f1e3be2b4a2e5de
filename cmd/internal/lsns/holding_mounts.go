package lsns

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/visible"
	"github.com/nskit/nskit/pkg/ns"
)

// mounts finds what holds a device, a file system or a directory.
func (h *holding) mounts() error {
	s := h.subject
	if err := h.take(census.Options{Kinds: ns.SetOf(ns.Mount), Want: census.Descriptors | census.Threads | census.Uses}); err != nil {
		return err
	}
	if s.whole && len(s.wanted.Layers) == 0 { // a device: its layers are where it is mounted
		for _, m := range census.OwnMounts(&s.wanted) {
			if m.Why == census.SameFS {
				s.wanted.Layers = append(s.wanted.Layers, m.Point)
			}
		}
	}
	found := s.chosen(h.view.snapshot.Mounted(&s.wanted))
	if len(found) == 0 && s.missing {
		return s.notThere()
	}
	rows := map[uint64]int{}
	for _, own := range []bool{true, false} { // what the caller has comes first
		for i := range found {
			if m := &found[i]; h.isOwn(m.Namespace) == own {
				rows[m.ID] = h.mount(m)
			}
		}
	}
	h.devices(found)
	var nodes []census.Device
	for _, b := range s.blocks {
		nodes = append(nodes, b.Device)
	}
	var devices []census.Device
	if s.whole {
		devices = s.wanted.Devices
	}
	for _, u := range h.view.snapshot.Users(found, devices, nodes) {
		h.user(&u, rows)
	}
	h.group()
	return nil
}

// isOwn tells the caller's mount namespace.
func (h *holding) isOwn(inode census.Inode) bool { return inode == h.view.own(ns.Mount) }

// mount adds the row of a mount.
func (h *holding) mount(m *census.Mounted) int {
	way := h.way(m.Namespace)
	what := held{how: "mount", where: m.Point, holders: way.holders, mounted: m, under: -1}
	switch {
	case m.Why == census.AsLayer:
		what.how = m.Layer
	case m.Why == census.OnMount:
		what.how = "mount on it"
	}
	if m.Covered {
		what.how += ", covered"
	}
	pid := way.pid
	if m.PID != 0 {
		pid = m.PID
	}
	switch {
	case strings.HasSuffix(m.Point, "//deleted"): // no path leads there
		if pid != 0 {
			what.release = h.kill(pid)
		}
	case h.isOwn(m.Namespace):
		what.release = "umount " + visible.Word(m.Point)
	case m.PID != 0 && m.Chroot:
		what.release = "nsenter -t " + strconv.Itoa(m.PID) + " -m -r umount " + visible.Word(m.Point)
	case m.PID != 0:
		what.release = "nsenter -t " + strconv.Itoa(m.PID) + " -m umount " + visible.Word(m.Point)
	case way.known:
		what.release = way.command + "umount " + visible.Word(m.Point)
	}
	return h.add(h.view.snapshot.Find(m.Namespace), pid, what)
}

// user adds the row of a process that uses a mount.
func (h *holding) user(u *census.User, rows map[uint64]int) {
	what := held{where: u.Path, holders: []string{"process " + strconv.Itoa(u.PID)}, release: h.kill(u.PID), under: -1}
	if u.TID != 0 {
		what.holders[0] = census.Holder{How: census.ByThread, PID: u.PID, TID: u.TID}.String()
	}
	switch u.Use {
	case census.AsDirectory:
		what.how = "cwd"
		if isOwnParent(u.PID) {
			what.release = "cd /"
		}
	case census.AsRoot:
		what.how = "root"
	case census.AsProgram:
		what.how = "exe"
	case census.AsFile:
		what.how = "fd " + strconv.Itoa(u.FD)
	case census.AsMapping:
		what.how = "map"
	}
	if u.More > 0 {
		what.how += " and " + strconv.Itoa(u.More) + " more"
	}
	if u.Detached {
		what.how += ", detached"
	}
	if at, ok := rows[u.Mount]; ok {
		what.under, what.mounted = at, h.rows[at].mounted
	}
	var space *census.Namespace
	if p := h.view.snapshot.Process(u.PID); p != nil {
		space = h.view.snapshot.Find(p.Namespaces[ns.Mount])
	}
	h.add(space, u.PID, what)
}

// devices adds the devices that are made of this one, and of files in this file system.
func (h *holding) devices(found []census.Mounted) {
	s := h.subject
	for i, b := range s.blocks {
		switch {
		case i == 0 && len(s.loops) == 0, b.Partition, slices.ContainsFunc(s.loops, func(l census.Block) bool { return l.Device == b.Device }):
		case b.Mapped != "":
			h.add(nil, 0, held{how: "device", where: "/dev/mapper/" + b.Mapped, release: "dmsetup remove " + visible.Word(b.Mapped), under: -1})
		case strings.HasPrefix(b.Name, "md"):
			h.add(nil, 0, held{how: "device", where: "/dev/" + b.Name, release: "mdadm --stop /dev/" + b.Name, under: -1})
		default:
			h.add(nil, 0, held{how: "device", where: "/dev/" + b.Name, under: -1})
		}
	}
	all := s.loops
	if len(all) == 0 {
		all = h.loopsOn(found)
	}
	for _, loop := range all {
		h.add(nil, 0, held{how: "loop", where: "/dev/" + loop.Name, holders: []string{"file " + loop.Backing}, release: "losetup -d /dev/" + loop.Name, under: -1})
	}
}

// loopsOn are the loop devices whose files are on mounts that the caller has. The kernel tells the
// path of a file alone, as it is in the mount namespace of who set up the device: nothing may be
// there for the caller.
func (h *holding) loopsOn(found []census.Mounted) []census.Block {
	own := map[uint64]bool{}
	for i := range found {
		if found[i].Why != census.AsLayer && h.isOwn(found[i].Namespace) {
			own[found[i].ID] = true
		}
	}
	if len(own) == 0 {
		return nil
	}
	return slices.DeleteFunc(census.Loops(), func(b census.Block) bool {
		path, gone := strings.CutSuffix(b.Backing, " (deleted)")
		place, err := census.Locate(path)
		return err != nil || place.Mount == nil || !own[place.Mount.ID] || place.Missing && !gone
	})
}

// group puts what belongs to a mount behind it.
func (h *holding) group() {
	below := map[int][]int{}
	var order []int
	for i, r := range h.rows {
		if r.under >= 0 {
			below[r.under] = append(below[r.under], i)
		}
	}
	for i, r := range h.rows {
		if r.under < 0 {
			order = append(append(order, i), below[i]...)
		}
	}
	rows, now := make([]*heldRow, 0, len(order)), make([]int, len(h.rows))
	for at, i := range order {
		now[i] = at
		rows = append(rows, h.rows[i])
	}
	for _, r := range rows {
		if r.under >= 0 {
			r.under = now[r.under]
		}
	}
	h.rows = rows
}
