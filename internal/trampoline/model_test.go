package trampoline

import (
	"bytes"
	"encoding/binary"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/strerror"
	"golang.org/x/sys/unix"
)

// model is a second interpreter, which shares nothing with interpret: it takes a
// Program as package program describes it, and a kernel of few system calls. Values that depend on where things lie in memory are
// not known to it; where such a value decides, it gives up.
type model struct {
	p      *program.Program
	memory []cell // the frame and, behind it, argc and the argument vector
	steps  *int
	input  *bytes.Reader
	output *bytes.Buffer
	closed [3]bool
	umask  uint64
	// tries is how often the step was carried out again.
	tries int
	// child is one that has ended and was not waited for.
	child *int
	end   ending
	code  int
}

// ending is how the execution of a Program goes.
type ending uint8

const (
	running ending = iota
	// exited is an end with an exit code, and everything known.
	exited
	// endless is one that does not end within some thousand steps.
	endless
	// unknown depends on addresses.
	unknown
)

const maxSteps = 3000

// cell is a byte of memory; wild says that its value is not known.
type cell struct {
	value byte
	wild  bool
}

// word is a value of a register.
type word struct {
	value uint64
	wild  bool
	// positive is all that is known of the identifier of a process.
	positive bool
}

var wild = word{wild: true}

// newModel is a model at the first step of a valid Program.
func newModel(p *program.Program, input string) *model {
	mask := unix.Umask(0)
	unix.Umask(mask)
	m := &model{p: p, steps: new(int), input: bytes.NewReader([]byte(input)), output: &bytes.Buffer{}, umask: uint64(mask)}
	m.memory = make([]cell, p.Frame+8*(len(p.Cmdline)+1))
	m.store(0, word{value: uint64(len(p.Cmdline))})
	for i := range p.Cmdline {
		m.store(int32(8+8*i), wild)
	}
	return m
}

// run carries the Program out from a step on.
func (m *model) run(step int) {
	for m.end == running {
		*m.steps++
		if *m.steps > maxSteps {
			m.end = endless
			return
		}
		s := m.p.Steps[step]
		result := m.do(s, step)
		if m.end != running {
			return
		}
		if !s.Result.None() {
			m.store(s.Result.Offset, result)
		}
		step = m.route(s, step, result)
	}
}

// route is the step that follows.
func (m *model) route(s *program.Step, step int, result word) int {
	next := func(l *program.Label) int {
		if l == nil {
			return step + 1
		}
		return l.Step
	}
	if result.wild && !result.positive {
		m.end = unknown
		return 0
	}
	switch n := int64(result.value); {
	case n > 0, result.positive:
		m.tries = 0
		return next(s.Positive)
	case n == 0:
		m.tries = 0
		return next(s.Zero)
	}
	errno := -result.value
	if m.tries < program.Retries && slices.ContainsFunc(s.Errors, func(r program.Route) bool { return r.Again && uint64(r.Errno) == errno }) {
		m.tries++
		return step
	}
	m.tries = 0
	for _, r := range s.Errors {
		if !r.Again && uint64(r.Errno) == errno {
			return next(r.To)
		}
	}
	if s.Negative == nil && !s.Tolerant && !(s.Op.Local && s.Fail.Text == "" && s.Fail.Code == 0) {
		m.report(s.Fail, errno)
		return 0
	}
	return next(s.Negative)
}

// report is the end by a failure.
func (m *model) report(f program.Failure, errno uint64) {
	if f.Text != "" {
		texts := strings.Split(strerror.Table, "\x00")
		m.print(m.p.Name + ": " + f.Text + ": " + texts[min(errno, strerror.Count-1)] + "\n")
		for _, h := range f.Hints {
			if h.Errno == 0 || uint64(h.Errno) == errno {
				m.print(m.p.Name + h.Prefix() + h.Text + "\n")
			}
		}
	}
	m.exit(max(f.Code, 1))
}

func (m *model) print(text string) {
	if !m.closed[2] {
		m.output.WriteString(text)
	}
}

func (m *model) exit(code int) {
	m.end, m.code = exited, code&0xff
	if m.child != nil {
		m.end = unknown // nobody waits: which of the two ends first?
	}
}

// arg is the value of an argument.
func (m *model) arg(s *program.Step, n int) word {
	if n >= len(s.Args) {
		return wild
	}
	switch a := s.Args[n]; a.Kind() {
	case program.KindInt, program.KindFlags:
		return word{value: uint64(a.Number())}
	case program.KindNull:
		return word{}
	case program.KindVar:
		return m.load(a.Var())
	}
	return wild
}

func (m *model) load(v program.Var) word {
	var w word
	for i, c := range m.at(v.Offset, v.Size) {
		w.value |= uint64(c.value) << shift(i, int(v.Size))
		w.wild = w.wild || c.wild
	}
	return w
}

// shift is how far up in a number of so many bytes the i-th in memory stands.
func shift(i, size int) int {
	if program.BigEndian {
		i = size - 1 - i
	}
	return 8 * i
}

// at is memory from an offset on.
func (m *model) at(offset, size int32) []cell {
	start := m.p.Frame + int(offset)
	return m.memory[start : start+int(size)]
}

func (m *model) store(offset int32, w word) {
	for i := range m.at(offset, 8) {
		m.at(offset, 8)[i] = cell{byte(w.value >> shift(i, 8)), w.wild}
	}
}

// do carries out a step.
func (m *model) do(s *program.Step, step int) word {
	if s.Op.Local {
		return m.compute(s)
	}
	switch s.Op.Number {
	case unix.SYS_EXIT_GROUP:
		code := m.arg(s, 0)
		m.exit(int(code.value & 0xff))
		if code.wild {
			m.end = unknown
		}
	case unix.SYS_GETPPID:
		return word{value: uint64(os.Getpid())}
	case unix.SYS_SCHED_YIELD:
		return word{}
	case unix.SYS_UMASK:
		return m.setUmask(m.arg(s, 0))
	case unix.SYS_CHDIR:
		return m.chdir(s)
	case unix.SYS_CLOSE:
		return m.close(m.arg(s, 0))
	case unix.SYS_WRITE:
		return m.write(s)
	case unix.SYS_READ:
		return m.read(s)
	case unix.SYS_CLONE:
		return m.fork(s, step)
	case unix.SYS_WAIT4:
		return m.wait(s)
	default:
		return errno(unix.ENOSYS)
	}
	return word{}
}

func errno(e syscall.Errno) word { return word{value: -uint64(e)} }

// compute carries out an operation on variables.
func (m *model) compute(s *program.Step) word {
	x, y := m.arg(s, 0), word{}
	if s.Op.Number != program.OpMove.Number {
		y = m.arg(s, 1)
	}
	if x.wild || y.wild {
		return wild
	}
	switch s.Op.Number {
	case program.OpMove.Number:
		return x
	case program.OpAdd.Number:
		return word{value: x.value + y.value}
	case program.OpSub.Number:
		return word{value: x.value - y.value}
	case program.OpAnd.Number:
		return word{value: x.value & y.value}
	case program.OpOr.Number:
		return word{value: x.value | y.value}
	case program.OpShiftLeft.Number:
		return word{value: x.value << (y.value & 63)}
	}
	return word{value: x.value >> (y.value & 63)}
}

func (m *model) setUmask(mask word) word {
	if mask.wild {
		m.end = unknown
	}
	old := m.umask
	m.umask = mask.value & 0o777
	return word{value: old}
}

// chdir knows only paths that lead nowhere.
func (m *model) chdir(s *program.Step) word {
	if len(s.Args) > 0 && s.Args[0].Kind() == program.KindText && strings.HasPrefix(s.Args[0].Text(), "/nonexistent/") && len(s.Args[0].Text()) < unix.PathMax {
		return errno(unix.ENOENT)
	}
	m.end = unknown
	return wild
}

// fd is a descriptor of the standard three that is open.
func (m *model) fd(w word) (int, bool) {
	fd := uint32(w.value)
	return int(fd), fd < 3 && !m.closed[fd]
}

func (m *model) close(w word) word {
	fd, ok := m.fd(w)
	switch {
	case w.wild:
		m.end = unknown
	case !ok:
		return errno(unix.EBADF)
	default:
		m.closed[fd] = true
	}
	return word{}
}

// transfer is what read and write have in common: the descriptor and the size.
func (m *model) transfer(s *program.Step) (fd int, size uint64, result word, ok bool) {
	number, count := m.arg(s, 0), m.arg(s, 2)
	fd, open := m.fd(number)
	switch {
	case number.wild || count.wild || m.child != nil:
		m.end = unknown
	case (!open || (s.Op.Number == unix.SYS_READ) != (fd == 0)) && count.value > 1<<20:
		m.end = unknown // an emulator looks at the buffer first
	case !open || (s.Op.Number == unix.SYS_READ) != (fd == 0):
		return 0, 0, errno(unix.EBADF), false
	default:
		return fd, count.value, word{}, true
	}
	return 0, 0, wild, false
}

func (m *model) write(s *program.Step) word {
	_, size, result, ok := m.transfer(s)
	if !ok {
		return result
	}
	from, known := m.constant(s.Args[1])
	if s.Args[1].Kind() == program.KindNull && size > 0 && size < 1<<31 {
		return errno(unix.EFAULT)
	}
	if !known || size > uint64(len(from)) {
		m.end = unknown
		return wild
	}
	for _, c := range from[:size] {
		if c.wild {
			m.end = unknown
		}
		m.output.WriteByte(c.value)
	}
	return word{value: size}
}

// constant is the memory that an argument points to.
func (m *model) constant(a program.Arg) ([]cell, bool) {
	var text string
	switch a.Kind() {
	case program.KindAddress:
		return m.at(a.Var().Offset, a.Var().Size), true
	case program.KindText:
		text = a.Text() + "\x00"
	case program.KindBytes:
		text = a.Bytes()
	case program.KindSignals:
		text = string(binary.NativeEndian.AppendUint64(nil, uint64(a.Number())))
	case program.KindNull:
	default:
		return nil, false
	}
	cells := make([]cell, len(text))
	for i := range len(text) {
		cells[i].value = text[i]
	}
	return cells, true
}

func (m *model) read(s *program.Step) word {
	_, size, result, ok := m.transfer(s)
	if !ok {
		return result
	}
	if s.Args[1].Kind() != program.KindAddress || size > uint64(s.Args[1].Var().Size) {
		m.end = unknown // or no memory to write to
		return wild
	}
	into := m.at(s.Args[1].Var().Offset, int32(size))
	got := 0
	for ; got < len(into) && m.input.Len() > 0; got++ {
		b, _ := m.input.ReadByte()
		into[got] = cell{value: b}
	}
	return word{value: uint64(got)}
}
