//go:build linux

package program

import (
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
// of its line, in the order of execution, and behind it the condition under which
// it is made and the reason. What only moves values about, or is done only to
// report a failure, is left out; String has everything. The search for a program
// is one line. The error is that of w. What is wrong with p is no error here, see
// [Program.Validate].
func (p *Program) Print(w io.Writer) error { return p.print(w, false) }

// PrintAll is Print with a line for every place where a program is searched.
func (p *Program) PrintAll(w io.Writer) error { return p.print(w, true) }

func (p *Program) print(w io.Writer, all bool) error {
	if p == nil {
		return nil
	}
	l := listing{flow: newFlow(p), all: all}
	l.used = l.usedVars()
	for i, s := range p.Steps {
		if s == nil {
			continue
		}
		if s.Section != "" {
			l.section, l.from = s.Section, l.start(i)
		}
		if l.live[i] {
			l.step(i, s)
		}
	}
	_, err := io.WriteString(w, l.text.String())
	return err
}

// listing is a Program being printed.
type listing struct {
	*flow
	all     bool
	text    strings.Builder
	section string
	// from is the first step of a section that is only come to by a jump, call the
	// last call printed.
	from, call int
	// used has the variables that a line or a condition refers to.
	used map[int32]bool
	// last is the last execve(2).
	last *Step
}

// step prints one step, if it is a call.
func (l *listing) step(i int, s *Step) {
	if s.Op.Local {
		l.loop(i)
		return
	}
	if l.section != "" {
		title := l.section
		if l.from > 0 {
			if when := l.conditionsOf(0, l.from, -1); when != "" {
				title += " (" + when + ")"
			}
		}
		fmt.Fprintf(&l.text, "\n# %s\n", title)
		l.section = ""
	}
	line := l.p.callUsing(s, l.used)
	notes := []string{l.conditionsOf(l.from, i, l.call), s.reason(), l.onwards(i, s)}
	l.call = i
	if s.Op == SysExecve {
		if again := l.last; again != nil && again.searches(s) {
			if !l.all {
				return
			}
			notes[0] = "if the one before is not there"
		} else if n := l.candidates(i, s); n > 1 && !l.all {
			path := s.Args[0].Text()
			line = strings.Replace(line, l.p.arg(s.Args[0]), strconv.Quote(".../"+path[strings.LastIndexByte(path, '/')+1:]), 1)
			notes[1] = fmt.Sprintf("the first that is there of %d places, along PATH (--explain=all lists them)", n)
		} else if len(s.Args) > 1 && s.Args[1].Kind() == KindArgv && s.Args[1].shown() {
			notes[0] = "" // the reason says it
		}
		l.last = s
	}
	writeLine(&l.text, line, joinNotes(notes))
}

// start is i for a section that begins with the i-th step and is only come to by a
// jump, else 0: then what is decided before it decides about its steps, too.
func (l *listing) start(i int) int {
	for _, w := range l.ways[max(i-1, 0)] {
		if w.to == i {
			return 0
		}
	}
	return i
}

// joinNotes puts the condition in front of the rest.
func joinNotes(notes []string) string {
	text := ""
	for i, note := range notes {
		switch {
		case note == "":
		case text == "":
			text = note
		case i == 1 && notes[0] != "":
			text += ": " + note
		default:
			text += "; " + note
		}
	}
	return text
}

// searches says that next looks for the same program in another place.
//
//go:noinline
func (s *Step) searches(next *Step) bool {
	return next.Op == SysExecve && !s.Result.None() && s.Result == next.Result && len(next.Args) > 1 && next.Args[1] == s.Args[1]
}

// loop says where an operation on variables leads back to.
func (l *listing) loop(i int) {
	for _, w := range l.backs(i) {
		to := w.to
		for l.p.Steps[to].Op.Local && to < i {
			to++
		}
		if l.p.Steps[to].Op == SysExecve {
			continue // the next place along PATH
		}
		words := l.words(condition{i, w})
		if _, constant := l.p.Steps[i].jump(); constant {
			words = ""
		}
		if words != "" {
			words = ", if " + words
		}
		fmt.Fprintf(&l.text, "%*s  # again from %s on%s\n", reasonColumn, "", l.p.Steps[to].Op.Name, words)
	}
}

// candidates counts the places where a program is looked for, from the i-th step on.
func (l *listing) candidates(i int, s *Step) int {
	n := 1
	for i++; l.valid(i) && s.searches(l.p.Steps[i]); i++ {
		n++
	}
	return n
}

// onwards says where the step leads back to, and that a failure has its cause
// looked for.
func (l *listing) onwards(i int, s *Step) string {
	var parts, cause []string
	for _, w := range l.backs(i) {
		if w.to == i {
			parts = append(parts, "again after "+w.results.names())
		}
	}
	for _, r := range s.Errors {
		if r.To != nil && l.valid(r.To.Step) && !l.live[r.To.Step] && s.Op != SysExecve {
			cause = append(cause, unix.ErrnoName(r.Errno))
		}
	}
	if len(cause) > 0 {
		parts = append(parts, "after "+strings.Join(cause, ", ")+" the cause is looked for")
	}
	return strings.Join(parts, "; ")
}

// usedVars finds the variables that live steps read.
func (l *listing) usedVars() map[int32]bool {
	used := map[int32]bool{}
	for i, s := range l.p.Steps {
		if s == nil || !l.live[i] {
			continue
		}
		for _, a := range s.Args {
			if a.Kind() == KindVar || a.Kind() == KindAddress {
				used[a.Var().Offset] = true
			}
		}
	}
	return used
}

// String lists every step with all the places it leads to, none of nil.
func (p *Program) String() string {
	if p == nil {
		return ""
	}
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

// destination is a label or, without one, the following step.
type destination struct{ label *Label }

// jump is where a step always leads: one that yields a constant.
func (s *Step) jump() (destination, bool) {
	if !s.Op.Local || s.Op.Number != OpMove.Number || len(s.Args) != 1 || s.Args[0].Kind() != KindInt {
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
//
//go:noinline
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
func (p *Program) call(s *Step) string { return p.callUsing(s, nil) }

// callUsing is call that names a result only if it is among the used ones; nil
// stands for all.
func (p *Program) callUsing(s *Step, used map[int32]bool) string {
	args := make([]string, len(s.Args))
	for i, a := range s.Args {
		args[i] = p.arg(a)
	}
	if !s.Op.Local {
		line := s.Op.Name + "(" + strings.Join(args, ", ") + ")"
		if s.Result.Name != "" && (used == nil || used[s.Result.Offset]) {
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
	case a.shown():
		return a.data
	case a.Kind() == KindFlags:
		return a.names().Format(a.value)
	case a.Kind() == KindVar:
		return a.Var().Name
	case a.Kind() == KindAddress:
		return "&" + a.Var().Name
	case a.Kind() == KindText:
		return strconv.Quote(a.data)
	case a.Kind() == KindBytes && len(a.data) > int(a.value):
		return a.data[a.value:]
	case a.Kind() == KindBytes:
		return fmt.Sprintf("%q", a.data)
	case a.Kind() == KindSignals:
		return signalSet(uint64(a.value))
	case a.Kind() == KindVector:
		return vector(a.Words())
	case a.Kind() == KindArgv:
		return vector(p.Cmdline[min(max(a.value, 0), int64(len(p.Cmdline))):])
	case a.Kind() == KindEnvp:
		return "envp"
	case a.Kind() == KindImage:
		return "image"
	case a.Kind() == KindNull:
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
	reason := s.why()
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
