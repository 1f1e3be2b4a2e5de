//go:build linux

package program

import (
	"errors"
	"fmt"
	"strconv"
	"syscall"
)

// Builder writes a Program step by step. Its methods for system calls are in
// the files calls*.go; each returns the new step, whose methods refine it. Nothing that is
// wrong is reported while a Program is written: [Program.Validate] does. A
// Builder is for one goroutine at a time; the zero value begins a Program whose
// messages start with nothing.
type Builder struct {
	p       Program
	section string
	list    room[*Step]
	steps   pool[Step]
	labels  pool[Label]
	args    shelf[Arg]
	routes  shelf[Route]
	hints   shelf[Hint]
	texts   texts
}

// reserved is the room below the initial stack pointer that the interpreter
// keeps for the arguments of the step at hand.
const reserved = 48

// New begins a program whose messages start with name.
func New(name string) *Builder { return new(Workspace).New(name) }

// New begins a program in w, whose former Program is lost.
//
//go:noinline
func (w *Workspace) New(name string) *Builder {
	b, first, second := &w.builder, &w.first, &w.second
	*b = Builder{}
	b.p.Name, b.p.Frame, b.p.Steps = name, reserved, first.list[:0]
	b.list = second.list[:0]
	b.steps = pool[Step]{first.steps[:], second.steps[:0]}
	b.labels = pool[Label]{first.labels[:], second.labels[:0]}
	b.args = shelf[Arg]{first.args[:0], second.args[:0]}
	b.routes = shelf[Route]{first.routes[:0], second.routes[:0]}
	b.hints = shelf[Hint]{first.hints[:0], second.hints[:0]}
	b.texts = texts{first.text[:0], second.text[:0]}
	return b
}

// Program ends the building. What is appended afterwards belongs to the same
// Program, and later calls return the same one.
func (b *Builder) Program() *Program {
	b.reserve()
	return &b.p
}

// reserve does for a zero Builder what New does.
func (b *Builder) reserve() {
	if b.p.Frame == 0 {
		b.p.Frame = reserved
	}
}

// Refuse makes the Program one that Validate, and so everything that would carry
// it out, refuses with err. The first error counts. It is for what decides and
// finds that it cannot: a Program is returned all the same.
func (b *Builder) Refuse(err error) {
	if b.p.refused == nil {
		b.p.refused = err
	}
}

// Cmdline sets the argument vector that the executing process shows.
func (b *Builder) Cmdline(words []string) { b.p.Cmdline = words }

// Env sets the environment; without it the caller's is used.
func (b *Builder) Env(env []string) { b.p.Env = env }

// Var makes a variable of eight bytes, which is 0 at first.
//
//go:noinline
func (b *Builder) Var(name string) Var { return b.Buffer(name, 8) }

// Buffer makes a variable of size bytes, aligned to eight, all 0 at first. The
// variables of a Program lie on the stack: 128 KiB every process has for them, and
// more as RLIMIT_STACK allows.
func (b *Builder) Buffer(name string, size int) Var {
	if size <= 0 {
		b.Refuse(fmt.Errorf("variable %q of %d bytes", name, size))
		size = 8
	}
	b.reserve()
	b.p.Frame += (size + 7) &^ 7
	return Var{Name: name, Offset: int32(-b.p.Frame), Size: int32(size)}
}

// Label makes a label that is yet to be placed.
//
//go:noinline
func (b *Builder) Label(name string) *Label {
	l := b.labels.take()
	*l = Label{Name: name, Step: -1}
	return l
}

// Place puts a label before the next step, and takes it away from where it was.
//
//go:noinline
func (b *Builder) Place(l *Label) {
	if l == nil {
		b.Refuse(errors.New("a label that is nil was placed"))
		return
	}
	l.Step = len(b.p.Steps)
}

// Here makes a label before the next step.
//
//go:noinline
func (b *Builder) Here(name string) *Label {
	l := b.Label(name)
	b.Place(l)
	return l
}

// Section heads the listing of the steps that follow.
func (b *Builder) Section(title string) { b.section = title }

// Join puts a text together that lasts as long as the Program.
//
//go:noinline
func (b *Builder) Join(parts ...string) string { return b.texts.join(parts) }

// maxDigits is how many bytes a number has in decimal, its sign included.
const maxDigits = 20

// Itoa writes a number in decimal, as Join does.
func (b *Builder) Itoa(n int64) string {
	b.texts.reserve(maxDigits)
	start := len(b.texts.buffer)
	b.texts.buffer = strconv.AppendInt(b.texts.buffer, n, 10)
	return b.texts.since(start)
}

// Utoa is Itoa of an unsigned number.
func (b *Builder) Utoa(n uint64) string {
	b.texts.reserve(maxDigits)
	start := len(b.texts.buffer)
	b.texts.buffer = strconv.AppendUint(b.texts.buffer, n, 10)
	return b.texts.since(start)
}

// Do appends a step.
func (b *Builder) Do(op Op, args ...Arg) *Step {
	s := b.steps.take()
	*s = Step{Op: op, Section: b.section, b: b}
	for _, arg := range args {
		s.Args = b.args.add(s.Args, arg)
	}
	b.section = ""
	if len(b.p.Steps) == cap(b.p.Steps) {
		b.p.Steps = append(b.list.next(len(b.p.Steps)+1), b.p.Steps...)
	}
	b.p.Steps = append(b.p.Steps, s)
	return s
}

// Goto leads to a label.
//
//go:noinline
func (b *Builder) Goto(l *Label) { b.Do(OpMove, Int(0)).IfZero(l) }

// Move sets a variable.
//
//go:noinline
func (b *Builder) Move(to Var, value Arg) *Step { return b.Do(OpMove, value).Into(to) }

// FailWith fails as if the call whose negative result v holds had just failed.
//
//go:noinline
func (b *Builder) FailWith(v Var, text ...string) *Step {
	return b.Do(OpMove, Value(v)).Or(text...)
}

// Compare yields zero if x and y are equal.
//
//go:noinline
func (b *Builder) Compare(x, y Arg) *Step { return b.Do(OpSub, x, y) }

// CompareInt yields zero if v holds n.
//
//go:noinline
func (b *Builder) CompareInt(v Var, n int64) *Step { return b.Do(OpSub, Value(v), Int(n)) }

// CompareVar yields zero if x and y hold the same.
//
//go:noinline
func (b *Builder) CompareVar(x, y Var) *Step { return b.Do(OpSub, Value(x), Value(y)) }

// WithInt does an operation on what a variable holds and a number. It is short for Do, like
// the others here, and so is the code that calls it: most steps of a Program are of this kind. The
// operation goes by its address, so that all of it is passed in registers.
//
//go:noinline
func (b *Builder) WithInt(op *Op, v Var, n int64) *Step { return b.Do(*op, Value(v), Int(n)) }

// WithVar does an operation on what two variables hold.
//
//go:noinline
func (b *Builder) WithVar(op *Op, x, y Var) *Step { return b.Do(*op, Value(x), Value(y)) }

// builder has the memory for what a step is refined with; one that no Builder
// made gets its own.
//
//go:noinline
func (s *Step) builder() *Builder {
	if s.b == nil {
		s.b = new(Builder)
	}
	return s.b
}

// Into keeps the result in v.
//
//go:noinline
func (s *Step) Into(v Var) *Step { s.Result = v; return s }

// Because gives the reason for the step.
//
//go:noinline
func (s *Step) Because(why string) *Step { s.Why = why; return s }

// Or gives the text of the failure, put together from parts; its exit code is 1.
//
//go:noinline
func (s *Step) Or(text ...string) *Step { s.Fail.Text = s.builder().texts.join(text); return s }

// OrExit gives the exit code and the text of the failure.
//
//go:noinline
func (s *Step) OrExit(code int, text ...string) *Step {
	s.Fail.Code = code
	return s.Or(text...)
}

// Hint adds a line to the failure with errno; 0 stands for every error.
//
//go:noinline
func (s *Step) Hint(errno syscall.Errno, text string) *Step {
	if text != "" {
		s.Fail.Hints = s.builder().hints.add(s.Fail.Hints, Hint{Errno: errno, Text: text})
	}
	return s
}

// AndSay adds a line to the failure, whatever the error.
//
//go:noinline
func (s *Step) AndSay(text string) *Step {
	s.Fail.Hints = s.builder().hints.add(s.Fail.Hints, Hint{Text: text, Plain: true})
	return s
}

// IfZero leads a zero result to l.
//
//go:noinline
func (s *Step) IfZero(l *Label) *Step { s.Zero = l; return s }

// IfPositive leads a positive result to l.
//
//go:noinline
func (s *Step) IfPositive(l *Label) *Step { s.Positive = l; return s }

// IfNegative leads every error that On does not lead elsewhere to l.
//
//go:noinline
func (s *Step) IfNegative(l *Label) *Step { s.Negative = l; return s }

// On leads one error number to l.
//
//go:noinline
func (s *Step) On(errno syscall.Errno, l *Label) *Step {
	s.Errors = s.builder().routes.add(s.Errors, Route{Errno: errno, To: l})
	return s
}

// Retry carries the step out again after an error that passes, [Retries] times at
// most and without a pause. What the error leads to otherwise is what it leads to then.
//
// It is for the errors of which a manual page says to try again: EAGAIN of
// openat2(2), when a rename or a mount elsewhere on the host races with "..", and
// EAGAIN of setuid(2), when the kernel lacked memory for a moment. It is not for
// limits, which do not pass while one asks (EAGAIN of clone(2), ENOSPC of
// unshare(2)), not for EINTR of a call that waits, which comes as often as there
// are signals (Wait4 and Sigtimedwait have a label for it), and never for
// close(2), which has closed the descriptor all the same.
//
//go:noinline
func (s *Step) Retry(errnos ...syscall.Errno) *Step {
	for _, errno := range errnos {
		s.Errors = s.builder().routes.add(s.Errors, Route{Errno: errno, Again: true})
	}
	return s
}

// Ignore goes on with the next step in spite of an error number.
//
//go:noinline
func (s *Step) Ignore(errno syscall.Errno) *Step { return s.On(errno, nil) }

// Tolerate goes on with the next step in spite of any error.
//
//go:noinline
func (s *Step) Tolerate() *Step { s.Tolerant = true; return s }
