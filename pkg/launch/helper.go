package launch

import (
	"github.com/nskit/nskit/pkg/idmap"
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/program"
	"golang.org/x/sys/unix"
)

// helper is a process forked before the namespaces are made: it stays in the
// old ones, waits for a byte, does its work there and ends. If the process
// that should send the byte ends first, the pipe does too, and so does it.
type helper struct {
	name        string
	pid         program.Var
	read, write program.Var
	body        *program.Label
}

// needed reports whether the helper was forked.
func (h *helper) needed() bool { return h.body != nil }

// forkHelper forks a helper whose body is placed later.
func (p *plan) forkHelper(h *helper, name, why string) {
	*h = helper{name: name, pid: p.b.Var(name), body: p.b.Label(name)}
	var pipe *program.Step
	pipe, h.read, h.write = p.b.Pipe(name)
	pipe.Or("pipe failed")
	p.b.Fork().Into(h.pid).IfZero(h.body).Because(why).Or("fork failed")
}

// placeBody places the helper's body, which waits to be released.
func (p *plan) placeBody(h *helper, title string) {
	p.b.Section(title)
	p.b.Place(h.body)
	p.awaitByte(h.read, h.write, "go on when the namespaces are made, end if their maker does")
}

// awaitByte waits for a byte from another process; without one, because that
// process has ended, this one ends too.
func (p *plan) awaitByte(read, write program.Var, why string) {
	got, here := p.b.Var("byte"), p.b.Label("released")
	p.b.Close(program.Value(write)).Tolerate()
	p.b.Read(program.Value(read), got.Part(0, 1, "byte")).IfPositive(here).Because(why).Tolerate()
	p.b.ExitGroup(program.Int(1))
	p.b.Place(here)
}

// release lets a helper work and ends with its exit code if it fails.
func (p *plan) release(h *helper, why string) {
	p.b.Write(program.Value(h.write), "1").Because(why).Tolerate()
	p.reap(h)
}

func (p *plan) reap(h *helper) {
	done, status, code := p.b.Label("helper done"), p.b.Var("status"), p.b.Var("code")
	p.b.Wait4(program.Value(h.pid), status, 0).Or("waitpid failed")
	p.b.Move(status, program.Value(status)).IfZero(done)
	killed := p.b.Label("killed")
	p.b.Do(program.OpShiftRight, program.Value(status), program.Int(8)).Into(code).IfZero(killed)
	p.b.ExitGroup(program.Value(code)).Because("it has said why")
	p.b.Place(killed)
	p.b.ExitGroup(program.Int(1))
	p.b.Place(done)
}

// forkBinder forks the helper that binds namespaces to files: a mount made in
// the new mount or user namespace would not be seen outside.
func (p *plan) forkBinder() {
	if len(p.s.Persist) > 0 && (p.s.Unshare.Has(ns.Mount) || p.s.Unshare.Has(ns.User)) {
		p.forkHelper(&p.binder, "binder", "it stays in the old namespaces, to bind the new ones to files there")
	}
}

// bindInPlace binds the namespaces where that is up to this process: without a
// fork, before the command runs. With one the waiting parent does it.
func (p *plan) bindInPlace() {
	if len(p.s.Persist) > 0 && p.parent == nil {
		p.releaseBinder()
	}
}

// releaseBinder has the namespaces bound, by the helper or directly.
func (p *plan) releaseBinder() {
	if p.binder.needed() {
		p.release(&p.binder, "bind the namespaces now")
		return
	}
	p.bindFiles()
}

// bind is the body of the binding helper.
func (p *plan) bind() {
	if !p.binder.needed() {
		return
	}
	p.placeBody(&p.binder, "the helper that binds namespaces to files")
	p.bindFiles()
	p.b.ExitGroup(program.Int(0))
}

// bindFiles binds each namespace to its file and takes back the earlier ones
// if a later one fails.
func (p *plan) bindFiles() {
	files := p.persistOrder()
	failed, done := p.b.Var("failed"), p.b.Label("bound")
	var undo []*program.Label
	for i, f := range files {
		undo = append(undo, p.b.Label("undo"))
		source := p.b.Join("/proc/", p.b.Itoa(int64(p.c.PID)), "/ns/", f.Kind.ForChildren())
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

// undoBinds is where a failed bind leads: the earlier ones are taken back, the
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
	s.Or("mount /proc/", p.b.Itoa(int64(p.c.PID)), "/ns/", f.Kind.ForChildren(), " on ", f.Path, " failed")
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

// mappedByHelper reports whether a part of the maps needs the helper: ranges
// do, and so does a single ID once the process has become another owner.
func (p *plan) mappedByHelper(ids IDs) bool {
	return len(ids.Blocks) > 0 || p.s.Owner != nil && ids.Single != nil
}

// forkMapper forks the helper that writes ID maps: it keeps the privileges in
// the old user namespace that this takes.
func (p *plan) forkMapper() {
	if p.mappedByHelper(p.s.Users) || p.mappedByHelper(p.s.Groups) {
		p.forkHelper(&p.mapper, "mapper", "it keeps the privilege in the old user namespace that ID maps need")
	}
}

// awaitMapper has the maps written and waits for that.
func (p *plan) awaitMapper() {
	if p.mapper.needed() {
		p.release(&p.mapper, "write the ID maps now")
	}
}

// idFile is one of the two maps.
type idFile struct {
	ids        IDs
	own        uint32
	file, tool string
}

func (p *plan) idFiles() []idFile {
	var files []idFile
	for _, f := range []idFile{
		{p.s.Users, p.c.UID, "uid_map", "newuidmap"},
		{p.s.Groups, p.c.GID, "gid_map", "newgidmap"},
	} {
		if p.mappedByHelper(f.ids) {
			files = append(files, f)
		}
	}
	return files
}

// combined is the whole map, with room made for the single ID.
func (f idFile) combined() idmap.Map {
	var single *idmap.Range
	if f.ids.Single != nil {
		single = &idmap.Range{Inner: uint64(*f.ids.Single), Outer: uint64(f.own), Count: 1}
	}
	return idmap.Combine(single, f.ids.Blocks)
}

// writeMaps is the body of the mapping helper: root writes the maps itself,
// everybody else asks newuidmap(1) and newgidmap(1).
func (p *plan) writeMaps() {
	if !p.mapper.needed() {
		return
	}
	p.placeBody(&p.mapper, "the helper that writes ID maps")
	for _, f := range p.idFiles() {
		if p.c.UID == 0 {
			path := p.b.Join("/proc/", p.b.Itoa(int64(p.c.PID)), "/", f.file)
			p.writeFile(path, f.combined().Text(), "cannot open ", "write failed ", "inside, outside, count")
			continue
		}
		p.runTool(f.tool, append([]string{f.tool, p.b.Itoa(int64(p.c.PID))}, f.combined().Args()...))
	}
	p.b.ExitGroup(program.Int(0))
}

// runTool runs a set-user-ID tool and waits for it.
func (p *plan) runTool(file string, argv []string) {
	tool := helper{name: file, pid: p.b.Var(file)}
	after := p.b.Label("tool started")
	p.b.Fork().Into(tool.pid).IfPositive(after).Because("a process for the set-user-ID tool").Or("fork failed")
	p.search(p.candidates(nil, file, p.c.Path), file, program.Vector(argv...), -1)
	p.b.Place(after)
	p.reap(&tool)
}
