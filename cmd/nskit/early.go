package main

import (
	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/multicall"
	"github.com/nskit/nskit/cmd/internal/registry"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/pkg/trampoline"
)

// Memory of the attempt before the Go runtime. It lies in the binary's empty
// pages and costs nothing where it is not touched.
var (
	earlyImage trampoline.Workspace
	earlyArgv  [256]string
	earlyEnv   [512]string
	earlyOut   [8192]byte
	earlyErr   [1024]byte
	earlyCall  applet.Invocation
)

// early answers a command line that only takes a Program or some text before the
// Go runtime starts; see package prestart for what that means. It comes back
// when there is more to do.
//
//lint:ignore U1000 nskit_early calls it
func early() {
	if prestart.Secure() {
		return // perhaps with privileges that are the file's: see multicall.Main
	}
	inv := &earlyCall
	inv.All, inv.Version, inv.Early = registry.Applets, version, true
	inv.Argv, inv.Env = prestart.Vectors(earlyArgv[:0], earlyEnv[:0])
	p, err := multicall.Decide(inv)
	switch {
	case err == nil && !inv.Explain:
		earlyImage.RunEarly(p, prestart.Stack())
	case applet.Early(err):
		say(inv, err)
	}
}

// ordinary comes right before the Go runtime starts. Where that would fail for a
// limit it says so, as the applet says that it cannot start, and ends the process.
//
//lint:ignore U1000 nskit_ordinary calls it
func ordinary() {
	short := prestart.Short()
	if short == "" {
		return
	}
	inv := &earlyCall
	inv.All, inv.Version, inv.Early = registry.Applets, version, true
	inv.Argv, inv.Env = prestart.Vectors(earlyArgv[:0], earlyEnv[:0])
	if err := multicall.Resolve(inv); err != nil {
		say(inv, err)
	}
	say(inv, applet.Fail("cannot start the Go runtime: ", short))
}

// say prints the answer to an invocation that starts no program, and ends the process.
func say(inv *applet.Invocation, err error) {
	a := applet.Answer{Out: earlyOut[:0], Err: earlyErr[:0]}
	a.Answer(inv, err)  // a text that has no room here is the runtime's
	prestart.EndEarly() // nothing is said twice
	if errno := prestart.Write(1, a.Out); errno != 0 {
		a.WriteFailed(inv, errno)
	}
	prestart.Write(2, a.Err)
	prestart.Exit(a.Code)
}
