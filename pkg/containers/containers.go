// Package containers finds the containers of a system by what their runtimes
// leave on disk, without asking any daemon: the state files of runc, crun,
// containerd's shim, podman, Docker and systemd-machined, the configuration of
// LXC, and the control groups of running processes.
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
// identifiers in the kernel's range. A process identifier that no longer
// exists, that started at another time than the file says, or that is by now
// in another container's control group, counts as gone.
//
// What remains is a race that no file can close: the process can end after
// Find returns. Open a pidfd and compare before acting on it.
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
)

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

// Container is one container, as far as its state files and control groups
// tell.
type Container struct {
	// Name is what its user calls it: the ID where the runtime has no names,
	// POD/CONTAINER for Kubernetes.
	Name string
	// ID is the runtime's identifier, equal to Name for machined and LXC.
	ID string
	// Runtime is one of the constants of this package; of several that know
	// the container, the one nearest to the user. It is "" where only a
	// control group without a runtime's mark was found.
	Runtime string
	// PID is the container's init, in the PID namespace of the runtime; 0
	// when there is none: it is not running, or its init is not known.
	PID int
	// Started is when PID started, in clock ticks since boot as in field 22 of
	// /proc/PID/stat; 0 where the runtime does not say.
	Started uint64
	// Source is the file that the PID, or else the name, was found in.
	Source string
}

// String is the container in a list for people: its name, runtime and short ID.
func (c Container) String() string {
	text := c.Runtime
	if c.ID != c.Name {
		text += " " + shortID(c.ID)
	}
	if text == "" {
		return c.Name
	}
	return c.Name + " (" + text + ")"
}

// shortID is the twelve digits that people know a long identifier by.
func shortID(id string) string {
	if isHash(id) {
		return id[:12]
	}
	return id
}

// Places says where to look.
type Places struct {
	// Root is the directory that stands for /, so that tests and tools that
	// look into images can use their own; "" is / itself.
	Root string
	// RuntimeDirs and DataDirs are where rootless runtimes keep their files:
	// values of $XDG_RUNTIME_DIR and of $XDG_DATA_HOME (~/.local/share), as
	// absolute paths below Root. What is found there is their owner's word:
	// pass only those of a user who may decide what the caller enters.
	RuntimeDirs []string
	DataDirs    []string
}

// root is Root or what stands for it.
func (at Places) root() string { return cmp.Or(at.Root, "/") }

// List returns the containers that have state files, running or not, with one
// entry for each however many runtimes know it. skipped says which files and
// directories exist but could not be used; a caller without privilege always
// has some. Files that are not there are no error.
func List(at Places) (found []Container, skipped []error) {
	var raw []Container
	for _, source := range sources(at) {
		containers, errs := source.read()
		raw, skipped = append(raw, containers...), append(skipped, errs...)
	}
	for i := range raw {
		forgetDead(at.root(), &raw[i])
	}
	return merge(raw), skipped
}

// Find returns the one running container that query names: by name, by
// RUNTIME/NAME, by ID, or by the beginning of an ID. A complete name or ID
// comes before the beginning of another, a running container before one that
// is not. Where the state files do not have it, it looks through the control
// groups of all processes: two files of each.
//
// The error is a [*LookupError]; its Err is ErrNotFound, ErrAmbiguous or
// ErrNotRunning.
func Find(at Places, query string) (Container, error) {
	all, skipped := List(at)
	found, err := match(all, query)
	if err != nil && !errors.Is(err, ErrAmbiguous) {
		found, err = match(merge(append(all, scan(at)...)), query)
	}
	var lookup *LookupError
	if errors.As(err, &lookup) {
		lookup.Skipped = skipped
	}
	return found, err
}

// merge makes one entry of those that describe the same container; the first
// one says the runtime.
func merge(raw []Container) []Container {
	var merged []Container
	for _, c := range raw {
		if at := indexOf(merged, c); at >= 0 {
			complete(&merged[at], c)
		} else {
			merged = append(merged, c)
		}
	}
	for i := range merged {
		if merged[i].Name == "" {
			merged[i].Name = merged[i].ID
		}
	}
	return merged
}

func indexOf(all []Container, c Container) int {
	for i, known := range all {
		if same(known, c) {
			return i
		}
	}
	return -1
}

// same says whether two entries describe one container: short IDs are only
// unique within a runtime.
func same(a, b Container) bool {
	if a.ID != b.ID {
		return false
	}
	return isHash(a.ID) || a.Runtime == b.Runtime || a.PID != 0 && a.PID == b.PID
}

// complete fills in what c does not say and other does.
func complete(c *Container, other Container) {
	if c.Name == "" || c.Name == c.ID && other.Name != "" {
		c.Name = other.Name
	}
	if c.Runtime == "" {
		c.Runtime = other.Runtime
	}
	if c.PID == 0 && other.PID != 0 {
		c.PID, c.Started, c.Source = other.PID, other.Started, other.Source
	}
}
