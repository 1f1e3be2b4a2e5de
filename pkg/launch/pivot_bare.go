//go:build linux

package launch

import (
	"strings"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
)

// PivotRoot decides on pivot_root(2) alone, from Spec.Pivot's Root to its
// PutOld, in the namespaces that the caller is in.
func PivotRoot(s *Spec) *program.Program { return new(Workspace).PivotRoot(s) }

// PivotRoot is the function of that name; the Program lasts as long as w is
// not used again.
func (w *Workspace) PivotRoot(s *Spec) *program.Program {
	if why := s.wrongRoot(&Caller{}); why != "" {
		return w.refuse(why)
	}
	p := w.begin(s, &Caller{})
	newRoot, putOld := s.Pivot.Root, s.Pivot.PutOld
	hints := pivotHints{busy: hintSameMount, invalid: hintPropagate, memory: hintInitramfs}
	if !below(putOld, newRoot) {
		hints.invalid, hints.memory = hintNotBelow, hintNotBelow
	}
	result, done := p.b.Var("result"), p.b.Label("done")
	text := p.b.Join("failed to change root from `", newRoot, "' to `", putOld, "'")
	step := p.b.PivotRoot(newRoot, putOld).Into(result).Because("the new root; the old one goes below it")
	p.findCause(step, pivotFailure{result, text, newRoot, hints}, done)
	p.b.ExitGroup(program.Int(0))
	return p.b.Program()
}

// below reports whether a path may lead to dir or below it, as far as the words
// tell: links can make any path lead anywhere.
func below(path, dir string) bool {
	if strings.HasPrefix(path, "/") != strings.HasPrefix(dir, "/") {
		return true
	}
	var buffer [2][16]string
	outer := mnt.Components(buffer[0][:0], dir)
	inner := mnt.Components(buffer[1][:0], path)
	if len(inner) < len(outer) {
		return false
	}
	for i := range outer {
		if outer[i] != inner[i] {
			return false
		}
	}
	return true
}
