//go:build linux

package launch

import (
	"slices"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// fork makes the child that will run the command. What follows is carried out
// by the child; waitForChild is the parent's part.
func (p *plan) fork() {
	if !p.s.Fork {
		return
	}
	p.child, p.parent = p.b.Var("child"), p.b.Label("parent")
	blocked := p.blocked()
	p.b.SetName(p.s.Name).Tolerate().Because("what ps shows of the waiting parent")
	if len(blocked) > 0 {
		p.mask = p.b.Var("mask")
		p.b.Sigprocmask(unix.SIG_BLOCK, blocked, p.mask).Because("the parent outlives these, to report how its child ends").Or("sigprocmask block failed")
	}
	if p.s.KillChild != 0 {
		p.parentFD = p.b.Var("parentFD")
		p.openOwnPidfd().Into(p.parentFD).Tolerate().Because("lets the child see whether its parent has ended")
	}
	if p.binds() {
		var pipe *program.Step
		pipe, p.readyRead, p.readyWrite = p.b.Pipe("ready")
		pipe.Or("pipe failed")
	}
	inChild := p.forkTied()
	if p.s.Report > 0 {
		p.forked = p.b.ForkSibling()
	} else {
		p.forked = p.b.Fork()
	}
	p.forked.Into(p.child).IfPositive(p.parent).Because(p.forkReason()).Or("fork failed")

	p.b.Section("the child")
	if inChild != nil {
		p.b.Place(inChild)
	}
	if len(blocked) > 0 {
		p.b.RestoreMask(p.mask).Because("the caller's own mask").Or("sigprocmask restore failed")
	}
	for _, sig := range p.s.Forward {
		p.b.DefaultAction(program.Signal(sig)).Tolerate().Because("what is forwarded must not be ignored there")
	}
	p.dieWithParent(unix.SIGKILL)
	if p.binds() {
		p.awaitByte(p.readyRead, p.readyWrite, "go on when the namespaces are bound to their files")
		p.guardName()
	}
}

// forkTied makes the child one that the kernel ends with its parent, if it can: whatever the
// child does to its credentials, which would make it forget the parent-death signal. The
// result is where such a child goes on.
//
// nsenter stops when its child does, and --forward-signals waits for SIGCHLD: such a child
// tells of neither.
func (p *plan) forkTied() *program.Label {
	if p.s.KillChild != unix.SIGKILL || len(p.s.Forward) > 0 || p.stops {
		return nil
	}
	inChild := p.b.Label("in the child")
	p.tied, p.tiedParent, p.tie = p.b.Var("tied"), p.b.Label("tied parent"), p.b.Var("pidfd of it")
	p.b.ForkTied(p.tie).Into(p.child).IfZero(inChild).IfPositive(p.tiedParent).Tolerate().Because("since Linux 7.1: it ends with this process whatever it becomes")
	return inChild
}

// forkReason says what the child is for.
func (p *plan) forkReason() string {
	if p.newPID || p.s.Unshare.Has(ns.PID) {
		return "the first process of a PID namespace is a child"
	}
	return "the child becomes the program, and this process waits for it"
}

// openOwnPidfd opens a pidfd of the process itself.
func (p *plan) openOwnPidfd() *program.Step {
	if p.known() {
		return p.b.PidfdOpen(p.c.PID)
	}
	self := p.b.Var("self")
	p.b.Getpid().Into(self)
	return p.b.Do(program.SysPidfdOpen, program.Value(self), program.Int(0))
}

// waitBlocks are the signals that a waiting parent is deaf to.
var waitBlocks = [...]unix.Signal{unix.SIGINT, unix.SIGTERM}

// blocked are the signals that the waiting parent blocks.
func (p *plan) blocked() []unix.Signal {
	if len(p.s.Forward) == 0 {
		return p.outlived
	}
	set := append(slices.Clone(p.outlived), unix.SIGCHLD)
	for _, sig := range p.s.Forward {
		if !slices.Contains(set, sig) {
			set = append(set, sig)
		}
	}
	return set
}

// dieWithParent asks the kernel to end the child together with its parent, and
// ends it at once if that is too late. Until the command is about to run the
// signal is SIGKILL, because the first process of a PID namespace is deaf to
// the others as long as it has no handlers.
func (p *plan) dieWithParent(sig unix.Signal) {
	if p.s.KillChild == 0 {
		return
	}
	alive := p.b.Label("parent lives")
	p.b.ParentDeathSignal(sig).Because("end with the parent").Or("prctl failed")
	p.b.PollNow(p.parentFD).IfZero(alive).Because("too late if it has ended already").Tolerate().IfNegative(alive)
	p.b.ExitGroup(program.Int(1)).Because("the parent has ended")
	p.b.Place(alive)
}

// confirmParent sets the signal that was asked for, or sets it again where a
// change of credentials has cleared it, see prctl(2).
func (p *plan) confirmParent() {
	if p.s.KillChild == unix.SIGKILL && !p.s.UID.Set && !p.s.GID.Set {
		return
	}
	p.dieWithParent(p.s.KillChild)
}

// waitForChild is the parent's part after the fork: it binds namespaces, waits,
// and ends as the child did.
func (p *plan) waitForChild() {
	if p.parent == nil {
		return
	}
	p.b.Section("the parent")
	if p.tiedParent != nil {
		p.b.Place(p.tiedParent)
		p.b.Move(p.tied, program.Int(1))
	}
	p.b.Place(p.parent)
	p.closeReady()
	p.closeNames()
	if p.binds() {
		p.releaseBinder()
		p.forgetUndo()
		p.wake(p.readyWrite, "let the child go on")
	}
	if p.s.Report > 0 {
		p.reportChild()
		return
	}
	p.followTree()
	status := p.b.Var("status")
	if len(p.s.Forward) > 0 {
		p.forwardSignals(status, 0)
	} else {
		p.awaitChild(status)
	}
	p.mirror(status)
}

// awaitChild waits for the child's end.
func (p *plan) awaitChild(status program.Var) {
	const failed = "waitpid failed"
	ended := p.b.Label("the child has ended")
	if p.tiedParent != nil {
		waits := p.b.Label("wait")
		p.b.Move(p.tied, program.Value(p.tied)).IfZero(waits)
		p.b.AwaitTied(p.tie, status, failed)
		p.b.Goto(ended)
		p.b.Place(waits)
	}
	p.b.Wait4(program.Value(p.child), status, 0).Or(failed)
	p.b.Place(ended)
}

// forwardSignals passes signals on until the child has ended, or has changed in
// another way that flags asks wait(2) for.
func (p *plan) forwardSignals(status program.Var, flags int) {
	sig, reap, ended := p.b.Var("signal"), p.b.Label("reap"), p.b.Label("ended")
	next := p.b.Here("next signal")
	p.b.Sigtimedwait(append(slices.Clone(p.s.Forward), unix.SIGCHLD), program.Var{}).Into(sig).Or("sigwait failed")
	p.b.CompareInt(sig, int64(unix.SIGCHLD)).IfZero(reap)
	p.b.Kill(program.Value(p.child), program.Value(sig)).Because("pass it on").Tolerate()
	p.b.Goto(next)
	p.b.Place(reap)
	p.b.Wait4(program.Value(p.child), status, unix.WNOHANG|flags).IfPositive(ended).Or("waitpid failed")
	p.b.Goto(next)
	p.b.Place(ended)
}

// mirror ends the process as a wait status says: with the same exit code, or
// by the same signal.
func (p *plan) mirror(status program.Var) {
	sig, code, killed := p.b.Var("signal"), p.b.Var("code"), p.b.Label("killed")
	p.b.Do(program.OpAnd, program.Value(status), program.Int(0x7f).As("a signal")).Into(sig).IfPositive(killed)
	p.b.WithInt(&program.OpShiftRight, status, 8).Into(code)
	p.b.ExitGroup(program.Value(code)).Because("end as the child did")

	self, bit := p.b.Var("self"), p.b.Var("bit")
	p.b.Section("the parent, if a signal killed the child")
	p.b.Place(killed)
	p.b.DefaultAction(program.Value(sig)).Tolerate().Because("die of the signal that killed the child")
	p.b.WithInt(&program.OpSub, sig, 1).Into(bit)
	p.b.Do(program.OpShiftLeft, program.Int(1), program.Value(bit)).Into(bit)
	p.b.Unblock(bit).Tolerate().Because("it may be blocked")
	p.b.Getpid().Into(self).Because("the caller is to see a death by that signal")
	p.b.Kill(program.Value(self), program.Value(sig)).Tolerate().Because("die as the child did")
	p.b.Write(program.Int(2), p.b.Join(p.s.Name, ": child exit failed\n")).Tolerate()
	p.b.ExitGroup(program.Int(1))
}
