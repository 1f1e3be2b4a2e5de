package program

import (
	"cmp"
	"fmt"
	"strings"
)

// maxArgs is how many arguments a system call can have.
const maxArgs = 6

// MaxHints is how many hints a failure can have.
const MaxHints = 16

// Validate reports the first thing that makes p impossible to carry out: a
// label that stands nowhere, a variable outside the frame, a call whose
// failure nobody thought of, or a last step that would run off the end.
func (p *Program) Validate() error {
	if len(p.Steps) == 0 {
		return fmt.Errorf("program has no steps")
	}
	if len(p.Cmdline) == 0 { // the kernel would put one word there and shift the environment
		return fmt.Errorf("program has no command line")
	}
	for i, s := range p.Steps {
		if err := p.validateStep(s); err != nil {
			return fmt.Errorf("step %d, %s: %w", i, s.Op.Name, err)
		}
	}
	if last := p.Steps[len(p.Steps)-1]; !last.ends() {
		return fmt.Errorf("the last step, %s, does not end the program", last.Op.Name)
	}
	return cmp.Or(validateWords(p.Cmdline), validateWords(p.Env))
}

func validateWords(words []string) error {
	for _, word := range words {
		if strings.IndexByte(word, 0) >= 0 {
			return fmt.Errorf("%q holds a NUL byte", word)
		}
	}
	return nil
}

func (p *Program) validateStep(s *Step) error {
	if err := p.validateLabels(s); err != nil {
		return err
	}
	if len(s.Args) > maxArgs {
		return fmt.Errorf("%d arguments", len(s.Args))
	}
	if s.Op.Local && s.Op.Number >= Ops {
		return fmt.Errorf("unknown operation")
	}
	if s.Negative == nil && s.Fail.none() && !s.Tolerant && !s.Op.Local && s.Op != SysExitGroup {
		return fmt.Errorf("nothing says what its failure means")
	}
	if len(s.Fail.Hints) > MaxHints {
		return fmt.Errorf("%d hints", len(s.Fail.Hints))
	}
	for _, a := range s.Args {
		if err := p.validateArg(a); err != nil {
			return err
		}
	}
	return p.validateVar(s.Result)
}

func (p *Program) validateLabels(s *Step) error {
	err := cmp.Or(p.validateLabel(s.Positive), p.validateLabel(s.Zero), p.validateLabel(s.Negative))
	for i := range s.Errors {
		err = cmp.Or(err, p.validateLabel(s.Errors[i].To))
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
	switch a.Kind {
	case KindVar:
		if a.Var.Size != 4 && a.Var.Size != 8 {
			return fmt.Errorf("variable %q has no value of %d bytes", a.Var.Name, a.Var.Size)
		}
		return p.validateVar(a.Var)
	case KindAddress:
		if a.Var.None() {
			return fmt.Errorf("an argument is no variable")
		}
		return p.validateVar(a.Var)
	case KindArgv:
		if a.Value < -1 || a.Value > int64(len(p.Cmdline)) {
			return fmt.Errorf("argv[%d] does not exist", a.Value)
		}
	case KindText:
		if strings.IndexByte(a.Data, 0) >= 0 {
			return fmt.Errorf("%q holds a NUL byte", a.Data)
		}
	case KindVector:
		return validateWords(a.Words)
	}
	return nil
}

// validateVar checks that v lies in the frame or in a slot of the argument
// vector that exists.
func (p *Program) validateVar(v Var) error {
	inFrame := int(v.Offset) >= -p.Frame && v.Offset+v.Size <= -reserved
	slots := int32(8 * (len(p.Cmdline) + 1))
	inArgv := v.Offset >= 0 && v.Offset%8 == 0 && v.Size == 8 && v.Offset < slots
	if v.None() || inFrame || inArgv {
		return nil
	}
	return fmt.Errorf("variable %q lies outside the frame", v.Name)
}

// ends reports whether nothing is ever done after s.
func (s *Step) ends() bool {
	if s.Op == SysExitGroup {
		return true
	}
	if s.Tolerant || s.Op.Local && s.Negative == nil && s.Fail.none() {
		return false
	}
	for _, r := range s.Errors {
		if r.To == nil {
			return false
		}
	}
	// execve comes back only with an error.
	return s.Op == SysExecve || s.Positive != nil && s.Zero != nil
}
