//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// A Program that is to run in a child cannot have the child's PID in it. What
// the process does itself it then does by /proc/self, and a helper by a
// descriptor of that directory, which it puts in the place of its descriptor 0.
const (
	selfDir   = "/proc/self"
	helperDir = "/proc/self/fd/0"
)

// known reports whether the PID is known before the Program runs.
func (p *plan) known() bool { return p.c.PID != 0 }

// directory is that of the process in /proc, as the helper sees it or as the
// process does itself.
func (p *plan) directory(helper bool) string {
	switch {
	case p.known():
		return p.b.Join("/proc/", p.b.Itoa(int64(p.c.PID)))
	case helper:
		return helperDir
	}
	return selfDir
}

// openSelf makes sure that the helpers will know the process: by a descriptor
// of its directory, or where newuidmap(1) is to be told of it, by its PID.
func (p *plan) openSelf() {
	if p.known() {
		return
	}
	if p.needsBinder() || p.needsMapper() && p.c.UID == 0 {
		p.self = p.b.Var("self")
		open := p.b.Open(selfDir, unix.O_PATH|unix.O_DIRECTORY).Into(p.self).Because("the helpers know this process by it").Or("cannot open ", selfDir)
		p.hint(open, unix.ENOENT, hintNoProc)
	}
	if p.needsMapper() && p.c.UID != 0 {
		p.pid = p.b.Var("pid")
		p.b.Getpid().Into(p.pid).Because("newuidmap and newgidmap must be told")
	}
}

// closeSelf closes the descriptor again once the helpers have it.
func (p *plan) closeSelf() {
	if !p.self.None() {
		p.b.Close(program.Value(p.self)).Tolerate()
	}
}

// adoptSelf makes helperDir lead to the process.
func (p *plan) adoptSelf() {
	if !p.self.None() {
		p.b.Dup3(program.Value(p.self), 0).Ignore(unix.EINVAL).Because("to find the process by; 0 it is where that was closed").Or("cannot duplicate a descriptor")
	}
}

// powers are those of ten in a PID, of which the largest is 4194304
// (PID_MAX_LIMIT, include/linux/threads.h).
var powers = [...]int64{1000000, 100000, 10000, 1000, 100, 10, 1}

// decimal writes the PID as a text, for which eight bytes are enough.
func (p *plan) decimal() program.Var {
	if !p.text.None() {
		return p.text
	}
	p.text = p.b.Var("decimal")
	text, rest, left, digit, shift := p.text, p.b.Var("rest"), p.b.Var("left"), p.b.Var("digit"), p.b.Var("shift")
	p.b.Move(rest, program.Value(p.pid))
	further := program.OpAdd
	if program.BigEndian {
		p.b.Move(shift, program.Int(56))
		further = program.OpSub
	}
	for _, power := range powers {
		smaller, write, next := p.b.Label("smaller"), p.b.Label("write"), p.b.Label("next digit")
		p.b.Move(digit, program.Int('0'))
		again := p.b.Here("subtract")
		p.b.WithInt(&program.OpSub, rest, power).Into(left).IfNegative(smaller)
		p.b.Move(rest, program.Value(left))
		p.b.WithInt(&program.OpAdd, digit, 1).Into(digit)
		p.b.Goto(again)
		p.b.Place(smaller)
		p.b.CompareInt(digit, '0').IfPositive(write)
		p.b.Move(text, program.Value(text)).IfZero(next) // no zeros in front
		p.b.Place(write)
		p.b.WithVar(&program.OpShiftLeft, digit, shift).Into(digit)
		p.b.WithVar(&program.OpOr, text, digit).Into(text)
		p.b.WithInt(&further, shift, 8).Into(shift)
		p.b.Place(next)
	}
	return text
}

// toolArgv is the argument vector of newuidmap(1) or newgidmap(1).
func (p *plan) toolArgv(tool string, ids []string) program.Arg {
	if p.known() {
		return program.Vector(append([]string{tool, p.b.Itoa(int64(p.c.PID))}, ids...)...)
	}
	pid := p.decimal()
	argv := p.b.Buffer("argv", 8*(len(ids)+3)) // the last one stays NULL
	shown := "[\"" + tool + "\", pid"
	put := func(i int, arg program.Arg) { p.b.Move(argv.Part(int32(8*i), 8, "argv["+p.b.Itoa(int64(i))+"]"), arg) }
	put(0, program.Text(tool))
	put(1, program.Address(pid))
	for i, id := range ids {
		put(2+i, program.Text(id))
		shown += ", \"" + id + "\""
	}
	return program.Address(argv).As(shown + "]")
}
