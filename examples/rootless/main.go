// Command rootless becomes root in a user namespace with all the subordinate IDs that its
// user has, and runs a command there. It replaces what takes a C constructor with
// containers/storage's unshare.MaybeReexecUsingUserNamespace.
package main

import (
	"fmt"
	"os"
	"os/exec"

	"github.com/nskit/nskit/pkg/rootless"
)

func main() {
	before := os.Getpid()
	if err := rootless.Become(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("pid", before, "uid", os.Getuid(), "was", rootless.OriginalUID(), rootless.OriginalGID(), rootless.IsRootless())
	if len(os.Args) > 1 {
		cmd := exec.Command(os.Args[1], os.Args[2:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
