//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/idmap"
	"golang.org/x/sys/unix"
)

// mappedByHelper reports whether a part of the maps needs the helper: ranges
// do, and so does a single ID once the process has become another owner.
func (p *plan) mappedByHelper(ids IDs) bool {
	return len(ids.Blocks) > 0 || p.s.Owner.Set && ids.Single.Set
}

func (p *plan) needsMapper() bool { return p.mappedByHelper(p.s.Users) || p.mappedByHelper(p.s.Groups) }

// forkMapper forks the helper that writes ID maps: it keeps the privileges in
// the old user namespace that this takes.
func (p *plan) forkMapper() {
	if p.needsMapper() {
		p.forkHelper(&p.mapper, "mapper", "it keeps the privilege in the old user namespace that ID maps need")
	}
}

// awaitMapper has the maps written and waits for that.
func (p *plan) awaitMapper() {
	if p.mapper.forked() {
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
	if f.ids.Single.Set {
		single = &idmap.Range{Inner: uint64(f.ids.Single.Value), Outer: uint64(f.own), Count: 1}
	}
	return idmap.Combine(single, f.ids.Blocks)
}

// writeMaps is the body of the mapping helper: root writes the maps itself,
// everybody else asks newuidmap(1) and newgidmap(1).
func (p *plan) writeMaps() {
	if !p.mapper.forked() {
		return
	}
	p.placeBody(&p.mapper, "the helper that writes ID maps")
	if p.c.UID == 0 {
		p.adoptSelf()
	}
	for _, f := range p.idFiles() {
		if p.c.UID == 0 {
			path := p.b.Join(p.directory(true), "/", f.file)
			open, write := p.writeFile(path, f.combined().Text(), "cannot open ", "write failed ", "inside, outside, count")
			p.hint(open, unix.ENOENT, hintNoProc)
			p.hint(write, unix.EPERM, hintNeedsSetuids)
			continue
		}
		p.runTool(f.tool, p.toolArgv(f.tool, f.combined().Args()))
	}
	p.b.ExitGroup(program.Int(0))
}
