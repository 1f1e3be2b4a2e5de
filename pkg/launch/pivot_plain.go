//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
)

// What is made in a new root without a mount.

// makeSymlink makes a symbolic link, and the directories that lead there.
func (r *rooting) makeSymlink(m *mnt.Mount) {
	var buffer [16]string
	names, dir := mnt.Components(buffer[:0], m.Target), r.root
	if parents := names[:len(names)-1]; len(parents) > 0 {
		dir = r.b.Var("dir") // kept, to take the link back
		r.b.Move(dir, program.Value(r.spot(r.prefix(parents), directory, "", program.Var{}).at))
	}
	name := names[len(names)-1]
	step := r.b.Symlinkat(m.Source, program.Value(dir), name).Because("a symbolic link").Or("cannot make link ", m.Target, " in the new root")
	r.created(step, dir, name, r.b.Var("made"))
}

// makePlainDirectory makes a directory unless it is there.
func (r *rooting) makePlainDirectory(m *mnt.Mount) {
	at := r.spot(m.Target, directory, "", program.Var{})
	if m.Mode != 0 {
		there, made := r.b.Label("was there before"), r.made[len(r.made)-1].flag
		r.b.Move(made, program.Value(made)).IfZero(there)
		r.b.Fchdir(program.Value(at.at)).Or("cannot enter ", m.Target)
		r.b.Chmodat(program.Cwd(), ".", m.Mode).Because("its mode").Or("cannot set the mode of ", m.Target)
		r.b.Place(there)
	}
	r.close(at)
}
