//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// inside has a plan's part for Inside.
type inside struct {
	*Inside
	// begin is where the mounts are made, lowly where that leads whoever may make
	// none outside. lacking is why; lowered says that it was gone to.
	begin, lowly     *program.Label
	lacking, lowered program.Var
	// user is a descriptor by which the user namespace is entered.
	user program.Var
	// root is the file system in memory, file and tool are those of Tools, carried
	// is the program in memory, and result is why it is not executed.
	root, file, tool, carried, result program.Var
	// shown and attached are mounts that nothing shows yet.
	shown, attached []program.Var
}

// wrong says why an Inside makes no sense, "" if it does.
func (i *Inside) wrong(e *Entry) string {
	switch {
	case i == nil:
		return ""
	case e.Target == nil || !ofTheTarget(e.Root):
		return "Inside needs a Target and its root directory"
	case i.Tools != nil && i.Carry != "":
		return "Tools and Carry exclude each other"
	case i.NoCommand && (i.Tools != nil || i.Carry != ""):
		return "NoCommand with Tools or Carry"
	}
	for k := range i.Attach {
		switch m := &i.Attach[k]; {
		case m.Kind != mnt.Bind || mnt.IsRoot(m.Target):
			return "only binds can be attached, and not to the root itself"
		case m.Try || m.IDs.Count != 0:
			return "Try and IDs are not for what is attached"
		}
	}
	return ""
}

// only are the kinds of namespaces that matter where there is no command.
func (i *Inside) only() ns.Set { return ns.SetOf(ns.User, ns.Mount) }

// openInside opens, like openDirs, what is named by paths of the caller's.
func (n *entering) openInside() {
	if n.e.Inside == nil {
		return
	}
	n.in = &inside{Inside: n.e.Inside}
	n.resetChildSignal()
	if t := n.in.Tools; t != nil && t.Tool != "" {
		n.in.file, n.in.tool = n.b.Var("source"), n.b.Var("filler")
		n.b.Open(t.File, unix.O_RDONLY).Into(n.in.file).Because("what the tools are").Or("cannot open ", t.File)
		n.b.Open(t.Tool, unix.O_PATH).Into(n.in.tool).Because("what makes files of it").Or("cannot open ", t.Tool)
	}
	if n.in.Carry != "" {
		n.copyProgram()
	}
}

// makeInside makes, outside, all mounts that will show inside: nothing shows them yet.
func (n *entering) makeInside() {
	if n.in == nil || n.in.Tools == nil && len(n.in.Attach) == 0 {
		return
	}
	n.b.Section("what is to be mounted, outside and where nobody sees it yet")
	n.in.begin, n.in.lowly = n.b.Here("make the mounts"), n.b.Label("without privilege outside")
	n.in.user = n.userFD()
	n.in.lacking, n.in.lowered = n.b.Var("lacking"), n.b.Var("lowered")
	for i := range n.in.Attach {
		n.in.attached = append(n.in.attached, n.copyTree(&n.in.Attach[i].Mount))
	}
	if n.in.Tools != nil {
		n.makeTools()
	}
}

// privileged leads whoever may not mount anything out here to where they may.
func (n *entering) privileged(s *program.Step, text ...string) *program.Step {
	s.Or(text...)
	if n.withUser() {
		return s.On(unix.EPERM, n.in.lowly)
	}
	n.hint(s, unix.EPERM, hintMountOutside)
	return s
}

// placeLowly is where privileged leads: into the target's user namespace, and a copy
// of the caller's mount namespace that belongs to it. The target's root directory is
// taken along, in case it lies in the caller's mount namespace.
func (n *entering) placeLowly() {
	if n.in == nil || n.in.lowly == nil || !n.withUser() {
		return
	}
	n.b.Section("without privilege outside: by that of the target's user namespace")
	no := n.b.Label("not there either")
	n.b.Place(n.in.lowly)
	n.b.Move(n.in.lacking, program.Int(-int64(unix.EPERM)))
	n.b.Move(n.in.lowered, program.Value(n.in.lowered)).IfPositive(no)
	n.b.Do(program.OpAnd, program.Value(n.left), program.CloneFlags(ns.User.Flag())).IfZero(no)
	n.b.Setns(program.Value(n.in.user), program.CloneFlags(ns.User.Flag())).Or("reassociate to namespaces failed")
	n.b.Do(program.OpSub, program.Value(n.left), program.CloneFlags(ns.User.Flag())).Into(n.left)
	n.b.Fchdir(program.Value(n.root)).Because("taken along to the copy").Or("change directory by root file descriptor failed")
	n.b.Unshare(unix.CLONE_NEWNS).Because("the caller's mounts, to copy from").Or("unshare failed")
	n.b.Openat(program.Cwd(), ".", unix.O_PATH|unix.O_DIRECTORY).Into(n.root).Because("the same in the copy").Or("cannot open the target's root directory")
	n.b.Move(n.in.lowered, program.Int(1))
	n.b.Goto(n.in.begin)
	n.b.Place(no)
	n.hint(n.b.FailWith(n.in.lacking, "cannot make mounts"), unix.EPERM, hintMountOutside)
	n.b.ExitGroup(program.Int(1)) // never reached
}

// userFD is the descriptor by which the user namespace is entered.
func (n *entering) userFD() program.Var {
	for _, f := range n.files {
		if f.kind == ns.User {
			return f.fd
		}
	}
	return n.pidfd
}

// mountInside is what is done to mounts once the namespaces are entered.
func (n *entering) mountInside() {
	if n.in == nil {
		n.move()
		return
	}
	if len(n.in.Attach)+len(n.in.Detach) > 0 {
		n.attach()
	}
	if n.in.Tools != nil {
		n.enterPrivately()
	} else if !n.in.NoCommand {
		n.move()
	}
}

// asRoot becomes root of the user namespace that was entered, in a process that
// makes files there: the caller may have no name in it.
func (n *entering) asRoot() {
	n.b.Do(program.SysSetgid, program.Int(0)).Tolerate().Because("what is made belongs to somebody in there")
	n.b.Setuid(0).Tolerate().Because("likewise")
}
