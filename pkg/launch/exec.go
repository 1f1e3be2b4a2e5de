//go:build linux

package launch

import (
	"strings"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/visible"
	"golang.org/x/sys/unix"
)

// defaultPath is what execvp(3) searches when PATH is not set.
const defaultPath = "/bin:/usr/bin"

// shell runs what the kernel cannot execute, as execvp(3) demands.
const shell = "/bin/sh"

// candidates appends the paths that execvp(3) tries for a file, in order.
func (p *plan) candidates(list []string, file string, path Maybe[string]) []string {
	if file == "" || strings.IndexByte(file, '/') >= 0 {
		return append(list, file)
	}
	rest, more := defaultPath, true
	if path.Set {
		rest = path.Value
	}
	for more {
		dir := rest
		if end := strings.IndexByte(rest, ':'); end >= 0 { // strings.Cut lies in code that nothing else needs
			dir, rest = rest[:end], rest[end+1:]
		} else {
			more = false
		}
		if dir == "" { // the working directory
			list = append(list, file)
			continue
		}
		list = append(list, p.b.Join(dir, "/", file))
	}
	return list
}

// execute runs the command in place of the process.
func (p *plan) execute() {
	var buffer [32]string
	cmd := &p.s.Command
	p.reportReady()
	if cmd.Login {
		p.b.Place(p.shellOfAccount())
	}
	if cmd.Direct {
		p.search(append(buffer[:0], cmd.File), cmd.File, program.Vector(cmd.Args...), -1, p.inside)
		return
	}
	first := len(cmd.Title)
	p.search(p.candidates(buffer[:0], cmd.File, cmd.Path), cmd.File, program.Argv(first), first, p.inside)
}

// execution is a search for a file to execute.
type execution struct {
	*plan
	file string
	argv program.Arg
	// script is where in the argument vector the file's name stands, -1 to do
	// without the shell.
	script int
	// missing is what helps where no file is found, "" for nothing.
	missing string
	// only says that there is a single candidate.
	only           bool
	result, denied program.Var
	failed, shell  *program.Label
}

// attempt is one candidate of an execution: where it is tried, and the detours
// that its errors take.
type attempt struct {
	path                  string
	try, denied, asScript *program.Label
}

// search carries out the rules of execvp(3): a file that does not exist is
// looked for further, one without permission is remembered, one that is no
// binary is given to the shell.
func (p *plan) search(list []string, file string, argv program.Arg, script int, missing string) {
	e := execution{plan: p, file: file, argv: argv, script: script, missing: missing, only: len(list) == 1,
		result: p.b.Var("result"), denied: p.b.Var("denied"), failed: p.b.Label("failed"), shell: p.b.Label("shell")}
	var buffer [32]attempt
	tries := buffer[:0]
	for _, path := range list {
		tries = append(tries, attempt{path, p.b.Label("try"), p.b.Label("denied"), p.b.Label("as script")})
	}
	exhausted := p.b.Label("not found")
	for i := range tries {
		next := exhausted
		if i+1 < len(tries) {
			next = tries[i+1].try
		}
		e.try(&tries[i], next)
	}
	p.b.Place(exhausted)
	e.exhausted()
	for i := range tries {
		next := exhausted
		if i+1 < len(tries) {
			next = tries[i+1].try
		}
		e.detours(&tries[i], next)
	}
	e.runShell()
	e.report(tries)
}

// try executes one candidate.
func (e *execution) try(a *attempt, next *program.Label) {
	e.b.Place(a.try)
	step := e.b.Execve(a.path, e.argv, program.Envp()).Into(e.result).IfNegative(e.failed)
	// These let execvp(3) go on with the next directory.
	for _, errno := range [...]unix.Errno{unix.ENOENT, unix.ENOTDIR, unix.ESTALE, unix.ENODEV, unix.ETIMEDOUT} {
		step.On(errno, next)
	}
	if !e.only { // one candidate alone needs no memory
		step.On(unix.EACCES, a.denied)
	}
	if e.script >= 0 {
		step.On(unix.ENOEXEC, a.asScript)
	}
}

// exhausted is reached when no candidate was there: a lack of permission met on
// the way counts more than the last error.
func (e *execution) exhausted() {
	e.b.Move(e.denied, program.Value(e.denied)).IfZero(e.failed)
	e.b.Move(e.result, program.Int(-int64(unix.EACCES))).IfNegative(e.failed)
}

// detours are where the exceptional errors of one candidate lead.
func (e *execution) detours(a *attempt, next *program.Label) {
	if !e.only {
		e.b.Place(a.denied)
		e.b.Move(e.denied, program.Int(1)).IfPositive(next)
	}
	if e.script >= 0 {
		e.b.Place(a.asScript)
		e.b.Move(program.ArgvSlot(e.script), program.Text(a.path)).IfPositive(e.shell)
	}
}

// runShell gives the file to the shell, whose name takes the slot before the
// file's in the argument vector.
func (e *execution) runShell() {
	if e.script < 0 {
		return
	}
	e.b.Place(e.shell)
	e.b.Move(program.ArgvSlot(e.script-1), program.Text(shell))
	e.b.Execve(shell, program.Argv(e.script-1).As(`["/bin/sh", file, ...]`), program.Envp()).Into(e.result).IfNegative(e.failed).
		Because("if that is no binary (ENOEXEC): the shell runs it")
}

// failMissing fails as where a program is not found.
func (e *execution) failMissing(text, hint string) {
	step := e.b.FailWith(e.result, text, visible.Text(e.file))
	step.Fail.Code = program.ExitNotFound
	if hint != "" {
		e.hint(step, unix.ENOENT, hint)
	}
}

// report fails with the exit code that shells use. A file that is there and yet missing
// lacks what executes it.
func (e *execution) report(tries []attempt) {
	const text = "failed to execute "
	missing := e.b.Label("missing")
	e.b.Place(e.failed)
	e.b.CompareInt(e.result, -int64(unix.ENOENT)).IfZero(missing)
	e.b.FailWith(e.result, text, visible.Text(e.file)).Fail.Code = program.ExitNotExecutable
	e.b.Place(missing)
	if e.file == "" || e.s.NoHints {
		e.failMissing(text, e.missing)
	} else {
		there, st := e.b.Label("there"), e.b.StatBuffer("status")
		for i := range tries {
			step := e.b.Stat(tries[i].path, st).IfZero(there).Tolerate()
			if i == 0 {
				step.Because("is it the file that is missing, or what executes it?")
			}
		}
		e.failMissing(text, e.missing)
		e.b.Place(there)
		e.failMissing(text, hintInterpreter)
	}
	// Never reached: a negative result has been reported.
	e.b.ExitGroup(program.Int(program.ExitNotFound))
}
