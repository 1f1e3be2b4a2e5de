package fleet

import (
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// held is what keeps a namespace alive that no process is in.
type held uint8

const (
	heldByMount held = iota
	heldByDescriptor
	heldBySocket
	heldByThread
	heldByChild
	heldByOwned
	heldByUnknown
	heldCount
)

var heldNames = [heldCount]string{"mount", "fd", "socket", "thread", "child", "owned", "unknown"}

// heldBy decides what to call the holder of a namespace: the one that somebody can
// let go of, where there are several.
func heldBy(space *census.Namespace) held {
	if len(space.Mounts) > 0 {
		return heldByMount
	}
	found := heldByUnknown
	for _, h := range space.Holders {
		found = min(found, [...]held{census.ByThread: heldByThread, census.ByDescriptor: heldByDescriptor, census.BySocket: heldBySocket,
			census.ByChildren: heldByChild, census.ByMount: heldByMount, census.ByChild: heldByChild, census.ByOwned: heldByOwned}[h.How])
	}
	return found
}

// HeldBy is the value of the label held_by for a namespace without a process.
func HeldBy(space *census.Namespace) string { return heldNames[heldBy(space)] }

// canHold says which holders a namespace of a kind can have; the others have no series.
func canHold(kind ns.Kind, by held) bool {
	switch by {
	case heldBySocket:
		return kind == ns.Net
	case heldByThread:
		return kind != ns.User && kind != ns.PID && kind != ns.Time
	case heldByChild:
		return kind == ns.User || kind == ns.PID || kind == ns.Time
	case heldByOwned:
		return kind == ns.User
	}
	return true
}

func collectNamespaces(host *Host) ([]Family, error) {
	snapshot, err := host.counted(allCapabilities...)
	if err != nil {
		return nil, err
	}
	return countNamespaces(snapshot), nil
}

// countNamespaces counts them by kind, and those without a process by holder.
func countNamespaces(snapshot *census.Snapshot) []Family {
	var all [ns.KindCount]int
	var unpopulated [ns.KindCount][heldCount]int
	for i := range snapshot.Namespaces {
		space := &snapshot.Namespaces[i]
		all[space.Kind]++
		if space.Processes == 0 {
			unpopulated[space.Kind][heldBy(space)]++
		}
	}
	total := Family{Name: "nskit_namespaces", Help: "Namespaces that were found."}
	empty := Family{Name: "nskit_namespaces_unpopulated", Help: "Namespaces that no process is in, by what keeps them alive."}
	for _, kind := range ns.Kinds() {
		total.add(all[kind], Label{"type", kind.String()})
		for by := range heldCount {
			if n := unpopulated[kind][by]; n > 0 || canHold(kind, by) {
				empty.add(n, Label{"type", kind.String()}, Label{"held_by", heldNames[by]})
			}
		}
	}
	return []Family{total, empty}
}

func collectMounts(host *Host) ([]Family, error) {
	snapshot, err := host.counted(unix.CAP_SYS_PTRACE, unix.CAP_DAC_READ_SEARCH, unix.CAP_SYS_ADMIN)
	if err != nil {
		return nil, err
	}
	most := 0
	for i := range snapshot.Namespaces {
		if n, ok := snapshot.MountCount(&snapshot.Namespaces[i]); ok {
			most = max(most, n)
		}
	}
	found := []Family{single("nskit_mount_namespace_mounts_max", "Mounts of the mount namespace that has the most.", most)}
	limit, err := host.number("sys/fs/mount-max")
	if err == nil {
		found = append(found, single("nskit_mounts_limit", "Mounts that a mount namespace may have, fs.mount-max.", limit))
	}
	return found, err
}

func collectProcesses(host *Host) ([]Family, error) {
	snapshot, err := host.Census()
	if err != nil {
		return nil, err
	}
	found := []Family{single("nskit_unreadable_processes", "Processes whose namespaces the reader may not see.", snapshot.Unreadable)}
	if err := host.need(unix.CAP_SYS_PTRACE); err != nil {
		return found, err
	}
	zombies, stuck := countEnded(snapshot)
	return append(found,
		single("nskit_pid_namespaces_stuck", "PID namespaces whose init has ended and waits for processes that cannot.", stuck),
		single("nskit_zombie_processes", "Processes that have ended and that their parent has not waited for.", zombies)), nil
}

// countEnded counts the processes that have ended and are still there. Such a one has
// no network namespace any more, so that only few are looked at.
func countEnded(snapshot *census.Snapshot) (zombies, stuck int) {
	reader := snapshot.Reader()
	asked := map[census.Inode]bool{}
	for i := range snapshot.Processes {
		p := &snapshot.Processes[i]
		if p.Namespaces[ns.Net] != 0 || p.Namespaces[ns.PID] == 0 {
			continue
		}
		if d, ok := reader.Details(p.PID, census.Status); ok && d.Zombie() {
			zombies++
		}
		inode := p.Namespaces[ns.PID]
		if !asked[inode] && reader.Init(snapshot.Find(inode)).Life == census.Stuck {
			stuck++
		}
		asked[inode] = true
	}
	return zombies, stuck
}
