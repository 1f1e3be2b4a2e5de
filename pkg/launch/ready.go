//go:build linux

package launch

import (
	"path"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// readiness is what tells others that all is made, and who it is.
type readiness struct {
	// id is the PID as the caller's /proc has it, idLen how long it is.
	id, idLen program.Var
	// line has the pieces of what is said on a descriptor.
	line program.IOVec
	// pidDir is the directory of the PID file, written is set once it is there.
	pidDir, written program.Var
}

// The pieces of the line, of which the kinds of namespaces have two each.
const (
	pieceBegin = iota
	piecePID
	pieceInodeName
	pieceInode
	pieceNamespaces
	pieceKinds
	pieceEnd = pieceKinds + 2*int(ns.KindCount)
)

// noteSelf notes who this process is, as long as the caller's /proc is there.
func (p *plan) noteSelf() {
	if !p.s.ReadyFD.Set && !p.s.PIDFile.Set {
		return
	}
	p.id, p.idLen = p.b.Buffer("id", 24), p.b.Var("digits")
	read := p.b.Readlink(selfDir, p.id).Into(p.idLen).Because("the PID, as the caller's /proc has it").Or("cannot read ", selfDir)
	p.hint(read, unix.ENOENT, hintNoProc)
	if !p.s.ReadyFD.Set {
		return
	}
	p.line = p.b.IOVec("line", pieceEnd+1)
	p.b.SetPiece(p.line, pieceBegin, `{"pid":`)
	p.b.SetPieceTo(p.line, piecePID, p.id, 0, program.Value(p.idLen))
	p.noteInode()
	p.b.SetPiece(p.line, pieceNamespaces, `,"namespaces":{`)
	p.noteNamespace(pieceKinds, ns.Mount, false) // every kernel has that kind
	next := pieceKinds
	for _, kind := range ns.Kinds() {
		if kind != ns.Mount {
			next += 2
			p.noteNamespace(next, kind, true)
		}
	}
	p.b.SetPiece(p.line, pieceEnd, "}}\n")
}

// pidfsMagic is the type of the file system of pidfds since Linux 6.9,
// PID_FS_MAGIC of <linux/magic.h>.
const pidfsMagic = 0x50494446

// noteInode notes the number that a pidfd of this process has in pidfs.
func (p *plan) noteInode() {
	self, pidfd, none := p.b.Var("self"), p.b.Var("pidfd"), p.b.Label("no pidfs")
	fs, st := p.b.StatfsBuffer("statfs"), p.b.StatBuffer("stat")
	p.b.Getpid().Into(self).Because("to hold this process by")
	p.b.Do(program.SysPidfdOpen, program.Value(self), program.Int(0)).Into(pidfd).IfNegative(none).Because("its number in pidfs is never another process's")
	p.b.Fstatfs(program.Value(pidfd), fs).IfNegative(none).Because("is it in pidfs?")
	p.b.Compare(program.Value(fs.Type), program.Int(pidfsMagic).As("PID_FS_MAGIC")).IfPositive(none).IfNegative(none).Because("before Linux 6.9 all pidfds have one")
	p.b.Fstat(program.Value(pidfd), st).IfNegative(none).Because("the number")
	p.b.Close(program.Value(pidfd)).Tolerate()
	text, digits := p.b.Buffer("inode", 24), p.b.Var("digits")
	p.number(st.Ino, text, digits)
	p.b.SetPiece(p.line, pieceInodeName, `,"pidfd_inode":`)
	p.b.SetPieceTo(p.line, pieceInode, text, 0, program.Value(digits))
	p.b.Place(none)
}

// number writes an unsigned number in decimal into 24 bytes, the last digit first:
// every further one pushes what is there to the right.
func (p *plan) number(from, text, digits program.Var) {
	b := p.b
	rest, tenth, part, digit := b.Var("rest"), b.Var("tenth"), b.Var("part"), b.Var("digit")
	b.Move(rest, program.Value(from))
	b.Move(digits, program.Int(0))
	next := b.Here("next digit")
	p.tenth(rest, tenth, part, digit)
	b.WithInt(&program.OpAdd, digit, '0').Into(digit)
	right, left := program.OpShiftLeft, program.OpShiftRight // of what lies in memory
	if program.BigEndian {
		right, left = left, right
		b.WithInt(&program.OpShiftLeft, digit, 56).Into(digit)
	}
	for word := int32(2); word >= 0; word-- {
		to := text.Part(8*word, 8, text.Name)
		b.WithInt(&right, to, 8).Into(to)
		if word == 0 {
			b.WithVar(&program.OpOr, to, digit).Into(to)
			break
		}
		b.WithInt(&left, text.Part(8*(word-1), 8, text.Name), 56).Into(part)
		b.WithVar(&program.OpOr, to, part).Into(to)
	}
	b.WithInt(&program.OpAdd, digits, 1).Into(digits)
	b.Move(rest, program.Value(tenth)).IfPositive(next).IfNegative(next)
}

// tenth divides by ten with shifts and sums: 0.8 in binary repeats 1100.
func (p *plan) tenth(n, tenth, part, digit program.Var) {
	b := p.b
	b.WithInt(&program.OpShiftRight, n, 1).Into(tenth)
	b.WithInt(&program.OpShiftRight, n, 2).Into(part)
	b.WithVar(&program.OpAdd, tenth, part).Into(tenth)
	for _, bits := range [...]int64{4, 8, 16, 32} {
		b.WithInt(&program.OpShiftRight, tenth, bits).Into(part)
		b.WithVar(&program.OpAdd, tenth, part).Into(tenth)
	}
	b.WithInt(&program.OpShiftRight, tenth, 3).Into(tenth)
	b.WithInt(&program.OpShiftLeft, tenth, 3).Into(part)
	b.WithVar(&program.OpSub, n, part).Into(digit)
	b.WithInt(&program.OpShiftLeft, tenth, 1).Into(part)
	b.WithVar(&program.OpSub, digit, part).Into(digit)
	exact := b.Label("exact")
	b.WithInt(&program.OpSub, digit, 10).Into(part).IfNegative(exact)
	b.Move(digit, program.Value(part))
	b.WithInt(&program.OpAdd, tenth, 1).Into(tenth)
	b.Place(exact)
}

// noteNamespace notes the number of a namespace, which the text of its link has
// between brackets. A kernel without that kind has no link.
func (p *plan) noteNamespace(piece int, kind ns.Kind, comma bool) {
	name, link := kind.String(), kind.String()
	if kind == ns.Time && !p.s.Fork {
		link = kind.ForChildren()
	}
	text, length, none := p.b.Buffer(name, 40), p.b.Var("length"), p.b.Label("no such kind")
	p.b.Readlink(p.b.Join(selfDir, "/ns/", link), text).Into(length).IfNegative(none).Because("which it is in")
	key := p.b.Join(`"`, name, `":`)
	if comma {
		key = p.b.Join(",", key)
	}
	p.b.SetPiece(p.line, piece, key)
	p.b.SetPieceTo(p.line, piece+1, text, int32(len(name)+len(":[")), program.Value(length))
	p.b.ShortenPiece(p.line, piece+1, int64(len("]")))
	p.b.Place(none)
}

// sayReady writes the line.
func (p *plan) sayReady() {
	if p.s.ReadyFD.Set {
		fd := int64(p.s.ReadyFD.Value)
		p.b.Writev(program.Int(fd), p.line).Because("all is made").Or("cannot write to file descriptor ", p.b.Itoa(fd))
		p.closeReady()
	}
}

// closeReady closes the descriptor, so that whoever reads from it comes to an end.
func (p *plan) closeReady() {
	if p.s.ReadyFD.Set && p.s.ReadyFD.Value > 2 {
		p.b.Close(program.Int(int64(p.s.ReadyFD.Value))).Tolerate().Because("who reads from it waits for its end")
	}
}

// openPIDDir opens the directory of the PID file while its path is the caller's.
func (p *plan) openPIDDir() {
	if !p.s.PIDFile.Set {
		return
	}
	dir, _ := path.Split(p.s.PIDFile.Value)
	if dir == "" {
		dir = "."
	}
	p.pidDir, p.written = p.b.Var("directory"), p.b.Var("written")
	p.b.Open(dir, unix.O_PATH|unix.O_DIRECTORY).Into(p.pidDir).Because("where the PID file will be").Or(p.noPIDFile())
}

func (p *plan) noPIDFile() string { return p.b.Join("cannot make PID file '", p.s.PIDFile.Value, "'") }

// writePIDFile writes the PID file under another name, and then gives it its own.
func (p *plan) writePIDFile() {
	if !p.s.PIDFile.Set {
		return
	}
	_, name := path.Split(p.s.PIDFile.Value)
	fd, dir, text := p.b.Var("fd"), program.Value(p.pidDir), p.b.IOVec("text", 2)
	whole := p.b.Join(".", name, ".", p.b.Itoa(int64(p.c.PID)))
	p.guard()
	p.b.Section("the PID file")
	p.b.CreateAt(dir, whole, unix.O_WRONLY, 0o644).Into(fd).Because("nobody is to see half a file").Or(p.noPIDFile())
	p.b.Move(p.written, program.Int(1))
	p.b.SetPieceTo(text, 0, p.id, 0, program.Value(p.idLen))
	p.b.SetPiece(text, 1, "\n")
	p.b.Writev(program.Value(fd), text).Because("the PID and a newline").Or(p.noPIDFile())
	p.b.Close(program.Value(fd)).Tolerate()
	p.b.Renameat(dir, whole, name).Because("now it is whole").Or(p.noPIDFile())
	p.b.Move(p.written, program.Int(2))
}

// removePIDFile removes the PID file under the name that it has by now.
func (p *plan) removePIDFile() {
	if !p.s.PIDFile.Set {
		return
	}
	_, name := path.Split(p.s.PIDFile.Value)
	whole, none, final := p.b.Join(".", name, ".", p.b.Itoa(int64(p.c.PID))), p.b.Label("no PID file"), p.b.Label("has its name")
	p.b.WithInt(&program.OpShiftRight, p.written, 1).IfPositive(final)
	p.b.Move(p.written, program.Value(p.written)).IfZero(none)
	p.b.Unlinkat(program.Value(p.pidDir), whole, 0).Tolerate().Because("nothing was begun")
	p.b.Goto(none)
	p.b.Place(final)
	p.b.Unlinkat(program.Value(p.pidDir), name, 0).Tolerate().Because("nothing was begun")
	p.b.Place(none)
}
