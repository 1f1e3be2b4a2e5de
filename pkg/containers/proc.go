//go:build linux

package containers

import (
	"path"
	"strconv"
	"strings"
)

// maxProc bounds the files of /proc that are read; they are a page or two.
const maxProc = 1 << 16

// scan returns the containers that running processes are in, by the control
// groups of all of them, but for those that state files tell of. It knows names
// only where they are identifiers (machined, LXC); [Find] merges them with the
// rest. Call it only when the state files do not have the answer: it reads two
// files of every process.
//
// A group alone is weak evidence: it holds helpers of the runtime while a
// container starts, and commands that others put there. What counts is a process
// that is set up, and that runs a program of its own.
func scan(at Places, known []entry, out outside) []entry {
	pids, err := entries(path.Join(at.root(), "proc"), maxPID)
	if err != nil {
		return nil
	}
	var found []candidate
	for _, name := range pids {
		pid := parsePID(name)
		if pid == 0 {
			continue
		}
		c, ok := inspect(at.root(), pid)
		if ok && !isKnown(known, c.ref) && c.settle(at.root(), out) {
			found = better(found, c)
		}
	}
	return inits(found)
}

// isKnown says whether a state file tells whether a container runs.
func isKnown(known []entry, ref Ref) bool {
	for _, e := range known {
		if e.knows != namesOnly && e.ID == ref.ID && ref.bears(e.Container) {
			return true
		}
	}
	return false
}

// settle looks at the process itself, and says whether it counts.
func (c *candidate) settle(root string, out outside) bool {
	v, err := look(root, strconv.Itoa(c.process.PID))
	if err != nil || v.dead || !out.apart(v) || !executesOwn(root, v.PID) {
		return false
	}
	ref, ok := FromCgroup(v.cgroup)
	c.process = v.Process
	return ok && ref == c.ref
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
	ref     Ref
	process Process
	source  string
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
	c := candidate{ref: ref, process: Process{PID: pid}, source: dir + "/cgroup"}
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
	return a.process.PID < b.process.PID
}

func inits(found []candidate) []entry {
	all := make([]entry, len(found))
	for i, c := range found {
		all[i].Container = Container{ID: c.ref.ID, Runtime: c.ref.Runtime, Apart: true, Source: c.source}
		all[i].set(c.process)
	}
	return all
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
