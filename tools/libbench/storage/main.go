// Command storage becomes root as examples/rootless does, by containers/storage.
package main

import (
	"fmt"
	"os"

	"go.podman.io/storage/pkg/reexec"
	"go.podman.io/storage/pkg/unshare"
)

func main() {
	if reexec.Init() {
		return
	}
	unshare.MaybeReexecUsingUserNamespace(false)
	fmt.Println("uid", os.Getuid())
}
