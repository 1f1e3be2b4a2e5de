package lsns

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nskit/nskit/internal/census"
)

// TestSubject: what a word stands for.
func TestSubject(t *testing.T) {
	for word, want := range map[string]census.Inode{"4026531840": 4026531840, "net:[12]": 12, "x:[12]": 0, "8:17": 0, "0": 0, "": 0, "1x": 0, "4294967296": 0} {
		if inode, ok := namedNamespace(word); inode != want && ok || ok != (want != 0) {
			t.Errorf("%q: %d %v", word, inode, ok)
		}
	}
	disk := census.Block{Device: census.Device{Major: 8, Minor: 17}, Name: "sdb1"}
	loop := census.Block{Device: census.Device{Major: 7}, Name: "loop0", Backing: "/srv/image"}
	blocks := func(d census.Device) []census.Block {
		return map[census.Device][]census.Block{disk.Device: {disk}, loop.Device: {loop}}[d]
	}
	root := &census.Mounting{Device: census.Device{Major: 8, Minor: 1}, Root: "/", Point: "/"}
	bind := &census.Mounting{Device: census.Device{Major: 8, Minor: 1}, Root: "/srv", Point: "/mnt"}
	for _, test := range []struct {
		census.Place
		want  census.Wanted
		whole bool
	}{
		{census.Place{Path: "/dev/sdb1", Mount: root, Block: disk.Device}, census.Wanted{Devices: []census.Device{disk.Device}, Sources: []string{"/dev/sdb1", "name"}}, true},
		{census.Place{Path: "/", Mount: root, IsMount: true}, census.Wanted{Devices: []census.Device{root.Device}, Root: "/", Layers: []string{"/"}}, true},
		{census.Place{Path: "/mnt", Mount: bind, IsMount: true}, census.Wanted{Devices: []census.Device{root.Device}, Root: "/srv", Layers: []string{"/mnt"}}, false},
		{census.Place{Path: "/mnt/d", Mount: bind}, census.Wanted{Devices: []census.Device{root.Device}, Spot: census.Spot{Device: root.Device, Path: "/srv/d"},
			Layers: []string{"/mnt/d"}}, true},
		{census.Place{Path: "/gone", Mount: root, Missing: true}, census.Wanted{Spot: census.Spot{Device: root.Device, Path: "/gone"}, Path: "/gone", Layers: []string{"/gone"}}, false},
		{census.Place{Path: "/srv/image", Mount: root, Regular: true}, census.Wanted{Devices: []census.Device{loop.Device}, Sources: []string{"/dev/loop0"}}, true},
	} {
		name := "name"
		if test.Block != (census.Device{}) {
			name = "/dev/sdb1"
			test.want.Sources = test.want.Sources[:1]
		}
		s := placeSubject(name, &test.Place, blocks, func() []census.Block { return []census.Block{loop} })
		if diff := cmp.Diff(test.want, s.wanted); diff != "" || s.whole != test.whole {
			t.Errorf("%s: whole %v\n%s", test.Path, s.whole, diff)
		}
	}
}

// TestChosen: a directory is what is on it, else its file system.
func TestChosen(t *testing.T) {
	mount := func(id, parent uint64, why census.Why) census.Mounted {
		return census.Mounted{Mounting: census.Mounting{ID: id, Parent: parent}, Why: why}
	}
	points := func(all []census.Mounted) string {
		var ids []string
		for _, m := range all {
			ids = append(ids, string(rune('0'+m.ID)))
		}
		return strings.Join(ids, " ")
	}
	s := &subject{narrow: true, whole: true}
	if got := points(s.chosen([]census.Mounted{mount(1, 0, census.SameFS), mount(2, 1, census.OnMount)})); got != "1 2" || !s.whole {
		t.Errorf("the file system: %s", got)
	}
	if got := points(s.chosen([]census.Mounted{mount(1, 0, census.SameFS), mount(2, 1, census.OnMount), mount(3, 1, census.OnSpot), mount(4, 3, census.OnMount)})); got != "3 4" || s.whole {
		t.Errorf("the directory: %s", got)
	}
}
