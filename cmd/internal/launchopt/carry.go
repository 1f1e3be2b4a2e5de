package launchopt

import (
	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/pkg/program"
	"github.com/nskit/nskit/pkg/trampoline"
)

// Carry prints a Program, if that is what is wanted, or carries it out; then
// it comes back only with an error.
func Carry(inv *applet.Invocation, p *program.Program, explain bool) error {
	if explain {
		return p.Print(inv.Stdout)
	}
	return &applet.Error{Text: "cannot start", Err: trampoline.Exec(p)}
}
