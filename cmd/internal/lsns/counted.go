package lsns

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
)

// counted is what was counted of namespaces, each when the first cell needs it.
type counted struct {
	threads map[census.Inode]int
	mounts  map[census.Inode]string
	inits   map[census.Inode]census.Init
}

// threadsCell counts the threads in the namespace, or of the one process.
func threadsCell(r shown) string {
	if r.process {
		if p := r.snapshot.Process(r.pid); p != nil {
			return known(p.Threads, 1)
		}
		return ""
	}
	if r.counted.threads == nil {
		r.counted.threads = r.snapshot.ThreadCounts()
	}
	return strconv.Itoa(max(0, r.counted.threads[r.ns.Inode]))
}

// mountCountCell counts the mounts of a mount namespace.
func mountCountCell(r shown) string {
	if r.ns.Kind != ns.Mount {
		return ""
	}
	text, met := r.counted.mounts[r.ns.Inode]
	if !met {
		if n, ok := r.snapshot.MountCount(r.ns); ok {
			text = strconv.Itoa(n)
		}
		if r.counted.mounts == nil {
			r.counted.mounts = map[census.Inode]string{}
		}
		r.counted.mounts[r.ns.Inode] = text
	}
	return text
}

// stateCell is how the init of a PID namespace is.
func stateCell(r shown) string {
	if r.ns.Kind != ns.PID {
		return ""
	}
	return r.init(r.ns).Life.String()
}

// init is the init of a PID namespace.
func (v *view) init(space *census.Namespace) census.Init {
	found, met := v.counted.inits[space.Inode]
	if !met {
		found = v.reader.Init(space)
		if v.counted.inits == nil {
			v.counted.inits = map[census.Inode]census.Init{}
		}
		v.counted.inits[space.Inode] = found
	}
	return found
}

// pidInodeCell is the process as nsenter takes it, whatever becomes of the PID.
func pidInodeCell(r shown) string {
	if r.pid == 0 || r.Pidfs == 0 {
		return ""
	}
	return strconv.Itoa(r.pid) + ":" + positive(r.Pidfs)
}

// ownersCell is the chain of user namespaces that lead to one, as a path.
func ownersCell(r shown) string {
	var chain []string
	for inode := r.ns.Owner; inode != 0 && len(chain) <= census.MaxNesting+1; {
		chain = append(chain, decimal(inode))
		above := r.snapshot.Find(inode)
		if above == nil || above.Owner == inode {
			break
		}
		inode = above.Owner
	}
	slices.Reverse(chain)
	return strings.Join(chain, "/")
}
