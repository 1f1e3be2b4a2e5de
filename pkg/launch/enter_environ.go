//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// environChunk is how much of an environment is copied at once, in bytes.
const environChunk = 4096

// ReadEnviron decides how the environment of e's target is read where only
// somebody in its user namespace may: a child enters that namespace alone,
// takes the IDs that the command would have, and copies /proc/PID/environ to
// its standard output. Run it with trampoline.Start, beside the process that
// goes on; it needs a /proc and leaves nothing behind.
func ReadEnviron(e *Entry, c *Caller) *program.Program {
	w := new(Workspace)
	if why := e.wrong(c); why != "" {
		return w.refuse(why)
	}
	if e.Target == nil {
		return w.refuse("no Target to take the environment from")
	}
	user := Entry{Name: e.Name, Target: &Target{PID: e.Target.PID, Inode: e.Target.Inode}, UserParent: e.UserParent,
		UID: e.UID, GID: e.GID, Preserve: e.Preserve, NoHints: true, Command: Command{Title: []string{e.Name}}}
	for _, j := range e.Join {
		if j.Kind == ns.User {
			user.Join = append(user.Join, j)
		}
	}
	if len(user.Join) == 0 {
		user.Join = []Join{{Kind: ns.User}}
	}
	n := w.newEntering(&user, c)
	n.b.Undumpable().Because("no ptrace, no /proc/PID/fd for others").Or("prctl(PR_SET_DUMPABLE) failed")
	n.hold()
	n.openFiles()
	n.choose()
	n.openOwner()
	n.dropGroupsEarly()
	n.enter()
	n.become()
	n.copyEnviron()
	n.placeByFiles()
	n.placeChanged()
	n.placeGone()
	return n.b.Program()
}

// copyEnviron copies the target's environment to descriptor 1.
func (n *entering) copyEnviron() {
	path := n.proc("", "environ")
	fd, size, chunk := n.b.Var("environ"), n.b.Var("size"), n.b.Buffer("chunk", environChunk)
	done := n.b.Label("done")
	n.b.Section("the environment")
	n.b.Open(path, unix.O_RDONLY).Into(fd).Or("cannot open ", path)
	next := n.b.Here("next chunk")
	n.b.Read(program.Value(fd), chunk).Into(size).IfZero(done).Because("the next part").Or("cannot read ", path)
	n.b.WriteFrom(program.Int(1), program.Address(chunk), program.Value(size)).IfPositive(next).Or("write failed")
	n.b.Place(done)
	n.b.ExitGroup(program.Int(0))
}
