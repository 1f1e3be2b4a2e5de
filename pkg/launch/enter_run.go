//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// entering is the Program of an Entry in the making.
type entering struct {
	*plan
	e *Entry
	// ofTarget are the kinds to enter through the target, as far as known
	// before the Program runs: all that come into question with All.
	ofTarget ns.Set
	// files are the namespaces that have descriptors.
	files []nsFile
	room  [2 * ns.KindCount]nsFile
	// pidfd holds the target, or an error.
	pidfd program.Var
	// chosen holds the flags of all namespaces that are entered, left of those
	// that are still to be. With All, whole has those of all the target's
	// namespaces but the user namespace, shared ones too.
	chosen, left, whole program.Var
	// byFiles is where the namespaces of the target are entered by files in
	// place of the pidfd, entered is where the Program goes on from there,
	// useless is where it ends if no file helps against the error in result, and
	// gone is where it ends if the target has ended.
	// changed is where it ends if the target is not what it was.
	byFiles, entered, useless, gone, changed *program.Label
	result                                   program.Var
	// root, dir and group are descriptors of what the Entry names so.
	root, dir, group program.Var
	// process and owner are what shows the target's IDs and what it shows, if
	// they are to be followed.
	process program.Var
	owner   program.Stat
	// missing and closed are hints for what is not to be had of the target.
	missing, closed string
	// why is where a failed setns(2) leads.
	why refused
	// in is for what is brought along, nil for nothing.
	in *inside
	// refused is how the first attempt to drop all groups went.
	refused program.Var
}

// Enter decides how nsenter(1) runs a command in namespaces that exist
// already. The order is: get hold of everything outside, enter, look at what is
// inside, become who is asked for, run the command.
//
// Entering takes CAP_SYS_ADMIN in the user namespace that owns each of them and,
// but for a user namespace, in the caller's own: see setns(2). The target is
// entered by pidfd in one call since Linux 5.8, and by the files in /proc before.
func Enter(e *Entry, c *Caller) *program.Program { return new(Workspace).Enter(e, c) }

// Enter is the function of that name; the Program lasts as long as w is not
// used again.
func (w *Workspace) Enter(e *Entry, c *Caller) *program.Program {
	if why := e.wrong(c); why != "" {
		return w.refuse(why)
	}
	n := w.newEntering(e, c)
	n.followContext()
	n.harden()
	n.wait()
	n.hold()
	n.openFiles()
	n.choose()
	n.openDirs()
	n.openInside()
	n.openOwner()
	n.recheck()
	n.confirm()
	n.dropGroupsEarly()
	n.makeInside()
	n.enter()
	n.showNetns()
	n.mountInside()
	if e.Inside == nil || !e.Inside.NoCommand {
		n.runInside()
	} else {
		n.b.ExitGroup(program.Int(0))
	}
	n.placeByFiles()
	n.placeLowly()
	n.placeChanged()
	n.placeGone()
	n.placeRefused()
	return n.b.Program()
}

// runInside runs the command as who is asked for.
func (n *entering) runInside() {
	n.joinGroup()
	n.forkInside()
	retains := n.e.KeepCaps && n.withUser()
	n.dropBounding(!retains)
	n.become()
	n.retainCaps()
	n.dropBounding(retains)
	n.dropCaps()
	n.dieWithParent(n.e.KillChild)
	n.run()
	n.waitOutside()
}

func (w *Workspace) newEntering(e *Entry, c *Caller) *entering {
	p := w.begin(&Spec{Name: e.Name, KillChild: e.KillChild, Forward: e.Forward, Env: e.Env, Command: e.Command, Privileges: e.Privileges, NoHints: e.NoHints, Report: e.Report}, c)
	p.stops = true
	if e.Report > 0 {
		p.outlived = waitBlocks[:]
	}
	n := &w.entering
	*n = entering{plan: p, e: e, ofTarget: e.ofTarget(), pidfd: p.b.Var("pidfd"), chosen: p.b.Var("what is entered"), left: p.b.Var("what is left"), whole: p.b.Var("what may be entered"),
		byFiles: p.b.Label("by files"), entered: p.b.Label("entered"), useless: p.b.Label("useless"), result: p.b.Var("last result"), gone: p.b.Label("gone"), changed: p.b.Label("changed")}
	n.files = n.room[:0]
	if e.Target != nil {
		n.missing = p.b.Join("there is no process ", n.target(), " (any more), or this /proc does not show it")
		n.closed = p.b.Join("process ", n.target(), " belongs to another user or has privileges that the caller lacks (CAP_SYS_PTRACE would do, see ptrace(2))")
	}
	return n
}

// ofTarget sorts out the kinds that are entered through the target.
func (e *Entry) ofTarget() ns.Set {
	var set ns.Set
	if e.All {
		set = 1<<ns.KindCount - 1
		if e.Inside != nil && e.Inside.NoCommand {
			set = e.Inside.only()
		}
	}
	for i := range e.Join {
		if e.Join[i].From == FromTarget {
			set = set.With(e.Join[i].Kind)
		} else {
			set = set.Without(e.Join[i].Kind)
		}
	}
	if e.UserParent {
		set = set.Without(ns.User)
	}
	return set
}

// run executes the command.
func (n *entering) run() {
	n.b.Section("the command")
	if n.with(ns.Mount) || n.e.Root.Set {
		n.inside = hintInsideTarget
	}
	if n.in != nil && n.in.Carry != "" {
		n.executeCarried()
		return
	}
	n.execute()
}

// harden closes the ways by which somebody inside could reach out through this
// process: it can neither be traced nor, by way of a script whose interpreter
// is /proc/self/exe, be executed again.
func (n *entering) harden() {
	n.b.Section("nobody inside is to get hold of this process")
	n.b.Undumpable().Because("no ptrace, no /proc/PID/fd for others until the command runs").Or("prctl(PR_SET_DUMPABLE) failed")
	n.b.Fchmod(program.Image(), 0).Because("a script inside with #!/proc/self/exe gets nothing").Or("cannot make the image inexecutable")
	n.b.Close(program.Image()).Tolerate().Because("the program does not get it")
}

// retainCaps makes the capabilities in the user namespace survive execve(2).
func (n *entering) retainCaps() {
	if !n.e.KeepCaps || !n.withUser() {
		return
	}
	next := n.unlessUser()
	n.raiseCaps()
	n.b.Place(next)
}

// forks says whether there may be a child: a PID namespace begins with one.
func (n *entering) forks() bool {
	return n.forced() || !n.e.NoFork && n.with(ns.PID)
}

// forced says whether there is a child whatever is entered.
func (n *entering) forced() bool { return n.e.KillChild != 0 || len(n.e.Forward) > 0 }

// forkInside makes the child that will run the command.
func (n *entering) forkInside() {
	if !n.forks() {
		return
	}
	n.b.Section("the fork")
	inPlace := n.b.Label("in place")
	if n.e.All && !n.forced() {
		n.b.Do(program.OpAnd, program.Value(n.chosen), program.CloneFlags(ns.PID.Flag())).IfZero(inPlace).Because("without a PID namespace no child is needed")
	}
	n.resetChildSignal()
	n.s.Fork, n.newPID = true, n.with(ns.PID)
	n.fork()
	n.hint(n.forked, unix.ENOMEM, hintNoInit)
	n.b.Place(inPlace)
}

// waitOutside is the parent's part: it stops and goes on with its child, and
// ends as the child does.
func (n *entering) waitOutside() {
	if n.parent == nil {
		return
	}
	n.b.Section("the parent")
	n.b.Place(n.parent)
	if n.s.Report > 0 {
		n.reportChild()
		return
	}
	status := n.b.Var("status")
	again := n.b.Here("wait for the child")
	if len(n.e.Forward) > 0 {
		n.forwardSignals(status, unix.WUNTRACED)
	} else {
		n.b.Wait4(program.Value(n.child), status, unix.WUNTRACED).Or("waitpid failed")
	}
	n.stopToo(status, again)
	n.mirror(status)
}

// stopped is how wait(2) marks a child that has stopped and not ended.
const stopped = 0x7f

// stopToo stops the process when its child has stopped, and when it is
// continued has the child go on as well.
func (n *entering) stopToo(status program.Var, again *program.Label) {
	low, self, ended := n.b.Var("low"), n.b.Var("self"), n.b.Label("child ended")
	n.b.WithInt(&program.OpAnd, status, 0xff).Into(low)
	n.b.Compare(program.Value(low).As("the child's state"), program.Int(stopped).As("stopped")).IfPositive(ended).IfNegative(ended)
	n.b.Getpid().Into(self).Because("the process that is to stop")
	n.b.Kill(program.Value(self), program.Signal(unix.SIGSTOP)).Because("stop as the child did, until continued").Tolerate()
	n.b.Kill(program.Value(n.child), program.Signal(unix.SIGCONT)).Tolerate().Because("let the child go on")
	n.b.Goto(again)
	n.b.Place(ended)
}
