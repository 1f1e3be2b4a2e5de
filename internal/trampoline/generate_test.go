package trampoline

import (
	"encoding/binary"
	"strings"
	"syscall"

	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// generator makes a Program of bytes: nearly every sequence of bytes is one,
// and one more byte changes it a little. All that it makes is harmless.
type generator struct {
	rest   []byte
	b      *program.Builder
	words  int // of the command line
	vars   []program.Var
	labels []*program.Label
}

// generate makes a Program and the standard input it is to get.
func generate(data []byte) (*program.Program, string) {
	g := &generator{rest: data}
	g.b = program.New("fuzz"[:g.pick(5)])
	g.words = 1 + g.pick(4)
	g.b.Cmdline([]string{"fuzz", "one", "", "two\nthree"}[:g.words])
	g.vars = append(g.vars, g.b.Var("v"))
	for range 1 + g.pick(3) {
		g.addVar()
	}
	for range g.pick(5) {
		g.labels = append(g.labels, g.b.Label("label"))
	}
	for n := 0; len(g.rest) > 0 && n < 60; n++ {
		g.statement()
	}
	for _, l := range g.labels {
		if l.Step < 0 && g.pick(16) != 15 {
			g.b.Place(l)
		}
	}
	g.b.ExitGroup(g.value())
	return g.b.Program(), "standard input"
}

func (g *generator) byte() byte {
	if len(g.rest) == 0 {
		return 0
	}
	b := g.rest[0]
	g.rest = g.rest[1:]
	return b
}

// pick is a number below n.
func (g *generator) pick(n int) int { return int(g.byte()) % n }

// number is one that something hinges on, a small one, or any.
func (g *generator) number() int64 {
	odd := [...]int64{0, 1, -1, 2, 3, -2, 63, 64, -38, -133, -134, -135, -4095, -4096, 1 << 31, 1<<32 - 1, 1 << 32, 1<<63 - 1, -1 << 63}
	switch kind := g.byte(); {
	case kind < 128:
		return odd[int(kind)%len(odd)]
	case kind < 224:
		return int64(int8(g.byte()))
	}
	var raw [8]byte
	g.rest = g.rest[copy(raw[:], g.rest):]
	return int64(binary.LittleEndian.Uint64(raw[:]))
}

// addVar makes a variable, a buffer, or a part of one.
func (g *generator) addVar() {
	switch g.pick(4) {
	case 0, 1:
		g.vars = append(g.vars, g.b.Var("v"))
	case 2:
		buffer := g.b.Buffer("buffer", 1+g.pick(64))
		g.vars = append(g.vars, buffer)
		if buffer.Size >= 8 {
			g.vars = append(g.vars, buffer.Part(buffer.Size-8, 8, "part"), buffer.Part(buffer.Size-4, 4, "half"))
		}
	case 3:
		g.vars = append(g.vars, program.ArgvSlot(g.pick(g.words+1)-1))
	}
}

// variable has at least as many bytes as from, and at most as many as to.
func (g *generator) variable(from, to int32) program.Var {
	for n := g.pick(len(g.vars)); n < len(g.vars); n++ {
		if v := g.vars[n]; v.Size >= from && v.Size <= to {
			return v
		}
	}
	return g.vars[0]
}

// register is a variable that can be a value.
func (g *generator) register() program.Var {
	if v := g.variable(4, 8); v.Size == 4 || v.Size == 8 {
		return v
	}
	return g.vars[0]
}

// value is an argument for an operation.
func (g *generator) value() program.Arg {
	switch g.pick(8) {
	case 0, 1, 2:
		return program.Int(g.number())
	case 7:
		if g.pick(4) == 0 {
			return g.pointer()
		}
	}
	return program.Value(g.register())
}

// pointer is an argument that points to something.
func (g *generator) pointer() program.Arg {
	switch g.pick(9) {
	case 0, 1, 2:
		return program.Address(g.variable(1, 64))
	case 3:
		return program.Text(g.text())
	case 4:
		return program.Bytes(g.text(), "")
	case 5:
		return program.SignalSet([]unix.Signal{unix.Signal(1 + g.pick(64))})
	case 6:
		return program.Vector(g.text(), g.text())
	case 7:
		return program.Argv(g.pick(g.words+2) - 1)
	}
	return program.Null()
}

func (g *generator) text() string {
	n := min(g.pick(24), len(g.rest))
	text := string(g.rest[:n])
	g.rest = g.rest[n:]
	return text
}

func (g *generator) label() *program.Label {
	if len(g.labels) == 0 {
		return nil
	}
	return g.labels[g.pick(len(g.labels))]
}

// statement appends a step, or places a label.
func (g *generator) statement() {
	switch kind := g.pick(16); kind {
	case 0, 1:
		if l := g.label(); l != nil && l.Step < 0 {
			g.b.Place(l)
		}
	case 2:
		g.b.Write(program.Int(int64(1+g.pick(2))), g.text()).Or("write failed")
	case 3:
		g.loop()
	case 4:
		g.child()
	case 5:
		if g.pick(4) == 0 {
			g.raw()
		}
	case 6, 7, 8, 9:
		g.refine(g.call())
	default:
		g.refine(g.b.Do(g.operation(), g.value(), g.value()))
	}
}

func (g *generator) operation() program.Op {
	all := [...]program.Op{program.OpMove, program.OpAdd, program.OpSub, program.OpAnd, program.OpOr, program.OpShiftLeft, program.OpShiftRight}
	return all[g.pick(len(all))]
}

// The calls that the model knows beside those of the Builder.
var (
	sysGetppid = program.Op{Name: "getppid", Number: unix.SYS_GETPPID}
	sysYield   = program.Op{Name: "sched_yield", Number: unix.SYS_SCHED_YIELD}
	sysNone    = program.Op{Name: "none", Number: 0x7000}
)

// call appends a system call.
func (g *generator) call() *program.Step {
	switch g.pick(9) {
	case 0, 1:
		return g.b.Do(program.SysWrite, g.descriptor(), g.pointer(), g.value())
	case 2:
		return g.b.Do(program.SysRead, program.Int(0), g.pointer(), g.value())
	case 3:
		return g.b.Close(g.descriptor())
	case 4:
		return g.b.Umask(g.value())
	case 5:
		return g.b.Chdir("/nonexistent/" + strings.ReplaceAll(g.text(), "..", "--"))
	case 6:
		return g.b.Do(sysGetppid)
	case 7:
		return g.b.Do(sysNone, g.value(), g.value(), g.value(), g.value(), g.value(), g.value())
	}
	return g.b.Do(sysYield)
}

// descriptor is one of the standard three, or none.
func (g *generator) descriptor() program.Arg {
	if n := g.pick(8); n < 3 {
		return program.Int(int64(n))
	}
	return g.value()
}

// refine says where the result of a step goes and what follows.
func (g *generator) refine(s *program.Step) {
	how := g.byte()
	if how&1 != 0 {
		s.Into(g.variable(8, 8))
	}
	if how&2 != 0 {
		s.IfZero(g.label())
	}
	if how&4 != 0 {
		s.IfPositive(g.label())
	}
	if how&8 != 0 {
		s.IfNegative(g.label())
	}
	if how&16 != 0 {
		s.Tolerate()
	}
	if how&32 != 0 {
		s.On(g.errno(), g.label())
	}
	if how&33 == 33 && !s.Op.Local {
		s.Retry(g.errno(), g.errno())
	}
	if how&64 != 0 {
		s.OrExit(int(g.byte()), g.text())
		for range g.pick(4) {
			s.Hint(g.errno(), g.text())
		}
	} else if how&128 == 0 || g.pick(32) != 31 {
		s.Or("failed")
	}
}

// errno is an error number that is likely to come up, or any.
func (g *generator) errno() syscall.Errno {
	likely := [...]syscall.Errno{unix.EBADF, unix.ENOENT, unix.ENOSYS, unix.EFAULT, unix.ECHILD, unix.EPERM, 133, 134, 135}
	if n := g.pick(16); n < len(likely) {
		return likely[n]
	}
	return syscall.Errno(1 + uint16(g.number())%4095)
}

// loop counts a variable down.
func (g *generator) loop() {
	i := g.b.Var("i")
	g.b.Move(i, program.Int(int64(g.pick(32))))
	again := g.b.Here("again")
	g.refine(g.b.Do(g.operation(), g.value(), g.value()))
	g.b.Do(program.OpSub, program.Value(i), program.Int(1)).Into(i).IfPositive(again)
}

// child forks one that ends soon, and waits for it.
func (g *generator) child() {
	child, status, pid := g.b.Label("child"), g.b.Var("status"), g.b.Var("pid")
	over := g.b.Label("over")
	g.b.Fork().IfZero(child).Into(pid).Or("fork failed")
	g.b.Wait4(program.Int(-1), status, 0).Or("wait failed")
	g.b.Goto(over)
	g.b.Place(child)
	g.refine(g.call())
	g.b.ExitGroup(g.value())
	g.b.Place(over)
	g.vars = append(g.vars, status, status.Part(0, 4, "status"))
}
