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
// is nearest. ok is false where there is nothing to say: of a user namespace that is not the
// caller's, none is owned, and one more could be.
func (c *counts) limit(space *census.Namespace, kind ns.Kind, m *maxima) (l limit, ok bool) {
	l = limit{name: kind.String(), owned: c.Count(space, kind, census.Everyone), most: -1, source: launch.LimitFile(kind)}
	own := space.Inode == m.own
	uid := c.Heaviest(space, kind)
	if own && l.owned == 0 {
		uid = m.caller
	}
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
	return l, l.owned > 0 || own || l.most >= 0 && l.used >= l.most
}

// userDepth is how deep a user namespace is inside others.
func (c *counts) userDepth(space *census.Namespace) (limit, bool) {
	n := c.depth(space)
	return limit{name: "user depth", owned: n, at: space.Inode, used: n, most: census.MaxNesting + 1, uid: census.Everyone}, n > 0
}

// pidDepth is that of the deepest PID namespace among those that a user namespace owns.
func (c *counts) pidDepth(space *census.Namespace) (limit, bool) {
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
	return deepest, deepest.used > 0
}

// depth is how many namespaces are above one.
func (c *counts) depth(space *census.Namespace) int {
	n := 0
	for space = c.snapshot.Find(space.Parent); space != nil && n <= census.MaxNesting; n++ {
		space = c.snapshot.Find(space.Parent)
	}
	return n
}
