//go:build linux

package program

import "syscall"

// Program is a list of steps to be carried out by one process and its forks.
// Once it is built nothing changes it any more: it can be printed and carried
// out any number of times, by several goroutines at once.
type Program struct {
	// Name starts every message: "unshare".
	Name string
	// Cmdline is the argument vector the executing process shows and that
	// [Argv] refers to.
	Cmdline []string
	// Env is the environment; nil stands for the caller's own, byte for byte as it
	// was given unless os.Setenv or os.Unsetenv has changed it.
	Env []string
	// Steps are carried out from the first on.
	Steps []*Step
	// Frame is the size in bytes of all variables.
	Frame int

	// refused is why there is no such Program, see Builder.Refuse.
	refused error
}

// Step is one system call or one operation on variables. Steps are made by a
// Builder.
type Step struct {
	// Op says what is done.
	Op Op
	// Args are at most six arguments; missing ones are of no meaning.
	Args []Arg
	// Result receives what the call returned; the zero Var drops it.
	Result Var
	// Positive, Zero and Negative say what is done next for a result of that
	// sign; nil stands for the following step. A negative result of a system
	// call is an error: without a label it leads to Fail, unless Tolerant is set.
	Positive, Zero, Negative *Label
	// Tolerant goes on with the following step in spite of any error.
	Tolerant bool
	// Errors are exceptions from Negative by error number.
	Errors []Route
	// Fail is the message and exit code when Negative is nil.
	Fail Failure
	// Why is the reason shown beside the call; without one, what its kind is made for.
	Why string
	// Section heads the part of the listing that begins with this step.
	Section string

	b *Builder
}

// Route leads from one error number to a label; a nil label ignores the error
// and goes on with the following step, unless the step is to be tried again.
type Route struct {
	Errno syscall.Errno
	To    *Label
	// Again carries the step out again, Retries times at most. Another Route of the
	// same number says what follows then.
	Again bool
}

// Ignores reports whether the error is of no consequence.
func (r Route) Ignores() bool { return r.To == nil && !r.Again }

// Retries is how often a step is carried out again at most.
const Retries = 100

// Label is a place in a program that other steps can lead to.
type Label struct {
	// Name is shown in listings.
	Name string
	// Step is the index of the step it stands before, -1 until it is placed.
	Step int
}

// Failure is what is said when a step fails. The process that fails prints
// "NAME: TEXT: STRERROR" on descriptor 2 and exits with Code.
type Failure struct {
	// Text may be empty where Code is not: then nothing is printed.
	Text string
	// Code is the exit code; 0 stands for 1.
	Code int
	// Hints are lines printed below, each for one error number.
	Hints []Hint
}

// none reports whether f was never filled in.
func (f Failure) none() bool { return f.Text == "" && f.Code == 0 }

// Reports says whether a negative result of s leads to its failure, not on to
// a label or the following step.
func (s *Step) Reports() bool {
	return s.Negative == nil && !s.Tolerant && !(s.Op.Local && s.Fail.none())
}

// labels are all the labels that a step leads to; some may be nil.
//
//go:noinline
func (s *Step) labels() []*Label {
	all := []*Label{s.Positive, s.Zero, s.Negative}
	for _, r := range s.Errors {
		all = append(all, r.To)
	}
	return all
}

// Hint is a further line that names what would help against an error.
type Hint struct {
	// Errno is the error it belongs to; 0 stands for any.
	Errno syscall.Errno
	Text  string
	// Plain leaves out the word "hint".
	Plain bool
}

// Prefix stands between the name of the program and the text.
func (h Hint) Prefix() string {
	if h.Plain {
		return ": "
	}
	return ": hint: "
}

// Var is a place in memory for a result or a buffer. The zero Var is none.
type Var struct {
	Name string
	// Offset counts in bytes from the initial stack pointer: variables lie
	// below it, argument vector and environment above.
	Offset int32
	// Size is in bytes.
	Size int32
}

// None reports whether v is the zero Var.
func (v Var) None() bool { return v.Size == 0 }

// Part is a piece of v at a byte offset, for the structures that calls fill in:
// the two descriptors of pipe2(2), say. A size of 4 or 8 makes a value.
func (v Var) Part(offset, size int32, name string) Var {
	return Var{Name: name, Offset: v.Offset + offset, Size: size}
}

// Exit codes of a failed exec, as shells and util-linux have them.
const (
	// ExitNotFound is for a program that does not exist.
	ExitNotFound = 127
	// ExitNotExecutable is for one that could not be executed.
	ExitNotExecutable = 126
)
