package census

import "github.com/nskit/nskit/pkg/ns"

// Charges are how many namespaces count against which limits, as far as a snapshot shows them.
// The kernel counts a namespace for the user who makes it, in the user namespace that owns it; and
// for the user who made that one in the one above, and so on to the first (kernel/ucount.c). Each of
// these has a limit.
type Charges struct{ of map[charge]int }

// charge is where a namespace counts, for which user.
type charge struct {
	space Inode
	kind  ns.Kind
	uid   int
}

// Everyone is the uid of the sum over all users.
const Everyone = -1

// MaxNesting is how many PID namespaces can be inside each other below the first one, and
// user namespaces: MAX_PID_NS_LEVEL of include/linux/pid_namespace.h, and kernel/user_namespace.c.
const MaxNesting = 32

// Charges counts the namespaces of a snapshot; [Snapshot.Relate] must have been asked for
// Parents, Owners and OwnerUIDs.
func (s *Snapshot) Charges() *Charges {
	c := &Charges{map[charge]int{}}
	for i := range s.Namespaces {
		space := &s.Namespaces[i]
		owner, uid := space.Owner, Everyone
		if space.Kind == ns.User {
			owner, uid = space.Parent, space.Maker()
		}
		if at := s.Find(owner); at != nil && !s.isFirst(space) {
			if uid == Everyone {
				uid = at.creator()
			}
			c.add(s, at, space.Kind, uid)
		}
	}
	return c
}

// add counts one namespace from a user namespace upwards.
func (c *Charges) add(s *Snapshot, at *Namespace, kind ns.Kind, uid int) {
	for depth := 0; at != nil && depth <= MaxNesting+1; depth++ {
		c.of[charge{at.Inode, kind, uid}]++
		c.of[charge{at.Inode, kind, Everyone}]++
		uid = at.Maker()
		at = s.Find(at.Parent)
	}
}

// Count is how many namespaces of a kind count in a user namespace for a user.
func (c *Charges) Count(space *Namespace, kind ns.Kind, uid int) int {
	return c.of[charge{space.Inode, kind, uid}]
}

// Heaviest is the user with the most namespaces of a kind in a user namespace.
func (c *Charges) Heaviest(space *Namespace, kind ns.Kind) int {
	uid, most := space.creator(), -1
	for at, n := range c.of {
		if at.space == space.Inode && at.kind == kind && at.uid != Everyone && (n > most || n == most && at.uid < uid) {
			uid, most = at.uid, n
		}
	}
	return uid
}

// Most is, of each kind, the highest count of one user in one user namespace.
func (c *Charges) Most() (most [ns.KindCount]int) {
	for at, n := range c.of {
		if at.uid != Everyone {
			most[at.kind] = max(most[at.kind], n)
		}
	}
	return most
}

// Maker is who made a user namespace, 0 where that is not known.
func (n *Namespace) Maker() int {
	if n.OwnerUID == nil {
		return 0
	}
	return *n.OwnerUID
}

// creator is who is taken to have made what a user namespace owns: nobody has noted
// that, but it needs the rights of root in there, who is the one that made it, mostly.
func (n *Namespace) creator() int {
	if n.Parent == 0 {
		return 0
	}
	return n.Maker()
}

// firstDynamic is less than the inodes of all namespaces but the kernel's first ones:
// PROC_DYNAMIC_FIRST of include/linux/proc_ns.h.
const firstDynamic = 0xf000_0000

// isFirst tells the namespaces that the kernel begins with, which count nowhere. Those
// of types that had no fixed number before Linux 6.18 are kthreadd's.
func (s *Snapshot) isFirst(space *Namespace) bool {
	if space.Inode < firstDynamic {
		return true
	}
	kthreadd := s.Process(2)
	return kthreadd != nil && kthreadd.Namespaces[ns.PID] < firstDynamic && kthreadd.Namespaces[ns.PID] != 0 &&
		kthreadd.Namespaces[space.Kind] == space.Inode
}
