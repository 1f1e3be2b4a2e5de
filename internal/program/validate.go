//go:build linux

package program

import (
	"errors"
	"fmt"
	"strings"
)

const (
	// maxArgs is how many arguments a system call can have.
	maxArgs = 6
	// maxFrame is far more than any stack has. What a process has of it, package
	// trampoline asks.
	maxFrame = 1 << 30
	// maxNumber is where the numbers of system calls end, for the interpreter.
	maxNumber = 1 << 15
	// maxErrno is the largest that the kernel returns.
	maxErrno = 4095
)

// MaxHints is how many hints a failure can have.
const MaxHints = 16

// Validate reports the first thing that makes p impossible to carry out: a
// label that stands nowhere, a variable outside the frame, a call whose
// failure nobody thought of, a last step that would run off the end, or what
// [Builder.Refuse] was told. Package trampoline validates what it carries out;
// a Program that is only printed need not be. Nil is no Program. Whether the
// arguments of a call make sense only the kernel knows.
func (p *Program) Validate() error {
	switch {
	case p == nil:
		return errors.New("no program")
	case p.refused != nil:
		return p.refused
	case len(p.Steps) == 0:
		return errors.New("program has no steps")
	}
	if len(p.Cmdline) == 0 { // the kernel would put one word there and shift the environment
		return fmt.Errorf("program has no command line")
	}
	if p.Frame < reserved || p.Frame > maxFrame || p.Frame%8 != 0 {
		return fmt.Errorf("variables of %d bytes", p.Frame)
	}
	for i, s := range p.Steps {
		if s == nil {
			return fmt.Errorf("step %d is nil", i)
		}
		if err := p.validateStep(s); err != nil {
			return fmt.Errorf("step %d, %s: %w", i, s.Op.Name, err)
		}
	}
	if last := p.Steps[len(p.Steps)-1]; !last.ends() {
		return fmt.Errorf("the last step, %s, does not end the program", last.Op.Name)
	}
	return firstOf(validateWords(p.Cmdline), validateWords(p.Env))
}

func validateWords(words []string) error {
	for _, word := range words {
		if err := validateText(word); err != nil {
			return err
		}
	}
	return nil
}

func validateText(text string) error {
	if len(text) > 256 {
		if strings.IndexByte(text, 0) >= 0 {
			return errNUL(text)
		}
		return nil
	}
	for i := range len(text) { // a short text does not ask what the processor can, which lies on a page of its own
		if text[i] == 0 {
			return errNUL(text)
		}
	}
	return nil
}

func errNUL(text string) error { return fmt.Errorf("%q holds a NUL byte", text) }

func (p *Program) validateStep(s *Step) error {
	if err := firstOf(s.validateOp(), p.validateLabels(s), s.validateFailure()); err != nil {
		return err
	}
	for _, a := range s.Args {
		if err := p.validateArg(a); err != nil {
			return err
		}
	}
	if !s.Result.None() && s.Result.Size != 8 {
		return fmt.Errorf("a result does not fit %q, which has %d bytes", s.Result.Name, s.Result.Size)
	}
	return p.validateVar(s.Result)
}

// firstOf is cmp.Or, which compares with a function of the runtime that nothing else
// needs before it starts.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// validateOp checks that an operation exists and has what it works on. How many
// arguments a system call takes only the kernel knows.
func (s *Step) validateOp() error {
	switch {
	case s.Op.Name == "" && s.Op.Number == 0 && !s.Op.Local: // system call 0 is some call on every architecture
		return errors.New("no operation")
	case len(s.Args) > maxArgs:
		return fmt.Errorf("%d arguments", len(s.Args))
	case !s.Op.Local && s.Op.Number >= maxNumber, s.Op.Local && s.Op.Number >= operations:
		return fmt.Errorf("unknown operation")
	case s.Op.Local && (len(s.Args) < 1 || len(s.Args) < 2 && s.Op.Number != OpMove.Number):
		return fmt.Errorf("nothing to work on")
	}
	return nil
}

// validateFailure checks what is said when the step fails.
func (s *Step) validateFailure() error {
	switch {
	case s.Negative == nil && s.Fail.none() && !s.Tolerant && !s.Op.Local && s.Op != SysExitGroup:
		return fmt.Errorf("nothing says what its failure means")
	case len(s.Fail.Hints) > MaxHints:
		return fmt.Errorf("%d hints", len(s.Fail.Hints))
	case s.Fail.Code < 0 || s.Fail.Code > 255:
		return fmt.Errorf("exit code %d", s.Fail.Code)
	}
	for i := range s.Errors {
		r := &s.Errors[i]
		if r.Errno == 0 || r.Errno > maxErrno {
			return fmt.Errorf("error number %d", int(r.Errno))
		}
		if r.Again && (r.To != nil || s.Op.Local) {
			return fmt.Errorf("error number %d cannot be tried again", int(r.Errno))
		}
	}
	return nil
}

func (p *Program) validateLabels(s *Step) error {
	err := firstOf(p.validateLabel(s.Positive), p.validateLabel(s.Zero), p.validateLabel(s.Negative))
	for i := range s.Errors {
		err = firstOf(err, p.validateLabel(s.Errors[i].To))
	}
	return err
}

func (p *Program) validateLabel(l *Label) error {
	if l != nil && (l.Step < 0 || l.Step >= len(p.Steps)) {
		return fmt.Errorf("label %q stands nowhere", l.Name)
	}
	return nil
}

func (p *Program) validateArg(a Arg) error {
	switch a.Kind() {
	case KindVar:
		if a.Var().Size != 4 && a.Var().Size != 8 {
			return fmt.Errorf("variable %q has no value of %d bytes", a.Var().Name, a.Var().Size)
		}
		return p.validateVar(a.Var())
	case KindAddress:
		if a.Var().None() {
			return fmt.Errorf("an argument is not a variable")
		}
		return p.validateVar(a.Var())
	case KindArgv:
		if a.value < -1 || a.value > int64(len(p.Cmdline)) {
			return fmt.Errorf("argv[%d] does not exist", a.value)
		}
	case KindText:
		return validateText(a.Text())
	case KindVector:
		return validateWords(a.Words())
	}
	if a.Kind() > KindNull {
		return fmt.Errorf("an argument of no kind")
	}
	return nil
}

// validateVar checks that v lies in the frame or in a slot of the argument
// vector that exists.
func (p *Program) validateVar(v Var) error {
	inFrame := int(v.Offset) >= -p.Frame && v.Size > 0 && int(v.Offset)+int(v.Size) <= -reserved
	slots := int32(8 * (len(p.Cmdline) + 1))
	inArgv := v.Offset >= 0 && v.Offset%8 == 0 && v.Size == 8 && v.Offset < slots
	if v.None() || inFrame || inArgv {
		return nil
	}
	return fmt.Errorf("variable %q lies outside the frame", v.Name)
}

// ends reports whether nothing is ever done after s.
//
//go:noinline
func (s *Step) ends() bool {
	if s.Op == SysExitGroup {
		return true
	}
	if s.Tolerant || s.Op.Local && s.Negative == nil && s.Fail.none() {
		return false
	}
	for _, r := range s.Errors {
		if r.Ignores() {
			return false
		}
	}
	// execve comes back only with an error.
	return s.Op == SysExecve || s.Positive != nil && s.Zero != nil
}
