package containers

import (
	"strings"
)

// Container is one container, as far as its state files and control groups
// tell.
type Container struct {
	// Name is what its user calls it: the ID where the runtime has no names,
	// POD/CONTAINER for Kubernetes.
	Name string
	// ID is the runtime's identifier, equal to Name for machined and LXC.
	ID string
	// Pod is NAMESPACE/POD/CONTAINER for a container of Kubernetes, NAMESPACE/POD
	// for the one that only holds a pod's namespaces, "" for others.
	Pod string
	// Runtime is one of the constants of this package; of several that know
	// the container, the one nearest to the user. It is "" where only a
	// control group without a runtime's mark was found.
	Runtime string
	// Namespace is the one of containerd that the container is in, in which
	// alone its ID is unique; "" elsewhere.
	Namespace string
	// PID is the container's init, in the PID namespace of the runtime; 0
	// when there is none: it is not running, or its init is not known.
	PID int
	// Started, Mount and Root are those of that process, see [Process].
	Started uint64
	Mount   uint64
	Root    File
	// Apart says that the process has a mount namespace and a root directory
	// other than the caller's. One that has not is known by the time of its
	// start alone: enter neither.
	Apart bool
	// Source is the file that the PID, or else the name, was found in.
	Source string
}

// Qualified is the name with containerd's namespace in front, if it is in one, or
// that of its pod in Kubernetes.
func (c Container) Qualified() string {
	if c.Pod != "" {
		return c.Pod
	}
	if c.Namespace == "" {
		return c.Name
	}
	return c.Namespace + "/" + c.Name
}

// shown is the name for people: the qualified one if another container has the same
// name, or if a kubelet made the name from the pod's.
func (c Container) shown(twice bool) string {
	if twice || strings.HasPrefix(c.Name, "k8s_") {
		return c.Qualified()
	}
	return c.Name
}

// String is the container in a list for people: its name, runtime and short ID.
func (c Container) String() string { return c.as(c.Name) }

// as is String by another name.
func (c Container) as(name string) string {
	text := c.Runtime
	if c.ID != c.Name {
		text += " " + shortID(c.ID)
	}
	if text == "" {
		return name
	}
	return name + " (" + text + ")"
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
	// ConfigDirs are where their configuration is, $XDG_CONFIG_HOME (~/.config).
	ConfigDirs []string
}

// Process is the container's init, zero if it has none.
func (c Container) Process() Process { return Process{c.PID, c.Started, c.Mount, c.Root} }

// Process is a process and what tells it apart from another that is given its
// PID, and from itself before its runtime had set it up.
type Process struct {
	PID int
	// Started is when it started, in clock ticks since boot as in field 22 of
	// /proc/PID/stat.
	Started uint64
	// Mount is the inode of its mount namespace, and Root its root directory;
	// zero where the caller may not know, see ptrace(2).
	Mount uint64
	Root  File
}

// File is a file by the numbers of its device and its inode, see stat(2).
type File struct {
	Device, Inode uint64
}
