//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
	"golang.org/x/sys/unix"
)

// attaching is the part of a Program that mounts and unmounts in a target.
type attaching struct {
	*entering
	// done is what has been done so far, and is rolled back, the last first, when a
	// later step fails.
	done []undoing
	// failures are where failed steps lead.
	failures []failing
}

// undoing takes a mount back by its path, or a file that was made if the flag is
// set, by its directory and name.
type undoing struct {
	path      string
	flag, dir program.Var
	name      string
}

// failing is where one failed step leads.
type failing struct {
	at      *program.Label
	result  program.Var
	failure program.Failure
	done    int
}

// attach mounts and unmounts in the target, by a process whose root directory is
// the target's: all destinations are found before anything is mounted.
func (n *entering) attach() {
	n.b.Section("mounts in the target, by a process that ends then")
	pid, after := n.b.Var("mounter"), n.b.Label("mounted")
	n.b.Fork().Into(pid).IfPositive(after).Because("a process whose root directory is the target's").Or("fork failed")
	n.b.Fchdir(program.Value(n.root)).Because("the target's root directory").Or("change directory by root file descriptor failed")
	n.b.Chroot(".").Or("chroot failed")
	if n.withUser() {
		next := n.unlessUser()
		n.asRoot()
		n.b.Place(next)
	}
	n.b.Umask(program.Int(0o22).As("022")).Because("what is made is readable, whatever the caller's mask")
	a := attaching{entering: n}
	var at []program.Var
	for i := range n.in.Attach {
		at = append(at, a.destination(&n.in.Attach[i], n.in.attached[i]))
	}
	for _, path := range n.in.Detach {
		a.isMounted(path)
	}
	for i := range n.in.Attach {
		a.mount(&n.in.Attach[i], n.in.attached[i], at[i])
	}
	for _, path := range n.in.Detach {
		a.guard(n.b.Umount2(path, unix.MNT_DETACH).Because("taken away, even if it is in use"), program.Var{}, "cannot detach ", path)
	}
	n.b.ExitGroup(program.Int(0))
	a.undo()
	n.b.Place(after)
	n.reap(pid)
}

// guard leads the failure of a step to where all before it is rolled back.
func (a *attaching) guard(s *program.Step, result program.Var, text ...string) *program.Step {
	if result.None() {
		result = a.b.Var("result")
	}
	at := a.b.Label("roll back")
	s.Into(result).IfNegative(at).Or(text...)
	a.failures = append(a.failures, failing{at: at, result: result, failure: s.Fail, done: len(a.done)})
	return s
}

// hintGuarded adds a hint to the last guarded step.
func (a *attaching) hintGuarded(errno unix.Errno, text string) {
	if !a.e.NoHints {
		f := &a.failures[len(a.failures)-1].failure
		f.Hints = append(f.Hints, program.Hint{Errno: errno, Text: text})
	}
}

// destination finds where something is to be mounted, below the target's root
// whatever links are in it, or makes it.
func (a *attaching) destination(m *Attachment, source program.Var) program.Var {
	var buffer [16]string
	b, at, found, missing := a.b, a.b.Var("destination"), a.b.Label("found"), a.b.Label("missing")
	step := b.Openat2(program.Value(a.root), m.Target).IfPositive(found).IfZero(found).Because("no link leads out of the target's root")
	a.guard(step, at, "cannot find ", m.Target, " in the target")
	if !m.Make {
		a.hintGuarded(unix.ENOENT, hintMakeDestination)
		b.Place(found)
		return at
	}
	step.On(unix.ENOENT, missing)
	b.Place(missing)
	names, dir, prefix := mnt.Components(buffer[:0], m.Target), a.root, ""
	for i, name := range names {
		prefix = b.Join(prefix, "/", name)
		next, there := b.Var("directory"), b.Label("there")
		a.guard(b.Openat2(program.Value(a.root), prefix).IfPositive(there).IfZero(there).Ignore(unix.ENOENT), next, "cannot find ", prefix, " in the target")
		if i < len(names)-1 {
			a.makeDirectory(dir, name, prefix)
		} else {
			a.makeAlike(dir, name, prefix, source)
		}
		a.guard(b.Openat2(program.Value(a.root), prefix), next, "cannot find ", prefix, " in the target")
		b.Place(there)
		dir = next
	}
	b.Move(at, program.Value(dir))
	b.Place(found)
	return at
}

// makeDirectory makes a directory, and notes it to be removed.
func (a *attaching) makeDirectory(dir program.Var, name, path string) {
	flag, there := a.b.Var("made"), a.b.Label("there")
	step := a.b.Mkdirat(program.Value(dir), name, 0o755).On(unix.EEXIST, there).Because("made, as asked for")
	a.guard(step, program.Var{}, "cannot make directory ", path, " in the target")
	a.b.Move(flag, program.Int(1))
	a.b.Place(there)
	a.done = append(a.done, undoing{flag: flag, dir: dir, name: name})
}

// makeAlike makes a directory or a file, whichever the source is.
func (a *attaching) makeAlike(dir program.Var, name, path string, source program.Var) {
	b, status, kind, isDir, done := a.b, a.b.StatBuffer("source"), a.b.Var("kind"), a.b.Label("a directory"), a.b.Label("made")
	a.guard(b.Fstat(program.Value(source), status).Because("a file or a directory?"), program.Var{}, "cannot stat what is attached to ", path)
	b.Do(program.OpAnd, program.Value(status.Mode), program.Int(unix.S_IFMT).As("S_IFMT")).Into(kind)
	b.Compare(program.Value(kind), program.Int(unix.S_IFDIR).As("S_IFDIR")).IfZero(isDir)
	flag := b.Var("made")
	a.guard(b.MakeFile(program.Value(dir), name, 0o644).Because("made, as asked for"), program.Var{}, "cannot make file ", path, " in the target")
	b.Move(flag, program.Int(1)).IfPositive(done)
	b.Place(isDir)
	a.guard(b.Mkdirat(program.Value(dir), name, 0o755).Because("made, as asked for"), program.Var{}, "cannot make directory ", path, " in the target")
	b.Move(flag, program.Int(1))
	b.Place(done)
	a.done = append(a.done, undoing{flag: flag, dir: dir, name: name})
}

// mount shows a copy of a tree in the target.
func (a *attaching) mount(m *Attachment, source, at program.Var) {
	a.guard(a.b.MoveMount(program.Value(source), program.Value(at)).Because("from here on the target sees it"), program.Var{}, "cannot attach ", m.Source, " to ", m.Target)
	a.hintGuarded(unix.EINVAL, hintAlike)
	a.done = append(a.done, undoing{path: m.Target})
}

// isMounted makes sure that something is mounted on a path.
func (a *attaching) isMounted(path string) {
	b, at, mounted := a.b, a.b.Var("place"), a.b.Label("mounted")
	a.guard(b.Openat2(program.Value(a.root), path).Because("no link leads out of the target's root"), at, "cannot find ", path, " in the target")
	buffer, attributes := b.AttributesBuffer("statx")
	b.StatxOf(program.Value(at), buffer).IfNegative(mounted).Because("is something mounted there?")
	b.Do(program.OpAnd, program.Value(attributes), program.Int(unix.STATX_ATTR_MOUNT_ROOT).As("STATX_ATTR_MOUNT_ROOT")).IfPositive(mounted)
	a.guard(b.Move(b.Var("not mounted"), program.Int(-int64(unix.EINVAL))), program.Var{}, "cannot detach ", path)
	a.hintGuarded(unix.EINVAL, hintNotMounted)
	b.Place(mounted)
	b.Close(program.Value(at)).Tolerate()
}

// undo is where failures lead.
func (a *attaching) undo() {
	for i := range a.failures {
		f := &a.failures[i]
		a.b.Place(f.at)
		for k := f.done - 1; k >= 0; k-- {
			a.takeBack(&a.done[k])
		}
		step := a.b.FailWith(f.result, "")
		step.Fail = f.failure
	}
	a.b.ExitGroup(program.Int(1))
}

func (a *attaching) takeBack(u *undoing) {
	if u.path != "" {
		a.b.Umount2(u.path, unix.MNT_DETACH).Tolerate().Because("rolled back")
		return
	}
	kept := a.b.Label("was there before")
	a.b.Move(u.flag, program.Value(u.flag)).IfZero(kept)
	a.b.Unlinkat(program.Value(u.dir), u.name, 0).Tolerate().Because("rolled back")
	a.b.Unlinkat(program.Value(u.dir), u.name, unix.AT_REMOVEDIR).Tolerate().Because("rolled back")
	a.b.Place(kept)
}
