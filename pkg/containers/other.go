//go:build !linux

package containers

import "errors"

// The names of Container.Runtime.
const (
	Docker     = "docker"
	Podman     = "podman"
	Containerd = "containerd"
	Runc       = "runc"
	Crun       = "crun"
	Machined   = "machined"
	LXC        = "lxc"
)

// List finds containers on Linux only.
func List(Places) (found []Container, skipped []error) { return nil, []error{errors.ErrUnsupported} }

// Find finds a container on Linux only: the error has [errors.ErrUnsupported] in it.
func Find(_ Places, query string) (Container, error) {
	return Container{}, &LookupError{Query: query, Err: errors.ErrUnsupported}
}

// Index knows no containers.
type Index struct{}

// NewIndex reads nothing.
func NewIndex(Places) *Index { return &Index{} }

// Name is what to call a container.
func (*Index) Name(c Container) string { return c.shown(false) }

// Of returns no container.
func (*Index) Of(Process) (Container, bool) { return Container{}, false }

// StartedAfter says whether the process was started after that time.
func (p Process) StartedAfter(int64, int64) bool { return false }

// Look reads nothing.
func Look(int) (Process, error) { return Process{}, errors.ErrUnsupported }

// UserPlaces are where runtimes keep their files.
func UserPlaces(func(name string) string) Places { return Places{Root: "/"} }
