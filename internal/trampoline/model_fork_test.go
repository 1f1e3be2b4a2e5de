package trampoline

import (
	"slices"

	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// fork knows clone(2) as fork(2). The child is followed to its end at once:
// until it was waited for, the parent may do nothing that could be seen before
// or after what the child does.
func (m *model) fork(s *program.Step, step int) word {
	flags := m.arg(s, 0)
	if flags != (word{value: uint64(unix.SIGCHLD)}) || len(s.Args) != 5 || m.child != nil {
		m.end = unknown
		return wild
	}
	for n := 1; n < 5; n++ {
		if m.arg(s, n) != (word{}) {
			m.end = unknown
			return wild
		}
	}
	child := *m
	child.memory = slices.Clone(m.memory)
	if !s.Result.None() {
		child.store(s.Result.Offset, word{})
	}
	if s.Zero != nil {
		child.run(s.Zero.Step)
	} else {
		child.run(step + 1)
	}
	if child.end != exited {
		m.end = child.end
		return wild
	}
	m.child = &child.code
	return word{wild: true, positive: true}
}

// wait knows wait4(2) for any child, and for the first to end.
func (m *model) wait(s *program.Step) word {
	pid, options, usage := m.arg(s, 0), m.arg(s, 2), m.arg(s, 3)
	status, known := []cell(nil), len(s.Args) == 4 && pid == (word{value: 1<<64 - 1}) && options == (word{}) && usage == (word{})
	if known {
		switch a := s.Args[1]; {
		case a.Kind() == program.KindAddress && a.Var().Size >= 4:
			status = m.at(a.Var().Offset, 4)
		case a.Kind() != program.KindNull:
			known = false
		}
	}
	switch {
	case !known:
		m.end = unknown
		return wild
	case m.child == nil:
		return errno(unix.ECHILD)
	}
	for i := range status {
		status[i] = cell{value: byte(*m.child << 8 >> shift(i, 4))}
	}
	m.child = nil
	return word{wild: true, positive: true}
}
