package mnt_test

import (
	"fmt"

	"github.com/nskit/nskit/pkg/mnt"
)

// What cannot be read is told by its error.
func ExampleParseTmpfs() {
	m, err := mnt.ParseTmpfs("/tmp:size=64m,mode=1777")
	fmt.Println(m.Target, m.Data, err)
	_, err = mnt.ParseTmpfs("")
	fmt.Println(err == mnt.ErrNoDestination)
	// Output:
	// /tmp size=64m,mode=1777 <nil>
	// true
}

func ExampleComponents() {
	fmt.Printf("%q\n", mnt.Components(nil, "/var//lib/../log/./nskit/"))
	fmt.Printf("%q\n", mnt.Components(nil, "/../.."))
	// Output:
	// ["var" "log" "nskit"]
	// []
}
