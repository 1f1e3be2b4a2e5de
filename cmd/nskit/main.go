// Command nskit is a set of namespace tools in one binary. It runs the applet
// that it is called by the name of, or that its first argument names.
package main

import (
	"os"

	"github.com/nskit/nskit/cmd/internal/multicall"
	"github.com/nskit/nskit/cmd/internal/registry"
)

// version is set by the linker.
var version = "0.0.0-unversioned"

func main() {
	os.Exit(multicall.Main(registry.Applets, version, os.Args))
}
