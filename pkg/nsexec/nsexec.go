//go:build linux

// Package nsexec runs commands in other namespaces with the fields and the meaning of
// os/exec.
//
//	cmd := nsexec.Command(ctx, &launch.Spec{
//		Unshare: ns.SetOf(ns.User, ns.PID, ns.Mount),
//		Users:   launch.IDs{Single: launch.Some(uint32(0))},
//		Proc:    launch.Some("/proc"),
//		Command: launch.Command{File: "ps", Args: []string{"ps"}},
//	})
//	out, err := cmd.Output()
//
// A [Cmd] is an exec.Cmd: pipes, Stdout and Stderr, ExtraFiles, Dir, Env, Cancel,
// WaitDelay, Process and ProcessState are those of os/exec, and mean the same. What
// differs is Start. It returns when the namespaces, the ID maps and the root stand and the
// command has been executed, and Process is the command itself, also where that is the
// first process of a PID namespace. What fails before is an [Error] with the system call,
// the path and the error number, never the command's exit status.
//
// Kill ends the command, and with its PID namespace, if it has one of its own, everything
// that it has forked; without one, those are left alone, as by os/exec. The first process
// of a PID namespace gets signals from outside only if it has handlers for them, SIGKILL
// always: Spec.Init keeps an init before a command that was not written for that, and then
// Process is the init, which passes signals on and ends as the command does (128 and the
// signal's number where it was killed).
//
// Any number of goroutines may start commands at once. Start needs a /proc, and where the
// caller has no privilege what package launch says; for more than one ID newuidmap(1) and
// newgidmap(1) are searched in PATH. Do not use it for what os/exec can do: a command in
// the caller's own namespaces.
package nsexec

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/launch"
)

// Cmd is a command that is started in other namespaces, once. Its fields are those of
// the exec.Cmd in it, with these meanings:
//
//   - Path and Args are the command's; Path is searched in the PATH of Env, in the
//     command's own root, unless it holds a slash. Directories in PATH that are not absolute are
//     passed over.
//   - Dir is found in the command's root, after Spec.Dir has been changed to.
//   - A Path of /proc/self/exe is the caller's own binary, as by os/exec. Where its file has been
//     removed the command has it open, behind ExtraFiles, and needs a /proc in its root.
//   - ExtraFiles stay open on a new root, too.
//   - SysProcAttr is applied before anything else, in the caller's namespaces.
type Cmd struct {
	*exec.Cmd
	ctx     context.Context
	decide  func(report int, c *Cmd) *program.Program
	started bool
	// own is this process's binary, where no path leads to it any more.
	own *os.File
}

// Command is a command in new namespaces: on a new root where s.Pivot is set (see
// launch.Pivot), else as launch.Unshare has it. A new PID or time namespace implies Fork.
// Name, KillChild and Forward have no meaning here; s is read by Start. ctx ends the
// command as that of exec.CommandContext does, and ends Start.
func Command(ctx context.Context, s *launch.Spec) *Cmd {
	if s == nil {
		s = &launch.Spec{}
	}
	return newCmd(ctx, s.Command, s.Env, func(report int, c *Cmd) *program.Program { return decideSpec(*s, report, c) })
}

// Enter is a command in namespaces that exist already, see launch.Enter.
func Enter(ctx context.Context, e *launch.Entry) *Cmd {
	if e == nil {
		e = &launch.Entry{}
	}
	return newCmd(ctx, e.Command, e.Env, func(report int, c *Cmd) *program.Program { return decideEntry(e, report, c) })
}

func newCmd(ctx context.Context, command launch.Command, env []string, decide func(int, *Cmd) *program.Program) *Cmd {
	c := &Cmd{Cmd: exec.CommandContext(ctx, "/command"), ctx: ctx, decide: decide}
	c.Path, c.Args, c.Env = command.File, command.Args, env
	if len(c.Args) == 0 {
		c.Args = []string{c.Path}
	}
	return c
}

// command is what is executed in the end.
func (c *Cmd) command() launch.Command {
	path := launch.Maybe[string]{}
	for _, entry := range c.Environ() { // the last one counts
		if value, ok := strings.CutPrefix(entry, "PATH="); ok {
			path = launch.Some(absolute(value))
		}
	}
	file := c.Path
	switch {
	case c.own != nil:
		file = "/proc/self/fd/" + strconv.Itoa(c.ownFD())
	case isOwnBinary(file):
		file = ownBinary()
	}
	return launch.Command{File: file, Args: c.Args, Path: path}
}

// absolute leaves those directories in a search path that are.
func absolute(list string) string {
	var dirs []string
	for _, dir := range filepath.SplitList(list) {
		if filepath.IsAbs(dir) {
			dirs = append(dirs, dir)
		}
	}
	return strings.Join(dirs, ":")
}

// caller is this process; the one that carries the Program out is another.
func (c *Cmd) caller() *launch.Caller {
	self := launch.Self()
	self.PID, self.Path = 0, c.command().Path
	if attr := c.SysProcAttr; attr != nil && attr.Credential != nil {
		self.UID, self.GID = attr.Credential.Uid, attr.Credential.Gid
	}
	return self
}

// prepared is the first error of what the caller has filled in.
func (c *Cmd) prepared() error {
	if c.Path == "" {
		return errors.New("nsexec: no command")
	}
	return c.Err
}
