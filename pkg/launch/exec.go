package launch

import (
	"strings"

	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/program"
	"golang.org/x/sys/unix"
)

// defaultPath is what execvp(3) searches when PATH is not set.
const defaultPath = "/bin:/usr/bin"

// shell runs what the kernel cannot execute, as execvp(3) demands.
const shell = "/bin/sh"

// candidates are the paths that execvp(3) tries for a file, in order.
func candidates(file string, path *string) []string {
	if file == "" || strings.Contains(file, "/") {
		return []string{file}
	}
	search := defaultPath
	if path != nil {
		search = *path
	}
	var list []string
	for _, dir := range strings.Split(search, ":") {
		if dir == "" { // the working directory
			list = append(list, file)
			continue
		}
		list = append(list, dir+"/"+file)
	}
	return list
}

// execute runs the command in place of the process.
func (p *plan) execute() {
	cmd := p.s.Command
	if cmd.Direct {
		p.search([]string{cmd.File}, cmd.File, program.Vector(cmd.Args...), nil)
		return
	}
	first := len(cmd.Title)
	p.search(candidates(cmd.File, cmd.Path), cmd.File, program.Argv(first), &first)
}

// search carries out the rules of execvp(3): a file that does not exist is
// looked for further, one without permission is remembered, one that is no
// binary is given to the shell. script is where in the argument vector the
// file's name stands, nil to do without the shell.
func (p *plan) search(list []string, file string, argv program.Arg, script *int) {
	e := &execution{plan: p, file: file, argv: argv, script: script,
		result: p.b.Var("result"), denied: p.b.Var("denied"), failed: p.b.Label("failed"), shell: p.b.Label("shell")}
	e.next = make([]*program.Label, len(list)+1)
	for i := range e.next {
		e.next[i] = p.b.Label("try" + itoa(i))
	}
	for i, candidate := range list {
		e.try(i, candidate)
	}
	p.b.Place(e.next[len(list)])
	e.exhausted()
	for i, candidate := range list {
		e.exceptions(i, candidate)
	}
	e.runShell()
	e.report()
}

// execution is a search in the making.
type execution struct {
	*plan
	file           string
	argv           program.Arg
	script         *int
	result, denied program.Var
	next           []*program.Label
	onDenied       []*program.Label
	onScript       []*program.Label
	failed, shell  *program.Label
}

// try executes one candidate.
func (e *execution) try(i int, path string) {
	b := e.b
	b.Place(e.next[i])
	step := b.Execve(path, e.argv, program.Envp()).Into(e.result).IfNegative(e.failed)
	for _, errno := range []unix.Errno{unix.ENOENT, unix.ENOTDIR, unix.ESTALE, unix.ENODEV, unix.ETIMEDOUT} {
		step.On(errno, e.next[i+1])
	}
	if len(e.next) > 2 { // one candidate alone needs no memory
		denied := b.Label("denied" + itoa(i))
		e.onDenied = append(e.onDenied, denied)
		step.On(unix.EACCES, denied)
	}
	if e.script != nil {
		script := b.Label("script" + itoa(i))
		e.onScript = append(e.onScript, script)
		step.On(unix.ENOEXEC, script)
	}
}

// exhausted is reached when no candidate was there: a lack of permission met on
// the way counts more than the last error.
func (e *execution) exhausted() {
	e.b.Move(e.denied, program.Value(e.denied)).IfZero(e.failed)
	e.b.Move(e.result, program.Int(-int64(unix.EACCES))).IfNegative(e.failed)
}

// exceptions are the detours that one candidate's errors take.
func (e *execution) exceptions(i int, path string) {
	if e.onDenied != nil {
		e.b.Place(e.onDenied[i])
		e.b.Move(e.denied, program.Int(1)).IfPositive(e.next[i+1])
	}
	if e.script != nil {
		e.b.Place(e.onScript[i])
		e.b.Move(program.ArgvSlot(*e.script), program.Text(path)).IfPositive(e.shell)
	}
}

// runShell gives the file to the shell, whose name takes the slot before the
// file's in the argument vector.
func (e *execution) runShell() {
	if e.script == nil {
		return
	}
	before := *e.script - 1
	e.b.Place(e.shell)
	e.b.Move(program.ArgvSlot(before), program.Text(shell))
	e.b.Execve(shell, program.Argv(before).As(`["/bin/sh", file, ...]`), program.Envp()).Into(e.result).IfNegative(e.failed).
		Because("no binary: the shell may know it")
}

// report fails with the exit code that shells use.
func (e *execution) report() {
	text := "failed to execute " + e.file
	missing := e.b.Label("missing")
	e.b.Place(e.failed)
	e.b.Compare(program.Value(e.result), program.Int(-int64(unix.ENOENT))).IfZero(missing)
	e.b.FailWith(e.result, text).OrExit(program.ExitNotExecutable, text)
	e.b.Place(missing)
	e.b.FailWith(e.result, text).OrExit(program.ExitNotFound, text)
	// Never reached: a negative result has been reported.
	e.b.ExitGroup(program.Int(program.ExitNotFound))
}

// warnWithoutFork tells what surprises everybody once: the command itself is
// not in the new PID namespace, and when its first child ends no further
// process can be made.
func (p *plan) warnWithoutFork() {
	if p.s.Unshare.Has(ns.PID) && !p.s.Fork && !p.s.NoHints {
		p.b.Write(program.Int(2), p.s.Name+": hint: "+hintWithoutFork+"\n").Tolerate().Because("a warning")
	}
}
