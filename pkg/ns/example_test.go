package ns_test

import (
	"errors"
	"fmt"
	"os"

	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// Is a process in the caller's network namespace? Paths do not tell, identities do.
func ExampleOpenPID() {
	same := func(a, b int) (bool, error) {
		var ids [2]ns.ID
		for i, pid := range []int{a, b} {
			h, err := ns.OpenPID(pid, ns.Net)
			if err != nil {
				return false, err
			}
			ids[i], err = h.ID()
			h.Close()
			if err != nil {
				return false, err
			}
		}
		return ids[0] == ids[1], nil
	}
	fmt.Println(same(os.Getpid(), os.Getpid()))
	// Output: true <nil>
}

// What is no namespace is refused, and the error tells why.
func ExampleOpen() {
	_, err := ns.Open("/dev/null")
	fmt.Println(errors.Is(err, unix.ENOTTY))
	_, err = ns.Open("/run/netns/no-such-name")
	fmt.Println(errors.Is(err, os.ErrNotExist))
	// Output:
	// true
	// true
}

func ExampleSet() {
	s := ns.SetOf(ns.User, ns.Net).With(ns.Mount).Without(ns.Net)
	fmt.Println(s.List(), s.Has(ns.Mount), s.Flags() == unix.CLONE_NEWUSER|unix.CLONE_NEWNS)
	// Output: [user mnt] true true
}
