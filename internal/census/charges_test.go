package census

import (
	"testing"

	"github.com/nskit/nskit/pkg/ns"
)

// TestCharges: two users on the host have each a user namespace with namespaces in it, and one of
// these another one below. The kernel's first namespaces count nowhere.
func TestCharges(t *testing.T) {
	const host, anns, below, bobs = 0xefff_fffd, 0xf000_0002, 0xf000_0003, 0xf000_0004
	root, ann, bob := 0, 1000, 1001
	user := func(inode, parent Inode, uid *int) Namespace {
		return Namespace{Inode: inode, Kind: ns.User, Relations: Relations{Owner: parent, Parent: parent, OwnerUID: uid}}
	}
	network := func(inode, owner Inode) Namespace {
		return Namespace{Inode: inode, Kind: ns.Net, Relations: Relations{Owner: owner}}
	}
	s := &Snapshot{Namespaces: []Namespace{
		{Inode: 0xefff_fffe, Kind: ns.UTS, Relations: Relations{Owner: host}}, user(host, 0, &root),
		user(anns, host, &ann), user(below, anns, &ann), user(bobs, host, &bob),
		network(0xf000_0005, host), network(0xf000_0006, anns), network(0xf000_0007, below), network(0xf000_0008, below),
		network(0xf000_0009, bobs), {Inode: 0xf000_000a, Kind: ns.UTS},
	}}
	sortNamespaces(s.Namespaces)
	c := s.Charges()
	if most := c.Most(); most[ns.Net] != 3 || most[ns.User] != 2 || most[ns.UTS] != 0 {
		t.Errorf("net %d, user %d, uts %d", most[ns.Net], most[ns.User], most[ns.UTS])
	}
	if all := c.Count(s.Find(host), ns.Net, Everyone); all != 5 {
		t.Errorf("%d networks on the host", all)
	}
	if uid := c.Heaviest(s.Find(host), ns.Net); uid != ann {
		t.Errorf("user %d has the most", uid)
	}
}
