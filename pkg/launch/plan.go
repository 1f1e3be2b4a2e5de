package launch

import (
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/program"
	"golang.org/x/sys/unix"
)

// plan is a Program in the making.
type plan struct {
	b *program.Builder
	s Spec
	c Caller
	// binder and mapper are the helper processes, nil where none is needed.
	binder, mapper *helper
	// child is the PID of the process that runs the command, if forked.
	child program.Var
	// mask is the caller's signal mask, kept while the parent blocks signals.
	mask program.Var
	// ready tells the child that the namespaces are bound.
	readyRead, readyWrite program.Var
	// parentFD is a pidfd of the waiting parent.
	parentFD program.Var
	parent   *program.Label
	// held are descriptors that a helper must not keep open.
	held []program.Var
}

// Unshare decides how unshare(1) runs a command in new namespaces.
func Unshare(s Spec, c Caller) *program.Program {
	p := newPlan(s, c)
	p.resetChildSignal()
	p.forkBinder()
	p.forkMapper()
	p.becomeOwner()
	p.unshare()
	p.awaitMapper()
	p.setClocks()
	p.fork()
	p.bindInPlace()
	p.mapSingleIDs()
	p.writeSetgroups()
	p.setPropagation()
	p.setHostname()
	p.raiseLoopback()
	p.registerBeforeChroot()
	p.changeRoot()
	p.changeDirectory()
	p.mountProc()
	p.mountBinfmt()
	p.registerInterpreter()
	p.setIDs()
	p.keepCaps()
	p.confirmParent()
	p.warnWithoutFork()
	p.execute()
	p.waitForChild()
	p.bind()
	p.writeMaps()
	return p.b.Program()
}

func newPlan(s Spec, c Caller) *plan {
	p := &plan{b: program.New(s.Name), s: s, c: c}
	p.b.Env(s.Env)
	if s.Command.Direct {
		p.b.Cmdline(s.Command.Title)
	} else {
		p.b.Cmdline(append(s.Command.Title[:len(s.Command.Title):len(s.Command.Title)], s.Command.Args...))
	}
	return p
}

// hint adds a line to a step's failure unless hints are not wanted.
func (p *plan) hint(s *program.Step, errno unix.Errno, text string) {
	if !p.s.NoHints {
		s.Hint(errno, text)
	}
}

// resetChildSignal makes children waitable where the caller ignores SIGCHLD.
func (p *plan) resetChildSignal() {
	p.b.DefaultAction(program.Signal(unix.SIGCHLD)).Tolerate().Because("children must be waitable, whatever the caller ignores")
}

// unshare makes all namespaces with a single call, even for none at all.
func (p *plan) unshare() {
	step := p.b.Unshare(p.s.Unshare.Flags()).Because(newNamespaces(p.s.Unshare)).Or("unshare failed")
	p.hintUnshare(step)
}

// newNamespaces says in words what is made.
func newNamespaces(set ns.Set) string {
	list := set.List()
	if len(list) == 0 {
		return "no new namespace"
	}
	text := "new"
	for i, k := range list {
		if i > 0 && i == len(list)-1 {
			text += " and"
		} else if i > 0 {
			text += ","
		}
		text += " " + k.Title()
	}
	if len(list) == 1 {
		return text + " namespace"
	}
	return text + " namespaces"
}

// setClocks writes the clock offsets, which is possible only before the first
// process enters the time namespace.
func (p *plan) setClocks() {
	const file = "/proc/self/timens_offsets"
	for _, clock := range []struct {
		id     string
		offset *int64
		name   string
	}{{"7", p.s.Boottime, "CLOCK_BOOTTIME"}, {"1", p.s.Monotonic, "CLOCK_MONOTONIC"}} {
		if clock.offset == nil {
			continue
		}
		text := clock.id + " " + itoa(*clock.offset) + " 0"
		p.writeFile(file, text, "failed to open "+file, "failed to write to "+file, "offset of "+clock.name)
	}
}

// setHostname names the new UTS namespace.
func (p *plan) setHostname() {
	if p.s.Hostname != nil {
		p.b.Sethostname(*p.s.Hostname).Because("the host name, in the new UTS namespace only").Or("cannot set host name to '" + *p.s.Hostname + "'")
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
	p.b.SetInterfaceFlags(program.Value(fd), "lo", unix.IFF_UP|unix.IFF_RUNNING).Because("a new network namespace has lo down").Or(failed)
	p.b.Close(program.Value(fd)).Tolerate()
}

// writeFile opens a file, writes a text and closes it again.
func (p *plan) writeFile(path, text, cannotOpen, cannotWrite, why string) *program.Step {
	fd := p.b.Var("fd")
	p.b.Open(path, unix.O_WRONLY).Into(fd).Or(cannotOpen)
	write := p.b.Write(program.Value(fd), text).Because(why).Or(cannotWrite)
	p.b.Close(program.Value(fd)).Tolerate()
	return write
}
