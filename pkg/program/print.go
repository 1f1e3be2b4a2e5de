package program

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// reasonColumn is where the reasons begin in a listing.
const reasonColumn = 56

// Print writes p for people: each system call as name(arguments) at the start
// of its line, with the reason behind it; the operations on variables between
// them are indented.
func (p *Program) Print(w io.Writer) error {
	var b strings.Builder
	labels := p.labelsByStep()
	for i, s := range p.Steps {
		if s.Section != "" {
			fmt.Fprintf(&b, "\n# %s\n", s.Section)
		}
		for _, name := range labels[i] {
			fmt.Fprintf(&b, "  %s:\n", name)
		}
		p.printStep(&b, s)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// String is what Print writes.
func (p *Program) String() string {
	var b strings.Builder
	p.Print(&b) // a strings.Builder does not fail
	return b.String()
}

// labelsByStep lists the names of the labels that stand before each step.
func (p *Program) labelsByStep() map[int][]string {
	seen := map[*Label]bool{}
	at := map[int][]string{}
	for _, s := range p.Steps {
		for _, l := range s.labels() {
			if l != nil && !seen[l] {
				seen[l] = true
				at[l.Step] = append(at[l.Step], l.Name)
			}
		}
	}
	return at
}

func (p *Program) printStep(b *strings.Builder, s *Step) {
	line := p.call(s)
	notes := s.Why
	if routes := s.routes(); routes != "" {
		notes = strings.TrimPrefix(notes+" ["+routes+"]", " ")
	}
	b.WriteString(line)
	if notes != "" {
		fmt.Fprintf(b, "%*s  # %s", max(reasonColumn-len(line), 0), "", notes)
	}
	b.WriteByte('\n')
}

// call writes a step without its reason.
func (p *Program) call(s *Step) string {
	args := make([]string, len(s.Args))
	for i, a := range s.Args {
		args[i] = p.arg(a)
	}
	if !s.Op.Local {
		line := s.Op.Name + "(" + strings.Join(args, ", ") + ")"
		if !s.Result.None() {
			line += " = " + s.Result.Name
		}
		return line
	}
	expression := strings.Join(args, " "+s.Op.Name+" ")
	if s.Result.None() {
		return "    " + expression
	}
	return "    " + s.Result.Name + " = " + expression
}

// arg writes an argument as strace(1) would.
func (p *Program) arg(a Arg) string {
	switch {
	case a.Shown != "":
		return a.Shown
	case a.Kind == KindFlags:
		return a.Names.Format(a.Value)
	case a.Kind == KindVar:
		return a.Var.Name
	case a.Kind == KindAddress:
		return "&" + a.Var.Name
	case a.Kind == KindText:
		return strconv.Quote(a.Data)
	case a.Kind == KindBytes:
		return fmt.Sprintf("%q", a.Data)
	case a.Kind == KindVector:
		return vector(a.Words)
	case a.Kind == KindArgv:
		return vector(p.Cmdline[max(a.Value, 0):])
	case a.Kind == KindEnvp:
		return "envp"
	case a.Kind == KindImage:
		return "image"
	case a.Kind == KindNull:
		return "NULL"
	}
	return strconv.FormatInt(a.Value, 10)
}

func vector(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = strconv.Quote(word)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// routes says where a step leads, as far as that is not the next step.
func (s *Step) routes() string {
	var parts []string
	for _, r := range []struct {
		when string
		to   *Label
	}{{">0", s.Positive}, {"0", s.Zero}, {"error", s.Negative}} {
		if r.to != nil {
			parts = append(parts, r.when+": "+r.to.Name)
		}
	}
	for _, r := range s.Errors {
		to := "ignored"
		if r.To != nil {
			to = r.To.Name
		}
		parts = append(parts, unix.ErrnoName(r.Errno)+": "+to)
	}
	if s.Tolerant {
		parts = append(parts, "errors: ignored")
	}
	return strings.Join(parts, ", ")
}
