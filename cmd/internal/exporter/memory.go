package exporter

import (
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
)

// key tells a namespace from all others. The identifier is 0 before Linux 6.18: then one
// whose inode is given away between two scans is taken for the same.
type key struct {
	kind  ns.Kind
	inode census.Inode
	id    uint64
}

// populated is the time of a namespace that a process is in.
const populated = -1

// memory is what is known from one scan to the next. Times are seconds since boot of a clock that
// nobody sets.
type memory struct {
	// since is when each namespace was first seen without a process.
	since              map[key]int64
	created, destroyed [ns.KindCount]uint64
	// begun says that there was a scan: what the first one finds is not new.
	begun bool
}

// remembered is what the memory says about the namespaces of a scan.
type remembered struct {
	created, destroyed [ns.KindCount]uint64
	// oldest is for how many seconds a namespace of each kind has been seen without a process.
	oldest [ns.KindCount]int64
	// ages are those of each one without a process.
	ages map[census.Inode]int64
}

// see notes what a scan has found.
func (m *memory) see(spaces []census.Namespace, now int64) *remembered {
	result := &remembered{ages: map[census.Inode]int64{}}
	before, after := m.since, make(map[key]int64, len(spaces))
	for i := range spaces {
		space := &spaces[i]
		k := key{space.Kind, space.Inode, space.ID}
		since, known := before[k]
		if !known && m.begun {
			m.created[space.Kind]++
		}
		switch {
		case space.Processes > 0:
			since = populated
		case !known || since == populated || since > now:
			since = now
		}
		after[k] = since
		if since != populated {
			result.ages[space.Inode] = now - since
			result.oldest[space.Kind] = max(result.oldest[space.Kind], now-since)
		}
	}
	for k := range before {
		if _, still := after[k]; !still {
			m.destroyed[k.kind]++
		}
	}
	m.since, m.begun = after, true
	result.created, result.destroyed = m.created, m.destroyed
	return result
}
