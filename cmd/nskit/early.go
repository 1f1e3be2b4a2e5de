package main

import (
	"github.com/nskit/nskit/cmd/internal/multicall"
	"github.com/nskit/nskit/cmd/internal/registry"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/trampoline"
)

// Memory of the early attempt. It lies in the binary's empty pages and costs
// nothing where it is not touched.
var (
	earlyPlan  launch.Workspace
	earlyImage trampoline.Workspace
	earlyArgv  [256]string
	earlyEnv   [512]string
	earlyLine  [256]byte
)

// early answers a command line that only takes a Program or a line of text,
// before the Go runtime starts; see package prestart for what that means. It
// comes back when there is more to do.
//
//lint:ignore U1000 nskit_early calls it
func early() {
	if prestart.Secure() {
		return // perhaps with privileges that are the file's: see multicall.Main
	}
	argv, env := prestart.Vectors(earlyArgv[:0], earlyEnv[:0])
	if line := multicall.Version(registry.Applets, version, argv, earlyLine[:0]); line != nil {
		prestart.Answer(line)
	}
	if p := multicall.Plan(registry.Applets, &earlyPlan, argv, env); p != nil {
		earlyImage.RunEarly(p, prestart.Stack())
	}
}
