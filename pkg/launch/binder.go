//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

func (p *plan) needsBinder() bool {
	return len(p.s.Persist) > 0 && (p.s.Unshare.Has(ns.Mount) || p.s.Unshare.Has(ns.User)) || p.namesByHelper()
}

// binds says whether namespaces are bound when the process that is to hold them is there.
func (p *plan) binds() bool { return len(p.s.Persist) > 0 || p.namesByHelper() }

// forkBinder forks the helper that binds namespaces to files: a mount made in
// the new mount or user namespace would not be seen outside.
func (p *plan) forkBinder() {
	if p.needsBinder() {
		p.prepareUndo()
		p.forkHelper(&p.binder, "binder", "it stays in the old namespaces, to bind the new ones to files there")
		p.leaveUndo()
	}
}

// bindInPlace binds the namespaces where that is up to this process: without a
// fork, before the command runs. With one the waiting parent does it.
func (p *plan) bindInPlace() {
	if p.binds() && p.parent == nil {
		p.releaseBinder()
		p.guardName()
	}
}

// releaseBinder has the namespaces bound, by the helper or directly.
func (p *plan) releaseBinder() {
	if p.binder.forked() {
		p.release(&p.binder, "bind the namespaces now")
		return
	}
	p.bindFiles()
}

// bind is the body of the binding helper.
func (p *plan) bind() {
	if !p.binder.forked() {
		return
	}
	p.placeBody(&p.binder, "the helper that binds namespaces to files")
	p.adoptSelf()
	if len(p.s.Persist) > 0 {
		p.bindFiles()
	}
	p.nameBeside()
	p.b.ExitGroup(program.Int(0))
}

// bindFiles binds each namespace to its file and rolls back the earlier ones
// if a later one fails.
func (p *plan) bindFiles() {
	files := p.persistOrder()
	failed, done := p.b.Var("failed"), p.b.Label("bound")
	var undo []*program.Label
	for i, f := range files {
		undo = append(undo, p.b.Label("undo"))
		source := p.b.Join(p.directory(p.binder.forked()), "/ns/", f.Kind.ForChildren())
		step := p.b.Mount(source, f.Path, "", unix.MS_BIND, "").Because("keep the namespace")
		if i == 0 {
			p.failBind(step, f)
		} else {
			step.Into(failed).IfNegative(undo[i])
		}
	}
	if len(files) > 1 {
		p.b.Goto(done)
		p.undoBinds(files, undo, failed)
		p.b.Place(done)
	}
}

// undoBinds is where a failed bind leads: the earlier ones are rolled back, the
// last first, and the failure is reported.
func (p *plan) undoBinds(files []Persist, undo []*program.Label, failed program.Var) {
	for i := len(files) - 1; i > 0; i-- {
		p.b.Place(undo[i])
		for j := i - 1; j >= 0; j-- {
			p.b.Umount2(files[j].Path, unix.MNT_DETACH).Tolerate()
		}
		p.failBind(p.b.FailWith(failed, ""), files[i])
	}
}

// failBind words the failure of a bind.
func (p *plan) failBind(s *program.Step, f Persist) {
	s.Or("mount ", p.directory(p.binder.forked()), "/ns/", f.Kind.ForChildren(), " on ", f.Path, " failed")
	p.hintBind(s, f)
}

// persistOrder has the files in the order in which they are bound, the last
// one given for each kind.
func (p *plan) persistOrder() []Persist {
	var files []Persist
	for _, k := range ns.Kinds() {
		for i := len(p.s.Persist) - 1; i >= 0; i-- {
			if p.s.Persist[i].Kind == k {
				files = append(files, p.s.Persist[i])
				break
			}
		}
	}
	return files
}
