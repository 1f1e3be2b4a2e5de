//go:build !versioned

package main

import (
	"runtime/debug"
	"strings"
)

// moduleVersion is the version that `go install` and `go build` record. It costs
// 20 KB, so scripts/build, which knows the version, leaves it out.
func moduleVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return unversioned
	}
	return strings.TrimPrefix(info.Main.Version, "v")
}
