//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// netnsDir is where ip-netns(8) has named network namespaces.
const netnsDir = "/run/netns"

// naming is what gives a network namespace its name.
type naming struct {
	// top is a descriptor of the directory above netnsDir.
	top program.Var
	// dirMade, mounted and fileMade are set where that was done here.
	dirMade, mounted, fileMade program.Var
	// home is the mount namespace that all this was done in, where another one was
	// made since.
	home program.Var
	// undone ends when a helper has removed the name.
	undoneRead, undoneWrite program.Var
}

// namesInPlace says whether the process itself names the namespace: without the
// privileges that it loses in a new user namespace it cannot.
func (p *plan) namesInPlace() bool { return p.s.Netns != "" && !p.s.Unshare.Has(ns.User) }

// namesByHelper says whether the binder does.
func (p *plan) namesByHelper() bool { return p.s.Netns != "" && p.s.Unshare.Has(ns.User) }

// nameNetns binds the network namespace of the process with that directory in
// /proc to its file.
func (p *plan) nameNetns(process string) {
	b, name := p.b, p.s.Netns
	file, source := b.Join(netnsDir, "/", name), b.Join(process, "/ns/net")
	fd := b.Var("fd")
	p.top, p.dirMade, p.mounted, p.fileMade = b.Var("run"), b.Var("made"), b.Var("mounted"), b.Var("file")
	there := b.Label("there")
	b.Section("the name of the network namespace, as ip-netns(8) gives it")
	b.Open("/run", unix.O_PATH|unix.O_DIRECTORY).Into(p.top).Because("to find the way back, whatever the root is then").Or("cannot open /run")
	b.Mkdirat(program.Cwd(), netnsDir, 0o755).On(unix.EEXIST, there).Because("where the names are").Or("cannot make directory ", netnsDir)
	b.Move(p.dirMade, program.Int(1))
	b.Place(there)
	p.guard()
	lock := b.Var("lock")
	b.Open(netnsDir, unix.O_RDONLY|unix.O_DIRECTORY).Into(lock).Because("to be locked").Or("cannot open ", netnsDir)
	b.Flock(program.Value(lock), unix.LOCK_EX).Tolerate().Because("ip(8) waits meanwhile, and does not mount it twice")
	p.shareNames()
	b.CreateAt(program.Cwd(), file, unix.O_RDONLY, 0).Into(fd).Because("the file of that name").Or("cannot make network namespace '", name, "'")
	b.Move(p.fileMade, program.Int(1))
	b.Close(program.Value(fd)).Tolerate()
	p.hint(b.Mount(source, file, "", unix.MS_BIND, "").Because("the namespace lasts as long as this mount").Or("mount ", source, " on ", file, " failed"), unix.ENOENT, hintNoProc)
	b.Close(program.Value(lock)).Tolerate().Because("who else makes one may go on")
}

// shareNames makes netnsDir a shared mount, so that every mount namespace sees what
// is bound in it, and what is unmounted is unmounted in all.
func (p *plan) shareNames() {
	b := p.b
	bind, shared, mounted := b.Label("not a mount point"), b.Label("shared"), b.Label("mounted")
	b.Mount("none", netnsDir, "", unix.MS_SHARED|unix.MS_REC, "").On(unix.EINVAL, bind).IfZero(shared).Because("names show in all mount namespaces").Or("mount --make-shared ", netnsDir, " failed")
	b.Place(bind)
	b.Mount(netnsDir, netnsDir, "", unix.MS_BIND|unix.MS_REC, "").Because("only a mount can be shared").Or("mount --bind ", netnsDir, " failed")
	b.Move(p.mounted, program.Int(1)).IfPositive(mounted)
	b.Place(mounted)
	b.Mount("none", netnsDir, "", unix.MS_SHARED|unix.MS_REC, "").Because("names show in all mount namespaces").Or("mount --make-shared ", netnsDir, " failed")
	b.Place(shared)
}

// nameBeside is what the binder does.
func (p *plan) nameBeside() {
	if !p.namesByHelper() {
		return
	}
	kept := p.guarding
	p.guarding = guarding{}
	p.nameNetns(p.directory(true))
	takeBack := p.stayToUndo()
	p.divert(p.b.Var("result"))
	p.b.Place(takeBack)
	p.takeNameBack()
	p.reportDiverted()
	p.guarding = kept
}

// stayToUndo has a process stay until the program runs, and go on at the label if a step
// before that fails: who runs it has no privilege to remove the name any more.
func (p *plan) stayToUndo() (takeBack *program.Label) {
	b, got, stays := p.b, p.b.Var("byte"), p.b.Label("stays")
	takeBack = b.Label("remove the name")
	b.Fork().IfZero(stays).Because("removes the name if a later step fails; nobody's child, so that none is left to the program").Or("fork failed")
	b.ExitGroup(program.Int(0))
	b.Place(stays)
	b.ReadOne(program.Value(p.binder.read), got).Tolerate().IfPositive(takeBack).Because("a byte for a failure; the end when the program runs")
	b.ExitGroup(program.Int(0))
	return takeBack
}

// prepareUndo makes what tells that the helper has removed the name.
func (p *plan) prepareUndo() {
	if p.namesByHelper() {
		var pipe *program.Step
		pipe, p.undoneRead, p.undoneWrite = p.b.Pipe("undone")
		pipe.Or("pipe failed")
	}
}

// leaveUndo leaves the end that tells it to the helper.
func (p *plan) leaveUndo() {
	if p.namesByHelper() {
		p.b.Close(program.Value(p.undoneWrite)).Tolerate().Because("it is the helper's")
	}
}

// askNameBack has the helper remove the name, and waits until it has.
func (p *plan) askNameBack() {
	got := p.b.Var("byte")
	p.b.Write(program.Value(p.binder.write), "1").Tolerate().Because("remove the name")
	p.b.ReadOne(program.Value(p.undoneRead), got).Tolerate().Because("until that is done")
}

// forgetUndo closes what would keep the helper, in a process that waits while the
// program runs.
func (p *plan) forgetUndo() {
	if p.namesByHelper() {
		p.b.Close(program.Value(p.binder.write)).Tolerate().Because("the helper waits for the end of it")
	}
}

// takeNameBack removes the name, and what was made for it.
func (p *plan) takeNameBack() {
	b := p.b
	if !p.home.None() {
		b.Setns(program.Value(p.home), program.CloneFlags(ns.Mount.Flag())).Tolerate().Because("where it was made")
	}
	noFile, noMount, noDir := b.Label("no file"), b.Label("no mount"), b.Label("no directory")
	file := b.Join("netns/", p.s.Netns)
	b.Fchdir(program.Value(p.top)).IfNegative(noDir).Because("whatever the root is by now")
	b.Move(p.fileMade, program.Value(p.fileMade)).IfZero(noFile)
	b.Umount2(file, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW).Tolerate()
	b.Unlinkat(program.Cwd(), file, 0).Tolerate()
	b.Place(noFile)
	b.Move(p.mounted, program.Value(p.mounted)).IfZero(noMount)
	b.Umount2("netns", unix.UMOUNT_NOFOLLOW).Tolerate().Because("unless it has other names by now")
	b.Place(noMount)
	b.Move(p.dirMade, program.Value(p.dirMade)).IfZero(noDir)
	b.Unlinkat(program.Cwd(), "netns", unix.AT_REMOVEDIR).Tolerate()
	b.Place(noDir)
}

// closeNames closes what the waiting parent has no use for.
func (p *plan) closeNames() {
	if p.namesInPlace() {
		p.b.Close(program.Value(p.top)).Tolerate()
		if !p.home.None() {
			p.b.Close(program.Value(p.home)).Tolerate()
		}
	}
}
