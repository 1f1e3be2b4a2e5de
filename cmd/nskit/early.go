package main

import (
	"unsafe"

	"github.com/nskit/nskit/cmd/internal/applet"
	_ "github.com/nskit/nskit/cmd/internal/common"
	"github.com/nskit/nskit/cmd/internal/launchopt"
	"github.com/nskit/nskit/cmd/internal/multicall"
	"github.com/nskit/nskit/cmd/internal/registry"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/internal/trampoline"
	"github.com/nskit/nskit/pkg/launch"
)

// memory is that of the attempt before the Go runtime. It lies in the binary's empty
// pages and costs nothing where it is not touched. What a common command line touches
// lies side by side, because each page costs a page fault.
var memory struct {
	call      applet.Invocation
	words     [64]string
	options   launchopt.Memory
	plan      launch.Workspace
	image     trampoline.Workspace
	manyWords [704]string
}

// answerRoom is memory for an answer. It is that of the Program, which is not made then.
func answerRoom() (out, err []byte) {
	room := unsafe.Slice((*byte)(unsafe.Pointer(&memory.plan)), 1024+8192)
	return room[1024:1024], room[:0:1024]
}

// invocation is the one that this process was started for.
func invocation() *applet.Invocation {
	inv, words := &memory.call, memory.words[:0]
	if prestart.Words() > len(memory.words) {
		words = memory.manyWords[:0]
	}
	inv.All, inv.Version, inv.Early, inv.Memory, inv.Options = registry.Applets, version, true, &memory.plan, &memory.options
	inv.Argv, inv.Env = prestart.Vectors(words)
	inv.File = prestart.Executed()
	return inv
}

// early answers a command line that only takes a Program or some text before the
// Go runtime starts; see package prestart for what that means. It comes back
// when there is more to do.
//
//lint:ignore U1000 nskit_early calls it
func early() {
	if prestart.Secure() {
		return // perhaps with privileges that are the file's: see multicall.Main
	}
	inv := invocation()
	p, err := multicall.Decide(inv)
	switch {
	case err == nil && !inv.Explain:
		memory.image.RunEarly(p, prestart.Stack())
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
	inv := invocation()
	if err := multicall.Resolve(inv); err != nil {
		say(inv, err)
	}
	say(inv, applet.Fail("cannot start the Go runtime: ", short))
}

// say prints the answer to an invocation that starts no program, and ends the process.
func say(inv *applet.Invocation, err error) {
	var a applet.Answer
	a.Out, a.Err = answerRoom()
	a.Answer(inv, err)  // a text that has no room here is the runtime's
	prestart.EndEarly() // nothing is said twice
	if errno := prestart.Write(1, a.Out); errno != 0 {
		a.WriteFailed(inv, errno)
	}
	prestart.Write(2, a.Err)
	prestart.Exit(a.Code)
}
