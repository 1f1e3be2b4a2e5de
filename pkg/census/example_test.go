package census_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/nskit/nskit/pkg/census"
	"github.com/nskit/nskit/pkg/ns"
)

// Which processes share the caller's network namespace?
func ExampleTake() {
	s, err := census.Take(context.Background(), census.Options{Kinds: ns.SetOf(ns.Net)})
	if err != nil {
		log.Fatal(err)
	}
	self := s.Process(os.Getpid())
	space := s.Find(self.Namespaces[ns.Net])
	fmt.Println(space.Kind, len(s.Members(space)) == space.Processes)
	// Output: net true
}

// What does the lowest process of the caller's user namespace run, and who made
// that namespace?
func ExampleSnapshot_Details() {
	s, err := census.Take(context.Background(), census.Options{Kinds: ns.SetOf(ns.User), Want: census.Relations})
	if err != nil {
		log.Fatal(err)
	}
	space := s.Find(s.Process(os.Getpid()).Namespaces[ns.User])
	details, ok := s.Details(space.PID)
	fmt.Println(*space.OwnerUID >= 0, ok, details.Command != "")
	// Output: true true true
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
