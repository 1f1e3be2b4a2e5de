//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// plan is a Program in the making.
type plan struct {
	b *program.Builder
	s Spec
	c Caller
	// binder and mapper are the helper processes, unused where none is needed.
	binder, mapper helper
	// child is the PID of the process that runs the command, if forked.
	child program.Var
	// command is the PID of the process that runs the command, if an init stays
	// behind, and init where the init goes on.
	command program.Var
	init    *program.Label
	// outlived are signals that must not end the waiting parent.
	outlived []unix.Signal
	// mask is the caller's signal mask, kept while the parent blocks signals.
	mask program.Var
	// ready tells the child that the namespaces are bound.
	readyRead, readyWrite program.Var
	// parentFD is a pidfd of the waiting parent.
	parentFD program.Var
	parent   *program.Label
	// tie is a descriptor that the child ends with, where the kernel has made it so: then tied
	// is not 0, and the parent goes on at tiedParent.
	tie, tied  program.Var
	tiedParent *program.Label
	// stops says that the parent stops when its child does.
	stops bool
	// forked is the step that makes the child.
	forked *program.Step
	// newPID says that a PID namespace is entered, which begins with a child.
	newPID bool
	// inside is where the command is looked up, if that is elsewhere: a hint.
	inside string
	// denial is where a failed unshare(2) leads.
	denial denial
	// self is a descriptor of the process's directory in /proc, pid its PID and
	// text that in decimal, where it is not known beforehand and helpers need it.
	self, pid, text program.Var
	guarding
	readiness
	naming
	aloneness
}

// Workspace is memory to plan in, see [program.Workspace].
type Workspace struct {
	plan     plan
	program  program.Workspace // begins with what every Program writes to
	entering entering
	rooting  rooting
}

// Unshare decides how unshare(1) runs a command in new namespaces.
//
// Without [ns.User] in Spec.Unshare the kernel wants CAP_SYS_ADMIN; see
// unshare(2), namespaces(7) and, for the maps, user_namespaces(7). More than one
// ID is mapped by root itself, for everybody else by newuidmap(1) and
// newgidmap(1), which are searched in Caller.Path.
func Unshare(s *Spec, c *Caller) *program.Program { return new(Workspace).Unshare(s, c) }

// Unshare is the function of that name; the Program lasts as long as w is not
// used again.
func (w *Workspace) Unshare(s *Spec, c *Caller) *program.Program {
	if why := s.wrong(c); why != "" {
		return w.refuse(why)
	}
	p := w.begin(s, c)
	if s.Root.Set {
		p.inside = hintInsideRoot
	}
	p.makeNamespaces()
	p.changeRoot()
	p.changeDirectory()
	p.mountProc()
	p.mountBinfmt()
	p.registerInterpreter()
	p.writePIDFile()
	p.dropBounding(!p.keepsCaps())
	p.setIDs()
	p.keepCaps()
	p.dropBounding(p.keepsCaps())
	p.dropCaps()
	p.confirmParent()
	p.sayReady()
	p.forkInit()
	p.execute()
	p.undo()
	p.stayInit()
	p.waitForChild()
	p.bind()
	p.writeMaps()
	p.placeDenial()
	return p.b.Program()
}

// makeNamespaces is what making namespaces begins with, whatever root the
// command then gets.
func (p *plan) makeNamespaces() {
	p.outlived = waitBlocks[:]
	p.resetChildSignal()
	p.openPIDDir()
	p.joinCgroup()
	p.openSelf()
	p.forkBinder()
	p.forkMapper()
	p.closeSelf()
	p.becomeOwner()
	p.unshare()
	p.awaitMapper()
	p.setClocks()
	p.fork()
	p.noteSelf()
	p.bindInPlace()
	p.mapSingleIDs()
	p.writeSetgroups()
	if !p.tries() {
		p.setPropagation()
	}
	p.setHostname()
	p.raiseLoopback()
	p.setSysctls()
	p.registerBeforeChroot()
}

// begin starts a plan.
func (w *Workspace) begin(s *Spec, c *Caller) *plan {
	w.plan = plan{b: w.program.New(s.Name), s: *s, c: *c}
	w.plan.b.Env(s.Env)
	w.plan.b.Cmdline(s.Command.cmdline())
	w.plan.beginReport()
	return &w.plan
}

// hint adds a line to a step's failure unless hints are not wanted.
//
//go:noinline
func (p *plan) hint(s *program.Step, errno unix.Errno, text string) {
	if !p.s.NoHints {
		s.Hint(errno, text)
	}
}

// resetChildSignal makes children waitable where the caller ignores SIGCHLD.
func (p *plan) resetChildSignal() {
	p.b.DefaultAction(program.Signal(unix.SIGCHLD)).Tolerate().Because("children must be waitable, whatever the caller ignores")
}

// unshare makes all namespaces with a single call, even for none at all. A mount
// namespace comes last where a name is given outside first.
func (p *plan) unshare() {
	kinds := p.s.Unshare
	if p.namesInPlace() || p.tries() {
		kinds = kinds.Without(ns.Mount)
	}
	if kinds != 0 || p.s.Unshare == 0 {
		step := p.b.Unshare(kinds.Flags()).Because(unshareReason(kinds)).Or("unshare failed")
		p.hintUnshare(step)
	}
	if kinds == p.s.Unshare && !p.namesInPlace() {
		return
	}
	if p.namesInPlace() {
		p.nameNetns("/proc/self")
		if p.s.Unshare.Has(ns.Mount) {
			p.home = p.b.Var("home")
			p.b.Open("/proc/self/ns/mnt", unix.O_RDONLY).Into(p.home).Because("the way back, to roll back what fails").Or("cannot open /proc/self/ns/mnt")
		}
	}
	if p.s.Unshare.Has(ns.Mount) {
		p.unshareMounts()
	}
}

func unshareReason(kinds ns.Set) string {
	switch {
	case kinds == 0:
		return "nothing is unshared: no namespace was asked for"
	case kinds.Has(ns.User):
		return "the new namespaces, all in one call; in a user namespace one is nobody (65534) until its map is written"
	}
	return "the new namespaces, all in one call"
}

// setClocks writes the clock offsets, which is possible only before the first
// process enters the time namespace.
func (p *plan) setClocks() {
	const file = "/proc/self/timens_offsets"
	if p.s.Boottime.Set {
		open, _ := p.writeFile(file, p.b.Join("7 ", p.b.Itoa(p.s.Boottime.Value), " 0"), "failed to open ", "failed to write to ", "offset of CLOCK_BOOTTIME")
		p.hint(open, unix.ENOENT, hintNoProc)
	}
	if p.s.Monotonic.Set {
		open, _ := p.writeFile(file, p.b.Join("1 ", p.b.Itoa(p.s.Monotonic.Value), " 0"), "failed to open ", "failed to write to ", "offset of CLOCK_MONOTONIC")
		p.hint(open, unix.ENOENT, hintNoProc)
	}
}

// setHostname names the new UTS namespace.
func (p *plan) setHostname() {
	if p.s.Hostname.Set {
		p.b.Sethostname(p.s.Hostname.Value).Because("the host name, in the new UTS namespace only").Or("cannot set host name to '", p.s.Hostname.Value, "'")
	}
}

// raiseLoopback brings lo up: a new network namespace has it down.
func (p *plan) raiseLoopback() {
	if !p.s.Loopback {
		return
	}
	const failed = "cannot bring up the loopback interface"
	fd := p.b.Var("socket")
	p.b.Socket(unix.AF_INET).Into(fd).Because("any socket will do to configure an interface").Or(failed)
	p.b.RaiseLoopback(program.Value(fd)).Because("a new network namespace has lo down").Or(failed)
	p.b.Close(program.Value(fd)).Tolerate()
}

// writeFile opens a file, writes a text and closes it again. The failures read
// as cannotOpen or cannotWrite and the path.
func (p *plan) writeFile(path, text, cannotOpen, cannotWrite, why string) (open, write *program.Step) {
	fd := p.b.Var("fd")
	open = p.b.Open(path, unix.O_WRONLY).Into(fd).Or(cannotOpen, path)
	write = p.b.Write(program.Value(fd), text).Because(why).Or(cannotWrite, path)
	p.b.Close(program.Value(fd)).Tolerate()
	return open, write
}

// cmdline is Title and Args in one: without a copy where they already are, as
// when both are parts of one command line.
func (c Command) cmdline() []string {
	title, args := len(c.Title), len(c.Args)
	switch {
	case args == 0 || c.Direct && title > 0:
		return c.Title
	case c.Direct:
		return c.Args
	}
	if cap(c.Title) >= title+args && &c.Title[:title+1][title] == &c.Args[0] {
		return c.Title[:title+args]
	}
	return append(c.Title[:title:title], c.Args...)
}
