package exporter

import (
	"cmp"
	"sync"

	"github.com/nskit/nskit/cmd/internal/exporter/births"
	"github.com/nskit/nskit/pkg/containers"
)

// creatorNames are what the containers of creators are called. The state files of the runtimes are read
// once for each container that is new.
type creatorNames struct {
	list func() []containers.Container

	mu    sync.Mutex
	names map[containers.Ref]string
}

// see finds names of new containers, and forgets those that have no namespace any more.
func (c *creatorNames) see(alive []births.Birth) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, after, novel := c.names, map[containers.Ref]string{}, false
	for i := range alive {
		ref := alive[i].Container
		if ref.ID == "" {
			continue
		}
		name, known := before[ref]
		after[ref] = cmp.Or(name, ref.ID)
		novel = novel || !known
	}
	c.names = after
	if !novel {
		return
	}
	for _, found := range c.list() {
		for _, runtime := range []string{found.Runtime, ""} { // not every control group names the runtime
			ref := containers.Ref{Runtime: runtime, ID: found.ID}
			if _, asked := after[ref]; asked {
				after[ref] = cmp.Or(found.Name, found.ID)
			}
		}
	}
}

// of is the name of a container, "" for none.
func (c *creatorNames) of(ref containers.Ref) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return cmp.Or(c.names[ref], ref.ID)
}
