package lsns

import (
	"os"
	"strconv"

	"github.com/nskit/nskit/pkg/containers"
	"golang.org/x/sys/unix"
)

// containerNames names the containers of processes; the state files of the
// runtimes are read when the first one is asked for.
type containerNames struct {
	index *containers.Index
	names map[int]containerName
}

// containerName is what a container is called: by its runtime, and in Kubernetes.
type containerName struct{ name, pod string }

// name is the name of the container that a row's process is in: the identifier
// where no state file has a name, nothing outside.
func (c *containerNames) name(r *row) containerName {
	if r.pid == 0 || r.Started == 0 {
		return containerName{}
	}
	name := c.of(containers.Process{PID: r.pid, Started: r.Started})
	if name.name != "" && !r.isStill() {
		return containerName{}
	}
	return name
}

// of is what the container is called that a process is in.
func (c *containerNames) of(p containers.Process) containerName {
	c.begin()
	name, ok := c.names[p.PID]
	if !ok {
		name = c.find(p)
		c.names[p.PID] = name
	}
	return name
}

// begin reads the state files, once.
func (c *containerNames) begin() {
	if c.index == nil {
		c.index, c.names = containers.NewIndex(containers.UserPlaces(os.Getenv)), map[int]containerName{}
	}
}

// find is of for several goroutines, after begin: it remembers nothing.
func (c *containerNames) find(p containers.Process) containerName {
	found, ok := c.index.Of(p)
	if !ok {
		return containerName{}
	}
	return containerName{c.index.Name(found), found.Pod}
}

// isStill says whether the process is in the namespace of its row by now, too: a
// runtime's helper leaves it while it becomes a container.
func (r *row) isStill() bool {
	link := make([]byte, 64)
	n, err := unix.Readlink("/proc/"+strconv.Itoa(r.pid)+"/ns/"+r.ns.Kind.String(), link)
	return err == nil && string(link[:n]) == nameOf(r.ns)
}
