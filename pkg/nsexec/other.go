//go:build !linux

package nsexec

import (
	"context"
	"errors"
	"os/exec"

	"github.com/nskit/nskit/pkg/launch"
)

// Cmd is a command that is started in other namespaces, on Linux only: here Start fails
// with [errors.ErrUnsupported].
type Cmd struct {
	*exec.Cmd
}

// Command is a command in new namespaces.
func Command(ctx context.Context, s *launch.Spec) *Cmd {
	if s == nil {
		s = &launch.Spec{}
	}
	return newCmd(ctx, s.Command, s.Env)
}

// Enter is a command in namespaces that exist already.
func Enter(ctx context.Context, e *launch.Entry) *Cmd {
	if e == nil {
		e = &launch.Entry{}
	}
	return newCmd(ctx, e.Command, e.Env)
}

func newCmd(ctx context.Context, command launch.Command, env []string) *Cmd {
	c := &Cmd{exec.CommandContext(ctx, command.File)}
	c.Path, c.Args, c.Env, c.Err = command.File, command.Args, env, nil
	return c
}

// Start is not supported.
func (c *Cmd) Start() error { return errors.ErrUnsupported }

// Run is not supported.
func (c *Cmd) Run() error { return errors.ErrUnsupported }

// Output is not supported.
func (c *Cmd) Output() ([]byte, error) { return nil, errors.ErrUnsupported }

// CombinedOutput is not supported.
func (c *Cmd) CombinedOutput() ([]byte, error) { return nil, errors.ErrUnsupported }

// Error is why a command could not be started.
type Error struct {
	Op, Path string
	Errno    errno
	What     string
}

// Error is "nsexec: what".
func (e *Error) Error() string { return "nsexec: " + e.What }

// Unwrap is [errors.ErrUnsupported].
func (e *Error) Unwrap() error { return errors.ErrUnsupported }

// Is finds exec.ErrNotFound, of which there is none here.
func (e *Error) Is(error) bool { return false }
