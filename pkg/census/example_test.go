package census_test

import (
	"fmt"
	"log"
	"os"

	"github.com/nskit/nskit/pkg/census"
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
	r := s.Reader()
	for _, space := range s.Namespaces {
		if details, ok := r.Details(space.PID, census.Command); ok && space.OwnerUID != nil {
			_ = fmt.Sprintf("%d made by %d runs %q", space.Inode, *space.OwnerUID, details.Command)
		}
	}
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
