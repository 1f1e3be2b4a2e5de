package census_test

import (
	"fmt"
	"log"
	"os"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
)

// Which processes share the caller's network namespace?
func ExampleTake() {
	s, err := census.Take(census.Options{Kinds: ns.SetOf(ns.Net)})
	if err != nil {
		log.Fatal(err)
	}
	self := s.Process(os.Getpid())
	space := s.Find(self.Namespaces[ns.Net])
	fmt.Println(space.Kind, len(s.Members(space)) == space.Processes)
	// Output: net true
}

// What does the lowest process of each user namespace run, and who made it?
func ExampleSnapshot_Relate() {
	s, err := census.Take(census.Options{Kinds: ns.SetOf(ns.User)})
	if err != nil {
		log.Fatal(err)
	}
	if err := s.Relate(census.OwnerUIDs, nil); err != nil {
		log.Fatal(err)
	}
	r, own := s.Reader(), s.Process(os.Getpid()).Namespaces[ns.User]
	for _, space := range s.Namespaces {
		details, ok := r.Details(space.PID, census.Command)
		if !ok || space.OwnerUID == nil || space.Inode != own { // one of them, for the example
			continue
		}
		fmt.Println(*space.OwnerUID >= 0, details.Command != "")
	}
	// Output: true true
}

// The namespaces as a tree: the user namespaces above each other, and what
// belongs to each of them.
func ExampleSnapshot_Relate_tree() {
	s, err := census.Take(census.Options{Kinds: ns.SetOf(ns.User, ns.Net)})
	if err != nil {
		log.Fatal(err)
	}
	if err := s.Relate(census.Parents|census.Owners|census.Ancestors, nil); err != nil {
		log.Fatal(err)
	}
	below := map[census.Inode][]*census.Namespace{}
	for i := range s.Namespaces {
		space := &s.Namespaces[i]
		above := space.Owner
		if space.Kind == ns.User {
			above = space.Parent // 0 for the highest
		}
		below[above] = append(below[above], space)
	}
	listed := 0
	var list func(above census.Inode, depth int)
	list = func(above census.Inode, depth int) {
		for _, space := range below[above] {
			_ = fmt.Sprintf("%*s%v:[%d]", 2*depth, "", space.Kind, space.Inode) // a line of the tree
			listed++
			if space.Kind == ns.User {
				list(space.Inode, depth+1)
			}
		}
	}
	list(0, 0)
	fmt.Println(listed == len(s.Namespaces))
	// Output: true
}

// What is there afterwards that was not there before?
func ExampleDiff() {
	earlier := []census.Namespace{{Inode: 4026531840, Kind: ns.Net}}
	later := []census.Namespace{{Inode: 4026531840, Kind: ns.Net}, {Inode: 4026532255, Kind: ns.Net}}
	for _, leaked := range census.Diff(earlier, later).Appeared {
		fmt.Printf("%v:[%d]\n", leaked.Kind, leaked.Inode)
	}
	// Output: net:[4026532255]
}
