package lsns

import (
	"github.com/nskit/nskit/pkg/census"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
)

// The kernel counts a namespace for the user who makes it, in the user namespace
// that owns it; and for the user who made that one in the one above, and so on to the
// first (kernel/ucount.c). Each of these has a limit.

// counts are how many namespaces are seen of each kind, by where and for whom they count.
type counts struct {
	snapshot *census.Snapshot
	of       map[place]int
}

// place is where a namespace counts, for which user.
type place struct {
	space census.Inode
	kind  ns.Kind
	uid   int
}

// everyone is the uid of the sum over all users.
const everyone = -1

// count counts the namespaces of a snapshot.
func count(snapshot *census.Snapshot) *counts {
	c := &counts{snapshot, map[place]int{}}
	for i := range snapshot.Namespaces {
		space := &snapshot.Namespaces[i]
		owner, uid := space.Owner, everyone
		if space.Kind == ns.User {
			owner, uid = space.Parent, uidOf(space)
		}
		if at := snapshot.Find(owner); at != nil && !c.isFirst(space) {
			if uid == everyone {
				uid = creator(at)
			}
			c.charge(at, space.Kind, uid)
		}
	}
	return c
}

// charge counts one namespace from a user namespace upwards.
func (c *counts) charge(at *census.Namespace, kind ns.Kind, uid int) {
	for depth := 0; at != nil && depth <= maxNesting+1; depth++ {
		c.of[place{at.Inode, kind, uid}]++
		c.of[place{at.Inode, kind, everyone}]++
		uid = uidOf(at)
		at = c.snapshot.Find(at.Parent)
	}
}

// uidOf is who made a user namespace, 0 where that is not known.
func uidOf(space *census.Namespace) int {
	if space.OwnerUID == nil {
		return 0
	}
	return *space.OwnerUID
}

// creator is who is taken to have made what a user namespace owns: nobody has noted
// that, but it needs the rights of root in there, who is the one that made it, mostly.
func creator(at *census.Namespace) int {
	if at.Parent == 0 {
		return 0
	}
	return uidOf(at)
}

// firstInode is less than the inodes of all namespaces but the kernel's first ones:
// PROC_DYNAMIC_FIRST of include/linux/proc_ns.h.
const firstInode = 0xf000_0000

// isFirst tells the namespaces that the kernel begins with, which count nowhere. Those
// of types that had no fixed number before Linux 6.18 are kthreadd's.
func (c *counts) isFirst(space *census.Namespace) bool {
	if space.Inode < firstInode {
		return true
	}
	kthreadd := c.snapshot.Process(2)
	return kthreadd != nil && kthreadd.Namespaces[ns.PID] < firstInode && kthreadd.Namespaces[ns.PID] != 0 &&
		kthreadd.Namespaces[space.Kind] == space.Inode
}

// limit is what a user namespace has of a kind: by the limit, its own or one above, that
// is nearest. ok is false where there is nothing to say.
func (c *counts) limit(space *census.Namespace, kind ns.Kind, m *maxima) (l limit, ok bool) {
	l = limit{name: kind.String(), owned: c.of[place{space.Inode, kind, everyone}], most: -1, source: launch.LimitFile(kind)}
	uid := c.heaviest(space, kind)
	at := space
	for depth := 0; at != nil && depth <= maxNesting+1; depth++ {
		one := limit{at: at.Inode, used: c.of[place{at.Inode, kind, uid}], uid: uid, most: -1}
		if limits := m.of[at.Inode]; limits != nil {
			one.most = limits[kind]
		}
		if depth == 0 || one.most >= 0 && (l.most < 0 || one.share() > l.share() || one.share() == l.share() && one.most-one.used < l.most-l.used) {
			l.at, l.used, l.uid, l.most = one.at, one.used, one.uid, one.most
		}
		uid = uidOf(at)
		at = c.snapshot.Find(at.Parent)
	}
	return l, l.owned > 0 || l.most >= 0 && l.used >= l.most
}

// heaviest is the user with the most namespaces of a kind in a user namespace.
func (c *counts) heaviest(space *census.Namespace, kind ns.Kind) int {
	uid, most := creator(space), -1
	for at, n := range c.of {
		if at.space == space.Inode && at.kind == kind && at.uid != everyone && (n > most || n == most && at.uid < uid) {
			uid, most = at.uid, n
		}
	}
	return uid
}

// maxNesting is how many PID namespaces can be inside each other below the first one, and
// user namespaces: MAX_PID_NS_LEVEL of include/linux/pid_namespace.h, and kernel/user_namespace.c.
const maxNesting = 32

// depths are how deep a user namespace is inside others, and the deepest PID namespace of
// those that it owns.
func (c *counts) depths(space *census.Namespace) []limit {
	var all []limit
	if n := c.depth(space); n > 0 {
		all = append(all, limit{name: "user depth", owned: n, at: space.Inode, used: n, most: maxNesting + 1, uid: everyone})
	}
	deepest := limit{name: "pid depth", most: maxNesting, uid: everyone}
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
	for space = c.snapshot.Find(space.Parent); space != nil && n <= maxNesting; n++ {
		space = c.snapshot.Find(space.Parent)
	}
	return n
}
