//go:build linux

package program

// IOVec is a list of pieces that Writev writes one behind the other; pieces that are
// not set are empty.
type IOVec struct {
	v Var
}

// IOVec makes a list of so many pieces.
func (b *Builder) IOVec(name string, pieces int) IOVec { return IOVec{b.Buffer(name, 16*pieces)} }

// base and size are where a piece lies and how long it is.
func (l IOVec) base(i int) Var { return l.v.Part(int32(16*i), 8, l.v.Name+".base") }
func (l IOVec) size(i int) Var { return l.v.Part(int32(16*i+8), 8, l.v.Name+".size") }

// SetPiece sets a piece to a text.
func (b *Builder) SetPiece(l IOVec, i int, text string) {
	b.Move(l.base(i), Text(text))
	b.Move(l.size(i), Int(int64(len(text))))
}

// SetPieceTo sets a piece to so many bytes of a variable, from an offset on.
func (b *Builder) SetPieceTo(l IOVec, i int, from Var, offset int32, size Arg) *Step {
	b.Move(l.base(i), Address(from.Part(offset, from.Size-offset, from.Name)))
	return b.Do(OpSub, size, Int(int64(offset))).Into(l.size(i))
}

// ShortenPiece takes bytes off the end of a piece.
func (b *Builder) ShortenPiece(l IOVec, i int, by int64) {
	b.Do(OpSub, Value(l.size(i)), Int(by)).Into(l.size(i))
}

// Writev is writev(2) of all pieces in one call.
func (b *Builder) Writev(fd Arg, l IOVec) *Step {
	return b.Do(SysWritev, fd, Address(l.v), Int(int64(l.v.Size/16)))
}
