package launchopt

import (
	"os"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/program"
	"github.com/nskit/nskit/pkg/trampoline"
)

// Caller describes this process to package launch. Only what a Spec needs is
// looked up.
func Caller(s launch.Spec, env []string) launch.Caller {
	c := launch.Caller{PID: os.Getpid(), UID: uint32(os.Geteuid()), GID: uint32(os.Getegid()), Path: variable(env, "PATH")}
	if s.KeepCaps {
		c.LastCap = LastCap()
	}
	return c
}

// Carry prints a Program, if that is what is wanted, or carries it out; then
// it comes back only with an error.
func Carry(inv *applet.Invocation, p *program.Program, explain bool) error {
	if explain {
		return p.Print(inv.Stdout)
	}
	return &applet.Error{Text: "cannot start", Err: trampoline.Exec(p)}
}
