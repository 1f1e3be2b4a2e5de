//go:build !linux

package launch

import (
	"os"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
)

// What follows gives Programs that Validate refuses with errors.ErrUnsupported: there
// is no Linux here.

// Workspace is memory to plan in.
type Workspace struct{}

// Self is the calling process as a Caller.
func Self() *Caller {
	return &Caller{PID: os.Getpid(), UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())}
}

// LimitFile is the file that has a user namespace's limit on namespaces of a kind.
func LimitFile(kind ns.Kind) string { return "/proc/sys/user/max_" + kind.String() + "_namespaces" }

// Unshare decides how unshare(1) runs a command.
func Unshare(*Spec, *Caller) *program.Program { return &program.Program{} }

// Enter decides how nsenter(1) runs a command.
func Enter(*Entry, *Caller) *program.Program { return &program.Program{} }

// Pivot decides how a command is run on a new root.
func Pivot(*Spec, *Caller) *program.Program { return &program.Program{} }

// PivotRoot decides on pivot_root(2) alone.
func PivotRoot(*Spec) *program.Program { return &program.Program{} }

// SwitchRoot decides how switch_root(8) leaves an initramfs.
func SwitchRoot(*Spec, *Caller) *program.Program { return &program.Program{} }

// ReadEnviron decides how the environment of a target is read.
func ReadEnviron(*Entry, *Caller) *program.Program { return &program.Program{} }

// ReadLimits reads the limits of a user namespace.
func ReadLimits() *program.Program { return &program.Program{} }

// Unshare is the function of that name.
func (*Workspace) Unshare(s *Spec, c *Caller) *program.Program { return Unshare(s, c) }

// Enter is the function of that name.
func (*Workspace) Enter(e *Entry, c *Caller) *program.Program { return Enter(e, c) }

// Pivot is the function of that name.
func (*Workspace) Pivot(s *Spec, c *Caller) *program.Program { return Pivot(s, c) }

// PivotRoot is the function of that name.
func (*Workspace) PivotRoot(s *Spec) *program.Program { return PivotRoot(s) }
