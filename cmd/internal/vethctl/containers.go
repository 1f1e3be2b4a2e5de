package vethctl

import (
	"os"

	"github.com/nskit/nskit/pkg/containers"
)

// container finds the init of a container.
func container(name string) (containers.Process, error) {
	c, err := containers.Find(containers.UserPlaces(os.Getenv), name)
	return c.Process(), err
}

// containerNames names the containers of processes; the state files of the runtimes
// are read when the first one is asked for.
func containerNames() func(pid int) string {
	var index *containers.Index
	return func(pid int) string {
		if index == nil {
			index = containers.NewIndex(containers.UserPlaces(os.Getenv))
		}
		c, ok := index.Of(containers.Process{PID: pid})
		if !ok {
			return ""
		}
		return index.Name(c)
	}
}
