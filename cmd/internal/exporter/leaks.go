package exporter

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/fleet"
	"github.com/nskit/nskit/internal/visible"
)

// The most that the page shows; the rest is a number.
const (
	maxLeaks   = 200
	maxHolders = 4
	maxPairs   = 200
)

// leakTable are the namespaces without a process, the oldest first.
type leakTable struct {
	Rows        []leakRow
	Total, More int
}

type leakRow struct {
	Type    string
	Inode   census.Inode
	Age     string
	HeldBy  string
	Holders []string
}

// names tells what processes are called.
type names interface {
	command(pid int) string
	container(pid int) string
}

// leaksOf lists them.
func leaksOf(snapshot *census.Snapshot, ages map[census.Inode]int64, called names) *leakTable {
	var spaces []*census.Namespace
	for i := range snapshot.Namespaces {
		if space := &snapshot.Namespaces[i]; space.Processes == 0 {
			spaces = append(spaces, space)
		}
	}
	slices.SortFunc(spaces, func(a, b *census.Namespace) int {
		return cmp.Or(cmp.Compare(ages[b.Inode], ages[a.Inode]), cmp.Compare(a.Inode, b.Inode))
	})
	table := &leakTable{Total: len(spaces), More: max(0, len(spaces)-maxLeaks)}
	for _, space := range spaces[:min(len(spaces), maxLeaks)] {
		table.Rows = append(table.Rows, leakRow{space.Kind.String(), space.Inode, ageText(ages[space.Inode]), fleet.HeldBy(space), holdersOf(space, called)})
	}
	return table
}

// holdersOf names what keeps a namespace alive: paths, and processes by their names, which tell
// less than their command lines do. Those that are not shown are not asked: somebody can hold one a million times.
func holdersOf(space *census.Namespace, called names) []string {
	var all []string
	for _, path := range space.Mounts[:min(len(space.Mounts), maxHolders)] {
		all = append(all, "mount "+visible.Text(path))
	}
	for i := range space.Holders[:min(len(space.Holders), maxHolders-len(all))] {
		h := &space.Holders[i]
		text := h.String()
		if h.PID != 0 {
			text += " " + called.command(h.PID)
			if name := called.container(h.PID); name != "" {
				text += ", container " + name
			}
		}
		if h.How == census.ByMount {
			text += " in mnt " + strconv.FormatUint(uint64(h.Namespace), 10)
		}
		all = append(all, visible.Text(text))
	}
	if more := len(space.Mounts) + len(space.Holders) - len(all); more > 0 {
		all = append(all, itoa(more)+" more")
	}
	return all
}

// procNames asks /proc.
type procNames struct{ containers containerNames }

func (n *procNames) command(pid int) string {
	text, err := os.ReadFile(filepath.Join("/proc", itoa(pid), "comm"))
	if err != nil {
		return "?"
	}
	return strings.TrimSuffix(string(text), "\n")
}

func (n *procNames) container(pid int) string { return n.containers.of(pid) }

func itoa(n int) string { return strconv.Itoa(n) }
