//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// Pivot decides how a command is run on a new root, with nothing of the old one
// in reach. Spec.Pivot must be set; the mount namespace is always new.
//
// A descriptor above 2 that the caller has left open is closed unless it is in Keep, and
// so is any of the others that is a directory: each leads back to the old root.
func Pivot(s *Spec, c *Caller) *program.Program { return new(Workspace).Pivot(s, c) }

// Pivot is the function of that name; the Program lasts as long as w is not
// used again.
func (w *Workspace) Pivot(s *Spec, c *Caller) *program.Program {
	if why := s.wrongRoot(c); why != "" {
		return w.refuse(why)
	}
	p := w.begin(s, c)
	p.s.Unshare = p.s.Unshare.With(ns.Mount)
	p.inside = hintInsideRoot
	r := &w.rooting
	*r = rooting{plan: p, v: s.Pivot}
	r.makeTemporaries()
	if p.s.alone() {
		p.tree, p.path = p.b.Var("namespace"), s.Pivot.Root
	}
	r.sources = append(r.memoryOfSources[:0], make([]program.Var, len(s.Pivot.Mounts))...)
	r.made, p.failed = r.memoryOfMade[:0], r.memoryOfFailed[:0]
	p.makeNamespaces()
	if p.tries() {
		r.establishAlone()
	} else {
		r.maskFiles()
		r.openSources()
		r.establish()
	}
	r.writeFiles()
	r.populate()
	r.dropMemory()
	r.enter()
	p.changeRoot()
	p.changeDirectory()
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
	r.closeInherited()
	p.forkInit()
	p.execute()
	r.undo()
	r.placeWalk()
	p.stayInit()
	p.waitForChild()
	p.bind()
	p.writeMaps()
	p.placeDenial()
	return p.b.Program()
}

// rooting is the part of a plan that makes a new root.
type rooting struct {
	*plan
	v *PivotSpec
	// root is a descriptor of the new root's mount, old one of the old root.
	root, old program.Var
	// sources are descriptors of what the mounts show, index by index.
	sources []program.Var
	// layers are the directories of an overlay, the lowest first.
	layers []program.Var
	// archive and tool are descriptors of the files of these names.
	archive, tool program.Var
	// putOld is a descriptor of the place for the old root.
	putOld program.Var
	// memory is a descriptor of the file system that holds the files in memory, kept
	// is set while it has to stay mounted because its files are bound by path.
	memory, kept program.Var
	umask        program.Var
	// files is the caller's limit on open files, where it may be too low.
	files program.Var
	temporaries
	carried
	// made are the files and directories that may have been made.
	made []creation
	walk walk

	memoryOfSources [16]program.Var
	memoryOfMade    [32]creation
	memoryOfFailed  [96]diverted
}

// temporaries are variables that hold something only while one mount is made:
// all of them share these.
type temporaries struct {
	at, plain, above, mounted, kind, flags, result, refusal program.Var
	status, other                                           program.Stat
	mount                                                   program.Statfs
}

func (r *rooting) makeTemporaries() {
	b := r.b
	r.temporaries = temporaries{at: b.Var("at"), plain: b.Var("plain"), above: b.Var("parent"), mounted: b.Var("mounted"),
		kind: b.Var("kind"), flags: b.Var("flags"), result: b.Var("result"), refusal: b.Var("refusal"),
		status: b.StatBuffer("stat"), other: b.StatBuffer("other"), mount: b.StatfsBuffer("statfs")}
}

// establish makes the new root a mount of its own and opens it.
func (r *rooting) establish() {
	r.b.Section("the new root")
	r.root = r.b.Var("root")
	switch {
	case r.v.Archive != "":
		r.unpackRoot()
	case r.v.Overlay:
		r.overlayRoot()
	default:
		r.bindRoot()
	}
}

// bindRoot puts a copy of the directory's mount onto the directory: harmless
// where it is a mount point already, and in a user namespace the copy is not
// locked. It is kept as a descriptor, for no path needs to lead to it: "." does
// not, in the directory itself.
func (r *rooting) bindRoot() {
	dir, place, byPath, bound := r.v.Root, r.b.Var("place"), r.b.Label("by path"), r.b.Label("bound")
	failed := r.b.Join("cannot bind the new root '", dir, "'")
	r.b.Open(dir, unix.O_PATH|unix.O_DIRECTORY).Into(place).Because("the new root as it is now").Or("cannot open the new root '", dir, "'")
	orOlder(r.b.OpenTree(program.Value(place), "", unix.OPEN_TREE_CLONE|unix.AT_RECURSIVE|unix.AT_EMPTY_PATH), byPath).Into(r.root).
		Because("pivot_root wants a mount point").Or(failed)
	orOlder(r.b.MoveMount(program.Value(r.root), program.Value(place)), byPath).IfZero(bound).
		Because("every destination is looked up from here").Or(failed)
	r.b.Place(byPath)
	path := r.b.Buffer("path", maxPath)
	r.b.Fchdir(program.Value(place)).Or("cannot enter the new root")
	r.b.Getcwd(path).Because("a path that leads to what is mounted on it").Or(failed)
	r.b.MountPath(path, unix.MS_BIND|unix.MS_REC).Because("without open_tree and move_mount").Or(failed)
	r.b.OpenPath(path).Into(r.root).Because("every destination is looked up from here").Or("cannot open the new root '", dir, "'")
	r.b.Place(bound)
}

// enter makes the new root the root and lets go of the old one.
func (r *rooting) enter() {
	r.b.Section("enter it")
	if r.v.Switch {
		r.moveRoot()
		return
	}
	result, pivoted, entered := r.b.Var("result"), r.b.Label("pivoted"), r.b.Label("entered")
	if r.tries() && !r.v.Overlay {
		r.b.Move(r.tree, program.Value(r.tree)).IfZero(entered).IfPositive(entered)
	}
	if !r.putOld.None() {
		r.old = r.b.Var("old")
		r.b.Open("/", unix.O_PATH|unix.O_DIRECTORY).Into(r.old).Because("to keep the old root").Or("cannot open /")
	}
	r.b.Fchdir(program.Value(r.root)).Or("cannot enter the new root")
	step := r.b.PivotRoot(".", ".").Into(result).Because("the new root; the old one lies on top of it")
	step = r.leaveFirstRoot(step, result, pivoted, entered)
	r.findCause(step, pivotFailure{result, "cannot change the root", ".", r.entryHints()}, pivoted)
	if r.v.Overlay {
		r.b.Umount2(".", unix.MNT_DETACH).Because("the layers lay on top of the old root").Or("cannot detach the layers")
	}
	if r.putOld.None() {
		r.b.Umount2(".", unix.MNT_DETACH).Because("nothing of the old root stays").Or("cannot detach the old root")
	} else {
		r.keepOld()
	}
	r.b.Place(entered)
	r.b.Chdir("/").Because("the working directory too").Or("cannot change directory to /")
}

// keepOld moves the old root, which lies on top of the new one, to its place.
func (r *rooting) keepOld() {
	const failed = "cannot move the old root"
	byPath, moved := r.b.Label("by path"), r.b.Label("moved")
	orOlder(r.b.MoveMount(program.Value(r.old), program.Value(r.putOld)), byPath).IfZero(moved).Because("the old root stays here").Or(failed)
	r.b.Place(byPath)
	r.b.Fchdir(program.Value(r.putOld)).Or(failed)
	r.b.Mount(onTop, ".", "", unix.MS_MOVE, "").Because("without move_mount").Or(failed)
	r.b.Place(moved)
}

// closeInherited closes what the caller had open above descriptor 2 when the
// command is executed, and any directory below: both lead to the old root.
func (r *rooting) closeInherited() {
	r.b.Umask(program.Value(r.umask)).Because("the caller's own")
	if !r.files.None() {
		r.b.OpenFilesLimit(r.files, program.Var{}).Tolerate().Because("the caller's own")
	}
	r.closeAbove(true, "inherited descriptors lead to the old root", r.v.Keep...)
	for n := range 3 {
		r.closeDirectory(n)
	}
}

// closeDirectory closes a standard descriptor if it is a directory.
func (r *rooting) closeDirectory(n int) {
	skip, kind, status := r.b.Label("no directory"), r.kind, r.status
	r.b.Fstat(program.Int(int64(n)), status).IfNegative(skip).Because("a directory would lead to the old root")
	r.b.Do(program.OpAnd, program.Value(status.Mode), program.Int(unix.S_IFMT).As("S_IFMT")).Into(kind)
	r.b.Compare(program.Value(kind), program.Int(unix.S_IFDIR).As("S_IFDIR")).IfPositive(skip).IfNegative(skip)
	r.b.Close(program.Int(int64(n))).Tolerate().Because("it leads to the old root")
	r.b.Place(skip)
}
