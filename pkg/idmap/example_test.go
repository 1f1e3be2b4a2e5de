package idmap_test

import (
	"fmt"

	"github.com/nskit/nskit/pkg/idmap"
)

// The map of a container that is root to itself and has a user's subordinate
// IDs besides.
func ExampleCombine() {
	const subuid = "# /etc/subuid\njo:100000:65536\njo:300000:10\n"
	var blocks []idmap.Block
	for _, r := range idmap.SubIDs(subuid, "jo", 1000) {
		blocks = append(blocks, idmap.Block{Range: r, Grows: true})
	}
	own := idmap.Range{Inner: 0, Outer: 1000, Count: 1}
	m := idmap.Combine(&own, blocks)
	fmt.Print(m.Text())
	fmt.Println(m.Args())
	// Output:
	// 0 1000 1
	// 1 100000 65536
	// 65537 300000 10
	// [0 1000 1 1 100000 65536 65537 300000 10]
}

func ExampleParse() {
	fmt.Println(idmap.Parse("0:100000:65536"))
	fmt.Println(idmap.Parse("0:100000"))
	// Output:
	// {0 100000 65536} true
	// {0 0 0} false
}
