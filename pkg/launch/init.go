//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// siKernel is SI_KERNEL of sigaction(2): the kernel sent the signal, as when a
// terminal interrupts everybody in the foreground.
const siKernel = 0x80

// released is what the first process lets the command's go on with; it is
// blocked there until then.
var released = [...]unix.Signal{unix.SIGCONT}

// forkInit leaves the first process of the PID namespace as an init and goes on
// in a child, which runs the command; stayInit is the first process's part.
func (p *plan) forkInit() {
	if !p.s.Init {
		return
	}
	var memory [64]unix.Signal
	mask := p.b.Var("mask")
	p.command, p.init = p.b.Var("command"), p.b.Label("the first process")
	p.b.Sigprocmask(unix.SIG_BLOCK, passedOn(memory[:0]), mask).Because("the first process waits for signals").Or("sigprocmask block failed")
	p.b.Fork().Into(p.command).IfPositive(p.init).Because("the first process stays behind, to reap").Or("fork failed")
	p.b.Section("the command's process")
	p.b.Sigtimedwait(released[:], program.Var{}).Because("the command must not see what the first process had open").Or("sigwait failed")
	p.b.RestoreMask(mask).Because("the caller's own mask").Or("sigprocmask restore failed")
}

// passedOn are the signals that an init passes on, and SIGCHLD: all but those
// that cannot be caught, that tell a process of its own fault, or that a
// terminal stops a process in the background with.
func passedOn(list []unix.Signal) []unix.Signal {
	for sig := unix.Signal(1); sig <= 64; sig++ {
		switch sig {
		case unix.SIGKILL, unix.SIGSTOP, unix.SIGTTIN, unix.SIGTTOU,
			unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGTRAP, unix.SIGABRT, unix.SIGSYS:
		default:
			list = append(list, sig)
		}
	}
	return list
}

// stayInit reaps every process of the namespace that has lost its parent, passes
// signals on to the command, and ends when it does, and with it the namespace.
func (p *plan) stayInit() {
	if p.init == nil {
		return
	}
	var memory [64]unix.Signal
	sig, ended, status := p.b.Var("signal"), p.b.Var("ended"), p.b.Var("status")
	info := p.b.Buffer("siginfo", 128)
	reap, done := p.b.Label("reap"), p.b.Label("the command has ended")
	p.b.Section("the first process")
	p.b.Place(p.init)
	p.closeAbove(false, "inherited descriptors are the command's alone")
	p.b.Kill(program.Value(p.command), program.Signal(released[0])).Because("let the command go on").Or("kill failed")
	next := p.b.Here("next signal")
	p.b.Sigtimedwait(passedOn(memory[:0]), info).Into(sig).Or("sigwait failed")
	p.b.CompareInt(sig, int64(unix.SIGCHLD)).IfZero(reap)
	p.b.CompareInt(info.Part(8, 4, "siginfo.code"), siKernel).IfZero(next).Because("a terminal has told the command too")
	p.b.Kill(program.Value(p.command), program.Value(sig)).Because("pass it on").Tolerate()
	p.b.Goto(next)
	p.b.Place(reap)
	p.b.Wait4(program.Int(-1), status, unix.WNOHANG).Into(ended).IfZero(next).Because("whoever has ended").Or("waitpid failed")
	p.b.CompareVar(ended, p.command).IfZero(done).IfPositive(reap).IfNegative(reap)
	p.b.Place(done)
	p.exitAs(status)
}

// exitAs ends the process with a wait status as shells have it: the exit code,
// or 128 and the signal, which the first process of a namespace cannot die of.
func (p *plan) exitAs(status program.Var) {
	sig, code, killed := p.b.Var("signal"), p.b.Var("code"), p.b.Label("killed")
	p.b.Do(program.OpAnd, program.Value(status), program.Int(0x7f).As("a signal")).Into(sig).IfPositive(killed)
	p.b.WithInt(&program.OpShiftRight, status, 8).Into(code)
	p.b.ExitGroup(program.Value(code)).Because("end as the command did")
	p.b.Place(killed)
	p.b.WithInt(&program.OpOr, sig, 128).Into(code)
	p.b.ExitGroup(program.Value(code)).Because("the first process cannot die of a signal of its own")
}

// closeAbove closes the descriptors above 2 but those to keep, in ascending order, at
// once or when a program is executed.
func (p *plan) closeAbove(onExec bool, why string, keep ...int) {
	first := 3
	for _, fd := range keep {
		if fd > first {
			p.closeRange(first, fd-1, onExec, why)
		}
		first = max(first, fd+1)
	}
	p.closeRange(first, -1, onExec, why)
}

// closeRange closes the descriptors from first to last, or all from first on where
// that is negative.
func (p *plan) closeRange(first, last int, onExec bool, why string) {
	const most = 1 << 16 // as far as it is tried one by one
	closed, fd, old, next := p.b.Label("closed"), p.b.Var("fd"), p.b.Label("no close_range"), p.b.Label("next descriptor")
	p.b.CloseRange(first, last, onExec).IfZero(closed).IfPositive(closed).Because(why).IfNegative(old)
	p.b.Place(old)
	p.b.Move(fd, program.Int(int64(first-1)))
	p.b.Place(next)
	p.b.WithInt(&program.OpAdd, fd, 1).Into(fd)
	if onExec {
		p.b.CloseOnExec(program.Value(fd)).Tolerate().Because(why)
	} else {
		p.b.Close(program.Value(fd)).Tolerate().Because(why)
	}
	end := last
	if end < 0 {
		end = most
	}
	p.b.CompareInt(fd, int64(end)).IfNegative(next)
	p.b.Place(closed)
}
