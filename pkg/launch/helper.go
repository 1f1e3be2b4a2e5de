//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// helper is a process forked before the namespaces are made: it stays in the
// old ones, waits for a byte, does its work there and ends. If the process
// that should send the byte ends first, the pipe does too, and so does it.
type helper struct {
	pid         program.Var
	read, write program.Var
	body        *program.Label
}

// forked reports whether the helper was forked.
func (h *helper) forked() bool { return h.body != nil }

// forkHelper forks a helper whose body is placed later.
func (p *plan) forkHelper(h *helper, name, why string) {
	*h = helper{pid: p.b.Var(name), body: p.b.Label(name)}
	var pipe *program.Step
	pipe, h.read, h.write = p.b.Pipe(name)
	pipe.Or("pipe failed")
	p.b.Fork().Into(h.pid).IfZero(h.body).Because(why).Or("fork failed")
}

// placeBody places the helper's body, which waits to be released.
func (p *plan) placeBody(h *helper, title string) {
	p.b.Section(title)
	p.b.Place(h.body)
	p.awaitByte(h.read, h.write, "go on when the namespaces are made, end if their maker does")
}

// awaitByte waits for a byte from another process; without one, because that
// process has ended, this one ends too.
func (p *plan) awaitByte(read, write program.Var, why string) {
	got, here := p.b.Var("byte"), p.b.Label("released")
	p.b.Close(program.Value(write)).Tolerate().Because("the pipe ends with its last writer")
	again := p.b.Here("await")
	p.b.ReadOne(program.Value(read), got).IfPositive(here).On(unix.EINTR, again).Because(why).Or("read from pipe failed")
	p.b.ExitGroup(program.Int(1)).Because("whoever was to write has ended")
	p.b.Place(here)
}

// release lets a helper work and ends with its exit code if it fails.
func (p *plan) release(h *helper, why string) {
	p.wake(h.write, why)
	p.reap(h.pid)
}

// wake sends the byte that awaitByte waits for. To go on without would be to
// wait for each other.
func (p *plan) wake(write program.Var, why string) {
	p.b.Write(program.Value(write), "1").Because(why).Or("write to pipe failed")
}

// reap waits for a child and ends with its exit code if it fails.
func (p *plan) reap(pid program.Var) {
	done, status, code := p.b.Label("helper done"), p.b.Var("status"), p.b.Var("code")
	p.b.Wait4(program.Value(pid), status, 0).Or("waitpid failed")
	p.b.Move(status, program.Value(status)).IfZero(done)
	killed := p.b.Label("killed")
	p.b.WithInt(&program.OpShiftRight, status, 8).Into(code).IfZero(killed)
	p.b.ExitGroup(program.Value(code)).Because("it has said why")
	p.b.Place(killed)
	p.b.Write(program.Int(2), p.b.Join(p.s.Name, ": a helper process (", pid.Name, ") was killed by a signal\n")).Tolerate().Because("it could not say why")
	p.b.ExitGroup(program.Int(1))
	p.b.Place(done)
}

// runTool runs a set-user-ID tool and waits for it.
func (p *plan) runTool(file string, argv program.Arg) {
	pid, after := p.b.Var(file), p.b.Label("tool started")
	p.b.Fork().Into(pid).IfPositive(after).Because("a process for the set-user-ID tool").Or("fork failed")
	p.b.Section(p.b.Join("the process that becomes ", file))
	p.search(p.candidates(nil, file, p.c.Path), file, argv, -1, hintTools)
	p.b.Section("the helper goes on")
	p.b.Place(after)
	p.reap(pid)
}
