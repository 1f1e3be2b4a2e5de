package lsns

import (
	"strconv"
	"strings"
	"time"

	"github.com/nskit/nskit/cmd/internal/values"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
)

// The cells of the columns; an empty one is the empty string.

func inodeCell(r shown) string     { return decimal(r.ns.Inode) }
func typeCell(r shown) string      { return r.ns.Kind.String() }
func processesCell(r shown) string { return strconv.Itoa(r.ns.Processes) }
func pidCell(r shown) string       { return known(r.pid, 1) }
func ppidCell(r shown) string      { return known(r.PPID, 0) }
func commandCell(r shown) string   { return r.Command }
func parentCell(r shown) string    { return decimal(r.ns.Parent) }
func ownerCell(r shown) string     { return decimal(r.ns.Owner) }
func idCell(r shown) string        { return positive(r.ns.ID) }
func cgroupCell(r shown) string    { return r.CgroupPath }
func hostnameCell(r shown) string  { return r.ns.Hostname }
func creatorCell(r shown) string   { return r.creators.of(r.ns.Inode) }
func rootCell(r shown) string      { return r.Root }

// oneLine writes a line end in a path as mount tables do: as it is, the path
// would pass for two.
func oneLine(path string) string { return strings.ReplaceAll(path, "\n", `\012`) }

func decimal(n census.Inode) string { return strconv.FormatUint(uint64(n), 10) }

// positive is decimal with nothing for 0.
func positive(n uint64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(n, 10)
}

// known is n, or nothing when it is less than least.
func known(n, least int) string {
	if n < least {
		return ""
	}
	return strconv.Itoa(n)
}

func mountsCell(r shown) string {
	lines := make([]string, len(r.ns.Mounts))
	for i, path := range r.ns.Mounts {
		lines[i] = oneLine(path)
	}
	return strings.Join(lines, "\n")
}

func pathCell(r shown) string {
	if r.pid == 0 {
		return ""
	}
	return r.snapshot.Proc + "/" + strconv.Itoa(r.pid) + "/ns/" + r.ns.Kind.String()
}

// uid is the user of a row: of its process, or who owns a namespace without one.
func (r *row) uid() int {
	switch {
	case r.pid != 0:
		return r.UID
	case r.ns.OwnerUID != nil:
		return *r.ns.OwnerUID
	}
	return -1
}

func uidCell(r shown) string { return known(r.uid(), 0) }

func userCell(r shown) string {
	if r.uid() < 0 {
		return ""
	}
	return r.users.name(r.uid())
}

func netIDCell(r shown) string {
	switch {
	case r.ns.Kind != ns.Net, r.ns.NetIDUnknown:
		return ""
	case r.ns.NetID == nil:
		return "unassigned"
	}
	return strconv.Itoa(*r.ns.NetID)
}

// ageCell is the age as ps has it: [[dd-]hh:]mm:ss.
func ageCell(r shown) string {
	if r.pid == 0 || r.Age == 0 {
		return ""
	}
	return values.Elapsed(int(r.Age / time.Second))
}

// secondsCell is the age in seconds.
func secondsCell(r shown) string {
	if r.pid == 0 || r.Age == 0 {
		return ""
	}
	return strconv.Itoa(int(r.Age / time.Second))
}

func containerCell(r shown) string { return r.container().name }
func podCell(r shown) string       { return r.container().pod }

// container leaves the caller's own mount namespace to the caller: by the time
// of its start alone a process is a container's that shares it.
func (r shown) container() containerName {
	if r.ns.Kind == ns.Mount && r.ns.Inode == r.own(ns.Mount) {
		return containerName{}
	}
	return r.containers.name(r.row)
}
