package lsns

import (
	"os"

	"github.com/nskit/nskit/pkg/containers"
)

// containerNames names containers; the state files of the runtimes are read
// when the first process in a container is met.
type containerNames map[string]string

// name is the name of the container that a process is in, by the text of its
// /proc/PID/cgroup: the identifier where no state file has a name, "" outside.
func (c *containerNames) name(cgroup string) string {
	ref, ok := containers.FromCgroup(cgroup)
	if !ok {
		return ""
	}
	if *c == nil {
		*c = readContainers()
	}
	if name := (*c)[ref.ID]; name != "" {
		return name
	}
	return ref.ID
}

// readContainers reads the state files; what cannot be read has no names.
func readContainers() containerNames {
	all, _ := containers.List(containers.UserPlaces(os.Getenv))
	names := containerNames{}
	for _, container := range all {
		names[container.ID] = container.Name
	}
	return names
}
