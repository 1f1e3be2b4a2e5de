package containers

import (
	"path"
	"strconv"
	"strings"
)

// maxProc bounds the files of /proc that are read; they are a page or two.
const maxProc = 1 << 16

// scan returns the containers that running processes are in, by the control
// groups of all of them. It knows names only where they are identifiers
// (machined, LXC); [Find] merges them with the rest. Call it only when the
// state files do not have the answer: it reads two files of every process.
func scan(at Places) []Container {
	pids, err := entries(path.Join(at.root(), "proc"), maxPID)
	if err != nil {
		return nil
	}
	var found []candidate
	for _, name := range pids {
		if pid := parsePID(name); pid > 0 {
			if c, ok := inspect(at.root(), pid); ok {
				found = better(found, c)
			}
		}
	}
	return inits(found)
}

// parsePID reads the name of a process's directory in /proc; 0 stands for none.
func parsePID(name string) int {
	pid, err := strconv.Atoi(name)
	if err != nil || pid < 1 || pid > maxPID || name[0] == '+' || name[0] == '0' {
		return 0
	}
	return pid
}

// candidate is a process that may be the init of a container.
type candidate struct {
	ref    Ref
	pid    int
	source string
	// depth is the number of PID namespaces that the process is in, and init
	// says whether it is number 1 in the innermost.
	depth int
	init  bool
}

func inspect(root string, pid int) (candidate, bool) {
	dir := procDir(root, pid)
	text, err := readFile(dir+"/cgroup", maxProc)
	if err != nil {
		return candidate{}, false
	}
	ref, ok := FromCgroup(text)
	if !ok {
		return candidate{}, false
	}
	c := candidate{ref: ref, pid: pid, source: dir + "/cgroup"}
	status, _ := readFile(dir+"/status", maxProc)
	c.depth, c.init = pidDepth(status)
	return c, true
}

// pidDepth reads the NSpid line of a /proc/PID/status (since Linux 4.1).
func pidDepth(status string) (depth int, init bool) {
	for line := range strings.Lines(status) {
		if rest, ok := strings.CutPrefix(line, "NSpid:"); ok {
			pids := strings.Fields(rest)
			return len(pids), len(pids) > 1 && pids[len(pids)-1] == "1"
		}
	}
	return 0, false
}

// better keeps, for each container, the process most likely to be its init.
func better(found []candidate, c candidate) []candidate {
	for i, known := range found {
		if known.ref != c.ref {
			continue
		}
		if rank(c, known) {
			found[i] = c
		}
		return found
	}
	return append(found, c)
}

// rank says whether a is more likely the init than b: an init before others,
// the one in the outermost PID namespace, then the older one.
func rank(a, b candidate) bool {
	switch {
	case a.init != b.init:
		return a.init
	case a.depth != b.depth:
		return a.depth < b.depth
	}
	return a.pid < b.pid
}

func inits(found []candidate) []Container {
	all := make([]Container, len(found))
	for i, c := range found {
		all[i] = Container{ID: c.ref.ID, Runtime: c.ref.Runtime, PID: c.pid, Source: c.source}
	}
	return all
}

// forgetDead takes the process from a container where it is not that
// container's any more: it has ended, or the kernel has given its number away.
func forgetDead(root string, c *Container) {
	if c.PID == 0 {
		return
	}
	dir := procDir(root, c.PID)
	stat, err := readFile(dir+"/stat", maxProc)
	cgroup, _ := readFile(dir+"/cgroup", maxProc)
	if err != nil || !isInit(*c, stat, cgroup) {
		c.PID, c.Started = 0, 0
	}
}

// isInit holds what the files say of a container's init against the texts of
// that process's /proc/PID/stat and cgroup.
func isInit(c Container, stat, cgroup string) bool {
	started, dead := parseStat(stat)
	if dead || c.Started != 0 && started != c.Started {
		return false
	}
	ref, ok := FromCgroup(cgroup)
	return !ok || !isHash(ref.ID) || !isHash(c.ID) || ref.ID == c.ID
}

// parseStat reads when a process started, field 22 of /proc/PID/stat in clock
// ticks since boot, and whether it has ended already (field 3).
func parseStat(stat string) (started uint64, dead bool) {
	// The command in field 2 may hold anything, blanks and brackets too.
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return 0, true
	}
	started, err := strconv.ParseUint(fields[19], 10, 64)
	return started, err != nil || fields[0] == "Z" || fields[0] == "X"
}

func procDir(root string, pid int) string {
	return path.Join(root, "proc", strconv.Itoa(pid))
}
