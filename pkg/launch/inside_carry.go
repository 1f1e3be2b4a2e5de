//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// copyProgram copies the program that is carried to a file in memory, and seals
// that: nobody inside gets hold of the caller's file, or changes the copy.
func (n *entering) copyProgram() {
	failed := n.b.Join("cannot copy ", n.in.Carry, " to memory")
	n.b.Section("the program that is carried inside")
	file, sealed, older, made := n.b.Var("file"), n.b.Var("program"), n.b.Label("before Linux 6.3"), n.b.Label("in memory")
	n.b.Open(n.in.Carry, unix.O_RDONLY).Into(file).Because("the program to carry").Or("cannot open ", n.in.Carry)
	n.b.MemfdCreate(base(n.in.Carry), unix.MFD_EXEC).Into(sealed).IfPositive(made).IfZero(made).On(unix.EINVAL, older).Or(failed)
	n.b.Place(older)
	n.b.MemfdCreate(base(n.in.Carry), 0).Into(sealed).Or(failed)
	n.b.Place(made)
	next := n.b.Here("next part")
	n.b.Sendfile(program.Value(sealed), program.Value(file)).IfPositive(next).Or(failed)
	n.b.Seal(program.Value(sealed)).Because("nobody can change it any more").Or(failed)
	n.b.Close(program.Value(file)).Tolerate()
	n.in.carried, n.in.result = sealed, n.b.Var("result")
}

// base is the part of a path behind the last slash.
func base(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return path[i+1:]
		}
	}
	return path
}

// executeCarried executes the program by its descriptor, or where the kernel or a
// filter has no call for that by its name in the target's /proc.
func (n *entering) executeCarried() {
	failed, older, argv := n.b.Join("failed to execute ", n.in.Carry), n.b.Label("by name"), program.Argv(len(n.s.Command.Title))
	step := orOlder(n.b.ExecveFD(program.Value(n.in.carried), argv, program.Envp()), older)
	missing := n.b.Label("missing")
	step.Into(n.in.result).On(unix.ENOENT, missing).OrExit(program.ExitNotExecutable, failed)
	n.b.Place(older)
	n.b.Dup3(program.Value(n.in.carried), 3).Ignore(unix.EINVAL).Because("it may be 3 already").OrExit(program.ExitNotExecutable, failed)
	n.b.Execve("/proc/self/fd/3", argv, program.Envp()).Because("without execveat").OrExit(program.ExitNotExecutable, failed)
	n.b.Place(missing)
	n.b.FailWith(n.in.result, failed).Fail.Code = program.ExitNotFound
	n.b.ExitGroup(program.Int(program.ExitNotExecutable)) // never reached
}
