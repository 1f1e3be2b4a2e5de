package program

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// reasonColumn is where the reasons begin in a listing.
const reasonColumn = 56

// Print writes p for people: each system call as name(arguments) at the start
// of its line, in the order of execution, with the reason behind it. What only
// moves values about, or is done only after a failure, is left out; String has
// everything. The error is that of w. What is wrong with p is no error here, see
// [Program.Validate].
func (p *Program) Print(w io.Writer) error {
	var b strings.Builder
	regular, section := p.regular(), ""
	for i, s := range p.Steps {
		if s == nil {
			continue
		}
		section = cmp.Or(s.Section, section)
		if regular[i] && !s.Op.Local {
			if section != "" {
				fmt.Fprintf(&b, "\n# %s\n", section)
				section = ""
			}
			writeLine(&b, p.call(s), s.reason())
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// String lists every step with all the places it leads to.
func (p *Program) String() string {
	var b strings.Builder
	labels := p.labelNames()
	for i, s := range p.Steps {
		if s == nil {
			continue
		}
		if s.Section != "" {
			fmt.Fprintf(&b, "\n# %s\n", s.Section)
		}
		for _, l := range labels.at(i) {
			fmt.Fprintf(&b, "  %s:\n", labels.names[l])
		}
		writeLine(&b, p.call(s), labels.routes(s))
	}
	return b.String()
}

func writeLine(b *strings.Builder, line, note string) {
	if note != "" {
		line = fmt.Sprintf("%-*s  # %s", reasonColumn, line, note)
	}
	b.WriteString(line + "\n")
}

// regular marks the steps that can be reached without an error. A failing
// execve does not count as one: the next candidate is tried.
func (p *Program) regular() []bool {
	reached := make([]bool, len(p.Steps))
	todo := []int{0}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if i < 0 || i >= len(p.Steps) || reached[i] || p.Steps[i] == nil {
			continue
		}
		reached[i] = true
		todo = append(todo, p.successors(i)...)
	}
	return reached
}

// successors are the steps that may follow the i-th without an error.
func (p *Program) successors(i int) []int {
	s := p.Steps[i]
	if s.Op == SysExitGroup || s.Op.Local && !s.Fail.none() {
		return nil
	}
	if s.Op == SysExecve {
		return s.afterExec()
	}
	if to, ok := s.jump(); ok {
		return to.after(i)
	}
	next := destination{s.Positive}.after(i)
	return append(next, destination{s.Zero}.after(i)...)
}

// destination is a label or, without one, the following step.
type destination struct{ label *Label }

func (d destination) after(i int) []int {
	if d.label == nil {
		return []int{i + 1}
	}
	return []int{d.label.Step}
}

// jump is where a step always leads: one that yields a constant.
func (s *Step) jump() (destination, bool) {
	if !s.Op.Local || s.Op.Number != OpMove.Number || len(s.Args) != 1 || s.Args[0].kind != KindInt {
		return destination{}, false
	}
	switch value := s.Args[0].value; {
	case value > 0:
		return destination{s.Positive}, true
	case value < 0:
		return destination{s.Negative}, true
	}
	return destination{s.Zero}, true
}

// afterExec are the steps that a failed execve leads to, but for the failure.
func (s *Step) afterExec() []int {
	var next []int
	for _, r := range s.Errors {
		if r.To != nil {
			next = append(next, r.To.Step)
		}
	}
	return next
}

// labelNames gives each label that is used a name of its own.
type labelNames struct {
	order []*Label
	names map[*Label]string
}

func (p *Program) labelNames() labelNames {
	n := labelNames{names: map[*Label]string{}}
	used := map[string]int{}
	for _, s := range p.Steps {
		if s == nil {
			continue
		}
		for _, l := range s.labels() {
			if l == nil || n.names[l] != "" {
				continue
			}
			n.order = append(n.order, l)
			used[l.Name]++
			n.names[l] = l.Name
			if used[l.Name] > 1 {
				n.names[l] += " " + strconv.Itoa(used[l.Name])
			}
		}
	}
	return n
}

// at has the labels that stand before a step.
func (n labelNames) at(step int) []*Label {
	var here []*Label
	for _, l := range n.order {
		if l.Step == step {
			here = append(here, l)
		}
	}
	return here
}

// call writes a step without its reason.
func (p *Program) call(s *Step) string {
	args := make([]string, len(s.Args))
	for i, a := range s.Args {
		args[i] = p.arg(a)
	}
	if !s.Op.Local {
		line := s.Op.Name + "(" + strings.Join(args, ", ") + ")"
		if s.Result.Name != "" {
			line += " = " + s.Result.Name
		}
		return line
	}
	expression := strings.Join(args, " "+s.Op.Name+" ")
	if s.Result.Name == "" {
		return "    " + expression
	}
	return "    " + s.Result.Name + " = " + expression
}

// arg writes an argument as strace(1) would.
func (p *Program) arg(a Arg) string {
	switch {
	case a.shown:
		return a.data
	case a.kind == KindFlags:
		return a.names().Format(a.value)
	case a.kind == KindVar:
		return a.Var().Name
	case a.kind == KindAddress:
		return "&" + a.Var().Name
	case a.kind == KindText:
		return strconv.Quote(a.data)
	case a.kind == KindBytes && len(a.data) > int(a.value):
		return a.data[a.value:]
	case a.kind == KindBytes:
		return fmt.Sprintf("%q", a.data)
	case a.kind == KindSignals:
		return signalSet(uint64(a.value))
	case a.kind == KindVector:
		return vector(a.Words())
	case a.kind == KindArgv:
		return vector(p.Cmdline[min(max(a.value, 0), int64(len(p.Cmdline))):])
	case a.kind == KindEnvp:
		return "envp"
	case a.kind == KindImage:
		return "image"
	case a.kind == KindNull:
		return "NULL"
	}
	return strconv.FormatInt(a.value, 10)
}

func vector(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = strconv.Quote(word)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// reason is why a step is there and which errors it takes lightly.
func (s *Step) reason() string {
	reason := s.Why
	for _, r := range s.Errors {
		if r.Ignores() {
			reason += "; " + unix.ErrnoName(r.Errno) + " is ignored"
		}
	}
	if again := s.passing(usual[:]); again != "" {
		reason += "; " + again
	}
	return strings.TrimPrefix(reason, "; ")
}

// usual are errors that every call of its kind is begun again after, of which an
// explanation need not speak: a signal, and a program that is still being written.
var usual = [...]syscall.Errno{unix.EINTR, unix.ETXTBSY}

// passing says after which errors a step is carried out again, some left out.
func (s *Step) passing(but []syscall.Errno) string {
	var names []string
	for _, r := range s.Errors {
		if r.Again && !slices.Contains(but, r.Errno) {
			names = append(names, unix.ErrnoName(r.Errno))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("again up to %d times after %s", Retries, strings.Join(names, ", "))
}

// routes says where a step leads, as far as that is not the next step, and
// what it says when it fails.
func (n labelNames) routes(s *Step) string {
	var parts []string
	for _, r := range []struct {
		when string
		to   *Label
	}{{">0", s.Positive}, {"0", s.Zero}, {"<0", s.Negative}} {
		if r.to != nil {
			parts = append(parts, r.when+": "+n.names[r.to])
		}
	}
	if again := s.passing(nil); again != "" {
		parts = append(parts, again)
	}
	for _, r := range s.Errors {
		if r.Again {
			continue
		}
		to := "on"
		if r.To != nil {
			to = n.names[r.To]
		}
		parts = append(parts, unix.ErrnoName(r.Errno)+": "+to)
	}
	if s.Tolerant {
		parts = append(parts, "<0: on")
	}
	if s.Reports() && !s.Fail.none() {
		parts = append(parts, s.Fail.String())
	}
	return strings.Join(parts, ", ")
}

// String is the failure as a listing shows it.
func (f Failure) String() string {
	text := fmt.Sprintf("fails %d %q", max(f.Code, 1), f.Text)
	for _, h := range f.Hints {
		text += fmt.Sprintf(" hint %s %q", unix.ErrnoName(h.Errno), h.Text)
	}
	return text
}
