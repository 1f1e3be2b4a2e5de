package lsns

import (
	"testing"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
)

// town is a first user namespace with two users' ones in it, and one in the one of user 7.
func town() *census.Snapshot {
	root, seven, eight := 0, 7, 8
	const a, b, c, first = 0xf000_0010, 0xf000_0011, 0xf000_0012, 0xeffffffd
	space := func(inode census.Inode, kind ns.Kind, owner census.Inode) census.Namespace {
		return census.Namespace{Inode: inode, Kind: kind, Relations: census.Relations{Owner: owner}}
	}
	user := func(inode, parent census.Inode, uid *int) census.Namespace {
		return census.Namespace{Inode: inode, Kind: ns.User, Relations: census.Relations{Owner: parent, Parent: parent, OwnerUID: uid}}
	}
	return &census.Snapshot{Namespaces: []census.Namespace{
		space(0xeffffff0, ns.UTS, first), user(first, 0, &root),
		user(a, first, &seven), user(b, first, &eight), user(c, a, &seven),
		space(0xf000_0020, ns.UTS, first), space(0xf000_0021, ns.UTS, a), space(0xf000_0022, ns.UTS, c), space(0xf000_0023, ns.UTS, b),
		space(0xf000_0024, ns.UTS, c),
	}}
}

// TestLimits counts where and for whom the kernel does.
func TestLimits(t *testing.T) {
	s := town()
	c := count(s)
	none, two := [ns.KindCount]int{}, [ns.KindCount]int{}
	for i := range none {
		none[i], two[i] = noLimit, 2
	}
	four := two
	four[ns.UTS] = 4
	m := &maxima{own: 0xf000_0011, caller: 9, of: map[census.Inode]*[ns.KindCount]int{0xeffffffd: &four, 0xf000_0010: &none, 0xf000_0012: &two}}
	for _, test := range []struct {
		inode census.Inode
		kind  ns.Kind
		want  limit
		ok    bool
	}{
		// The kernel's own first namespace does not count; user 7 has three, the others one each.
		{0xeffffffd, ns.UTS, limit{owned: 5, at: 0xeffffffd, used: 3, most: 4, uid: 7}, true},
		{0xf000_0010, ns.UTS, limit{owned: 3, at: 0xeffffffd, used: 3, most: 4, uid: 7}, true},
		{0xf000_0012, ns.UTS, limit{owned: 2, at: 0xf000_0012, used: 2, most: 2, uid: 7}, true},
		{0xf000_0011, ns.UTS, limit{owned: 1, at: 0xeffffffd, used: 1, most: 4, uid: 8}, true},
		{0xeffffffd, ns.User, limit{owned: 3, at: 0xeffffffd, used: 2, most: 2, uid: 7}, true},
		{0xf000_0012, ns.Net, limit{at: 0xf000_0012, most: 2, uid: 7}, false},
		// The caller's own, for whom the first namespace counts what user 8 owns.
		{0xf000_0011, ns.Net, limit{at: 0xeffffffd, most: 2, uid: 8}, true},
		{0xf000_0011, ns.UTS, limit{owned: 1, at: 0xeffffffd, used: 1, most: 4, uid: 8}, true},
	} {
		got, ok := c.limit(s.Find(test.inode), test.kind, m)
		got.name, got.source = "", ""
		if got != test.want || ok != test.ok {
			t.Errorf("%x %v: %+v %v", test.inode, test.kind, got, ok)
		}
	}
	if d, ok := c.userDepth(s.Find(0xf000_0012)); !ok || d.used != 2 || d.most != 33 {
		t.Errorf("%+v", d)
	}
	if d, ok := c.pidDepth(s.Find(0xf000_0012)); ok {
		t.Errorf("%+v", d)
	}
}

func TestParseLimits(t *testing.T) {
	got := parseLimits("5\n\n2147483647\nx\n-1\n")
	want := [ns.KindCount]int{}
	for i := range want {
		want[i] = -1
	}
	want[ns.Kinds()[0]], want[ns.Kinds()[2]] = 5, noLimit
	if *got != want {
		t.Errorf("%v, want %v", *got, want)
	}
}
