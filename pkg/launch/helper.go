package launch

import (
	"strconv"

	"github.com/nskit/nskit/pkg/idmap"
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/program"
	"golang.org/x/sys/unix"
)

func itoa[T ~int | ~int64 | ~uint32](n T) string { return strconv.FormatInt(int64(n), 10) }

// helper is a process forked before the namespaces are made: it stays in the
// old ones, waits for a byte, does its work there and ends. If the process
// that should send the byte ends first, the pipe does too, and so does it.
type helper struct {
	name        string
	pid         program.Var
	read, write program.Var
	body        *program.Label
}

// forkHelper forks a helper whose body is placed later.
func (p *plan) forkHelper(name, why string) *helper {
	h := &helper{name: name, pid: p.b.Var(name), body: p.b.Label(name)}
	var pipe *program.Step
	pipe, h.read, h.write = p.b.Pipe(name + "Pipe")
	pipe.Or("pipe failed")
	p.b.Fork().Into(h.pid).IfZero(h.body).Because(why).Or("fork failed")
	return h
}

// begin places the helper's body, which waits to be released.
func (p *plan) begin(h *helper, title string) {
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
	done, status, code := p.b.Label(h.name+" done"), p.b.Var("status"), p.b.Var("code")
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
		p.binder = p.forkHelper("binder", "it stays in the old namespaces, to bind the new ones to files there")
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
	if p.binder != nil {
		p.release(p.binder, "bind the namespaces now")
		return
	}
	p.bindFiles()
}

// bind is the body of the binding helper.
func (p *plan) bind() {
	if p.binder == nil {
		return
	}
	p.begin(p.binder, "the helper that binds namespaces to files")
	p.bindFiles()
	p.b.ExitGroup(program.Int(0))
}

// bindFiles binds each namespace to its file and takes back the earlier ones
// if a later one fails.
func (p *plan) bindFiles() {
	failed := p.b.Var("failed")
	done := p.b.Label("bound")
	var undo []*program.Label
	files := p.persistOrder()
	text := make([]string, len(files))
	for i, f := range files {
		source := "/proc/" + itoa(p.c.PID) + "/ns/" + f.Kind.ForChildren()
		text[i] = "mount " + source + " on " + f.Path + " failed"
		undo = append(undo, p.b.Label("undo"+itoa(i)))
		step := p.b.Mount(source, f.Path, "", unix.MS_BIND, "").Because("keep the " + f.Kind.Title() + " namespace")
		if i == 0 {
			p.hintBind(step.Or(text[0]), f)
			continue
		}
		step.Into(failed).IfNegative(undo[i])
	}
	if len(files) == 1 {
		return
	}
	p.b.Goto(done)
	for i := len(files) - 1; i > 0; i-- {
		p.b.Place(undo[i])
		for j := i - 1; j >= 0; j-- {
			p.b.Umount2(files[j].Path, unix.MNT_DETACH).Tolerate()
		}
		p.hintBind(p.b.FailWith(failed, text[i]), files[i])
	}
	p.b.Place(done)
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
		p.mapper = p.forkHelper("mapper", "it keeps the privilege in the old user namespace that ID maps need")
	}
}

// awaitMapper has the maps written and waits for that.
func (p *plan) awaitMapper() {
	if p.mapper != nil {
		p.release(p.mapper, "write the ID maps now")
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
	if p.mapper == nil {
		return
	}
	p.begin(p.mapper, "the helper that writes ID maps")
	for _, f := range p.idFiles() {
		if p.c.UID == 0 {
			path := "/proc/" + itoa(p.c.PID) + "/" + f.file
			p.writeFile(path, f.combined().Text(), "cannot open "+path, "write failed "+path, "inside, outside, count")
			continue
		}
		p.runTool(f.tool, append([]string{f.tool, itoa(p.c.PID)}, f.combined().Args()...))
	}
	p.b.ExitGroup(program.Int(0))
}

// runTool runs a set-user-ID tool and waits for it.
func (p *plan) runTool(file string, argv []string) {
	tool := &helper{name: file, pid: p.b.Var(file)}
	after := p.b.Label("after " + file)
	p.b.Fork().Into(tool.pid).IfPositive(after).Because("run " + file).Or("fork failed")
	p.search(candidates(file, p.c.Path), file, program.Vector(argv...), nil)
	p.b.Place(after)
	p.reap(tool)
}
