// Command nskit is a set of namespace tools in one binary. It selects the applet from
// the name it was invoked as, or from its first argument.
package main

import (
	"os"

	"github.com/nskit/nskit/cmd/internal/multicall"
	"github.com/nskit/nskit/cmd/internal/registry"
)

// unversioned is the version of a build that knows none.
const unversioned = "unversioned"

// version is set by the linker, as scripts/build tells it.
var version = unversioned

func main() {
	if version == unversioned {
		version = moduleVersion()
	}
	os.Exit(multicall.Main(registry.Applets, version, os.Args))
}
