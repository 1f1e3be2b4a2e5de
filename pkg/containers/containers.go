//go:build linux

// Package containers finds the containers of a system by what their runtimes
// leave on disk, without asking any daemon: the state files of runc, crun,
// containerd's shim, podman, Docker and systemd-machined, the configuration of
// LXC, the control groups of running processes, and the command lines of those
// systemd-nspawns that have not registered their container.
//
// [Find] answers "which process is the init of the container that the user
// calls web". [List] gives all containers that have state files. [FromCgroup]
// names the container that a process is in, from the text of its
// /proc/PID/cgroup, and is a pure function:
//
//	c, err := containers.Find(containers.Places{Root: "/"}, "web")
//	// c.PID is the init of the container; open it by pidfd and look again.
//
// # What to trust
//
// State files are written by others and are often out of date. Every file is
// read as hostile input: a regular file, no symbolic link in the last part of
// its path, with a limit to its size, names of printable ASCII only, process
// identifiers in the kernel's range. A process that no longer exists, that
// started at another time than the file says, or that is by now in another
// container's control group, counts as gone; so does one that shares the
// caller's mount namespace or root directory, unless the file has the time of
// its start. A container that a state file knows as stopped has no process,
// whatever its control group holds: while a container starts and stops, that
// group holds helpers of the runtime, which are still outside.
//
// What remains is a race that no file can close: the process can end after
// Find returns. Open a pidfd, look again, and compare before acting on it.
//
// # When not to use it
//
// Where the runtime's own interface is at hand (the Docker API, runc state),
// it knows more. The identifiers in state files are those of the runtime's PID
// namespace; from within another one they mean other processes.
package containers

import (
	"cmp"
	"errors"
	"strconv"
)

// root is Root or what stands for it.
func (at Places) root() string { return cmp.Or(at.Root, "/") }

// The names of [Container.Runtime]. Podman stands for CRI-O too, which uses
// the same storage.
const (
	Docker     = "docker"
	Podman     = "podman"
	Containerd = "containerd"
	Runc       = "runc"
	Crun       = "crun"
	Machined   = "machined"
	LXC        = "lxc"
)

// List returns the containers that have state files, running or not, with one
// entry for each however many runtimes know it. skipped says which files and
// directories exist but could not be used; a caller without privilege always
// has some. Files that are not there are no error.
func List(at Places) (found []Container, skipped []error) {
	all, skipped := list(at, lookOutside(at.root()))
	return containersOf(all), skipped
}

// entry is a container as one file describes it, or several together.
type entry struct {
	Container
	knows knowledge
	// stopped says that the file says so.
	stopped bool
}

func list(at Places, out outside) (found []entry, skipped []error) {
	var raw []entry
	running := daemonsOf(at.root(), out)
	for _, source := range sources(at, configured(at, running)) {
		entries, errs := source.read()
		raw, skipped = append(raw, entries...), append(skipped, errs...)
	}
	for i := range raw {
		raw[i].confirm(at.root(), out)
	}
	raw = append(raw, unregistered(at, running, raw, out)...)
	return merge(raw), skipped
}

// confirm keeps the process of a container where it still is that container's.
func (e *entry) confirm(root string, out outside) {
	if e.PID == 0 {
		return
	}
	v, err := look(root, strconv.Itoa(e.PID))
	what := gone
	if err == nil {
		what = judge(e.Container, v, out)
	}
	e.set(Process{})
	if what != gone {
		e.set(v.Process)
	}
	e.Apart = what == confirmed
}

func (c *Container) set(p Process) {
	c.PID, c.Started, c.Mount, c.Root = p.PID, p.Started, p.Mount, p.Root
}

func containersOf(all []entry) []Container {
	var some []Container
	for _, e := range all {
		some = append(some, e.Container)
	}
	return some
}

// Find returns the one running container that query names: by name, by ID, by
// the beginning of an ID, and, where two have the same, with the runtime or
// containerd's namespace or both in front: RUNTIME/NAMESPACE/NAME. A complete
// name or ID comes before the beginning of another, a running container before one that
// is not; of the beginning of an ID there must be no other. Where the state
// files do not have it, it looks through the control groups of all processes.
//
// The error is a [*LookupError]; its Err is ErrNotFound, ErrAmbiguous or
// ErrNotRunning.
func Find(at Places, query string) (Container, error) {
	out := lookOutside(at.root())
	all, skipped := list(at, out)
	found, err := match(containersOf(all), query)
	if err != nil && !errors.Is(err, ErrAmbiguous) || err == nil && undecided(all, query) {
		found, err = match(containersOf(merge(append(all, scan(at, all, out)...))), query)
	}
	var lookup *LookupError
	if errors.As(err, &lookup) {
		lookup.Skipped = skipped
	}
	return found, err
}

// undecided says whether the whole of a query names a container of which no file
// tells whether it runs: then what else it names must not win by that.
func undecided(all []entry, query string) bool {
	for _, e := range all {
		if e.knows == namesOnly && e.PID == 0 && calls(e.Container, query) {
			return true
		}
	}
	return false
}

// merge makes one entry of those that describe the same container; the first
// one says the runtime.
func merge(raw []entry) []entry {
	var merged []entry
	for _, e := range raw {
		if at := indexOf(merged, e); at >= 0 {
			merged[at].complete(e)
		} else {
			merged = append(merged, e)
		}
	}
	for i := range merged {
		if merged[i].Name == "" {
			merged[i].Name = merged[i].ID
		}
	}
	return merged
}

func indexOf(all []entry, e entry) int {
	for i := range all {
		if same(all[i].Container, e.Container) {
			return i
		}
	}
	return -1
}

// same says whether two entries describe one container. Two processes are two
// containers, whatever they are called; short IDs are only unique within a
// runtime, or a namespace of containerd.
func same(a, b Container) bool {
	switch {
	case a.ID != b.ID:
		return false
	case a.PID != 0 && b.PID != 0:
		return a.PID == b.PID
	case a.Namespace == b.Namespace:
		return isHash(a.ID) || a.Runtime == b.Runtime || a.Namespace != ""
	}
	return isHash(a.ID) && (a.Namespace == "" || b.Namespace == "")
}

// complete fills in what e does not say and other does. A container that is
// known as stopped gets no process.
func (e *entry) complete(other entry) {
	if e.Name == "" || e.Name == e.ID && other.Name != "" {
		e.Name = other.Name
	}
	if e.Pod == "" {
		e.Pod = other.Pod
	}
	if e.Runtime == "" {
		e.Runtime = other.Runtime
	}
	if e.PID == 0 && !e.stopped && other.PID != 0 {
		e.set(other.Process())
		e.Apart, e.Source = other.Apart, other.Source
	}
	e.knows = max(e.knows, other.knows)
}
