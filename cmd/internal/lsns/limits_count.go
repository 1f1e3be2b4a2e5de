package lsns

import (
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
)

// counts are how many namespaces are seen of each kind, by where and for whom they count.
type counts struct {
	snapshot *census.Snapshot
	*census.Charges
}

func count(snapshot *census.Snapshot) *counts { return &counts{snapshot, snapshot.Charges()} }

// limit is what a user namespace has of a kind: by the limit, its own or one above, that
// is nearest. ok is false where there is nothing to say.
func (c *counts) limit(space *census.Namespace, kind ns.Kind, m *maxima) (l limit, ok bool) {
	l = limit{name: kind.String(), owned: c.Count(space, kind, census.Everyone), most: -1, source: launch.LimitFile(kind)}
	uid := c.Heaviest(space, kind)
	at := space
	for depth := 0; at != nil && depth <= census.MaxNesting+1; depth++ {
		one := limit{at: at.Inode, used: c.Count(at, kind, uid), uid: uid, most: -1}
		if limits := m.of[at.Inode]; limits != nil {
			one.most = limits[kind]
		}
		if depth == 0 || one.most >= 0 && (l.most < 0 || one.share() > l.share() || one.share() == l.share() && one.most-one.used < l.most-l.used) {
			l.at, l.used, l.uid, l.most = one.at, one.used, one.uid, one.most
		}
		uid = at.Maker()
		at = c.snapshot.Find(at.Parent)
	}
	return l, l.owned > 0 || l.most >= 0 && l.used >= l.most
}

// depths are how deep a user namespace is inside others, and the deepest PID namespace of
// those that it owns.
func (c *counts) depths(space *census.Namespace) []limit {
	var all []limit
	if n := c.depth(space); n > 0 {
		all = append(all, limit{name: "user depth", owned: n, at: space.Inode, used: n, most: census.MaxNesting + 1, uid: census.Everyone})
	}
	deepest := limit{name: "pid depth", most: census.MaxNesting, uid: census.Everyone}
	for i := range c.snapshot.Namespaces {
		one := &c.snapshot.Namespaces[i]
		if one.Kind != ns.PID || one.Owner != space.Inode {
			continue
		}
		if n := c.depth(one); n > deepest.used {
			deepest.owned, deepest.used, deepest.at = n, n, one.Inode
		}
	}
	if deepest.used > 0 {
		all = append(all, deepest)
	}
	return all
}

// depth is how many namespaces are above one.
func (c *counts) depth(space *census.Namespace) int {
	n := 0
	for space = c.snapshot.Find(space.Parent); space != nil && n <= census.MaxNesting; n++ {
		space = c.snapshot.Find(space.Parent)
	}
	return n
}
