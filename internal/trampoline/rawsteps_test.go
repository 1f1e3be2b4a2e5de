package trampoline

import (
	"syscall"

	"github.com/nskit/nskit/internal/program"
)

// raw appends a step as no Builder makes it, or spoils what there is.
func (g *generator) raw() {
	steps := g.b.Program().Steps
	if len(steps) == 0 {
		return
	}
	s := steps[g.pick(len(steps))]
	switch g.pick(9) {
	case 0:
		s.Op.Number = uint16(g.number())
		if !s.Op.Local {
			s.Op = program.Op{Name: "none", Number: s.Op.Number | 0x7000}
		}
	case 1:
		s.Result = g.anyVar()
	case 2:
		g.spoilArg(s)
	case 3:
		s.Args = s.Args[:g.pick(len(s.Args)+1)]
	case 4:
		s.Args = append(s.Args[:len(s.Args):len(s.Args)], g.value(), g.anyArg())
	case 5:
		g.b.Program().Frame = int(g.number())
	case 6:
		s.Zero = &program.Label{Name: "any", Step: int(g.number())}
	case 7:
		s.Errors = append(s.Errors, program.Route{Errno: syscall.Errno(g.number()), Again: g.pick(2) == 1})
	case 8:
		s.Fail = program.Failure{Text: g.text(), Code: int(g.number()), Hints: []program.Hint{{Errno: g.errno(), Plain: true}}}
	}
}

// anyVar lies anywhere.
func (g *generator) anyVar() program.Var {
	return program.Var{Name: "any", Offset: int32(g.number()), Size: int32(g.number())}
}

func (g *generator) spoilArg(s *program.Step) {
	if len(s.Args) == 0 {
		return
	}
	s.Args[g.pick(len(s.Args))] = g.anyArg()
}

// anyArg is one that may make no sense.
func (g *generator) anyArg() program.Arg {
	switch g.pick(6) {
	case 0:
		return program.Value(g.anyVar())
	case 1:
		return program.Address(g.anyVar())
	case 2:
		return program.Int(g.number())
	case 3:
		return program.Argv(int(g.number()))
	case 4:
		return program.SignalSet([]syscall.Signal{syscall.Signal(g.number())})
	}
	return g.pointer()
}
