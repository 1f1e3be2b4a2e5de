package exporter

import (
	"cmp"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
)

// key tells a namespace from all others that there are at the same time.
type key struct {
	kind  ns.Kind
	inode census.Inode
}

// seen is a namespace. The identifier is 0 before Linux 6.18, and as long as nothing that leads to the namespace can
// be opened: then one whose inode is given away between two scans is taken for the same.
type seen struct {
	id uint64
	// since is when it was first seen without a process.
	since int64
}

// isOther tells whether the identifiers are those of two namespaces.
func (s seen) isOther(id uint64) bool { return s.id != 0 && id != 0 && s.id != id }

// populated is the time of a namespace that a process is in.
const populated = -1

// memory is what is known from one scan to the next. Times are seconds since boot of a clock that
// nobody sets.
type memory struct {
	spaces             map[key]seen
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
	before, after := m.spaces, make(map[key]seen, len(spaces))
	for i := range spaces {
		space := &spaces[i]
		k := key{space.Kind, space.Inode}
		was, known := before[k]
		if known && was.isOther(space.ID) {
			m.destroyed[space.Kind]++
			was, known = seen{}, false
		}
		since := was.since
		if !known && m.begun {
			m.created[space.Kind]++
		}
		switch {
		case space.Processes > 0:
			since = populated
		case !known || since == populated || since > now:
			since = now
		}
		after[k] = seen{cmp.Or(space.ID, was.id), since}
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
	m.spaces, m.begun = after, true
	result.created, result.destroyed = m.created, m.destroyed
	return result
}
