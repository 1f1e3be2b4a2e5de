package program

import (
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMisuse makes sure that what is no Program is refused by Validate, and can
// be printed without a panic.
func TestMisuse(t *testing.T) {
	built := func(steps func(b *Builder)) *Program {
		b := New("box")
		b.Cmdline([]string{"box"})
		steps(b)
		b.ExitGroup(Int(0))
		return b.Program()
	}
	refused := errors.New("refused")
	for _, tt := range []struct {
		name, want string
		p          *Program
	}{
		{"none", "no program", nil},
		{"zero", "no steps", &Program{}},
		{"no step", "step 0 is nil", &Program{Cmdline: []string{"x"}, Frame: reserved, Steps: []*Step{nil}}},
		{"zero step", "no operation", &Program{Cmdline: []string{"x"}, Frame: reserved, Steps: []*Step{{}}}},
		{"refused", "refused", built(func(b *Builder) { b.Refuse(refused); b.Refuse(io.EOF) })},
		{"label nowhere", `label "l" stands nowhere`, built(func(b *Builder) { b.Goto(b.Label("l")) })},
		{"label elsewhere", `label "l" stands nowhere`, built(func(b *Builder) { b.Goto(&Label{Name: "l", Step: 99}) })},
		{"no label placed", "a label that is nil", built(func(b *Builder) { b.Place(nil) })},
		{"variable without size", `variable "v" of 0 bytes`, built(func(b *Builder) { b.Buffer("v", 0) })},
		{"negative variable", `variable "v" of -4096 bytes`, built(func(b *Builder) { b.Buffer("u", 4096); b.Buffer("v", -4096) })},
		{"huge variable", "variables of 1073741880 bytes", built(func(b *Builder) { b.Buffer("v", 1<<30+8) })},
		{"tolerant zero step", "no operation", built(func(b *Builder) { b.Do(Op{}).Tolerate() })},
		{"no signal", "of no kind", built(func(b *Builder) { b.Sigtimedwait([]unix.Signal{unix.SIGHUP, -1}, Var{}).Or("x") })},
		{"word that is not there", "argv[3] does not exist", built(func(b *Builder) { b.Execve("/x", Argv(3), Envp()).Or("x") })},
		{"word before the first", "argv[-7] does not exist", built(func(b *Builder) { b.Execve("/x", Argv(-7), Envp()).Or("x") })},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.p.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %s", err, tt.want)
			}
			tt.p.Print(io.Discard)
			_ = tt.p.String()
		})
	}
	if err := built(func(b *Builder) { b.Refuse(refused) }).Validate(); !errors.Is(err, refused) {
		t.Error(err)
	}
	if err := built(func(b *Builder) { b.Do(SysKill, Flags(1, nil), Int(0)).Tolerate() }); err.Validate() != nil || !strings.Contains(err.String(), "kill(1, 0)") {
		t.Error(err)
	}
}

// TestZeroValues makes sure that a zero Builder and a zero Step can be used.
func TestZeroValues(t *testing.T) {
	var b Builder
	b.Cmdline([]string{"x"})
	b.Getpid().Into(b.Var("pid"))
	b.ExitGroup(Int(0))
	p := b.Program()
	if err := p.Validate(); err != nil || b.Program() != p {
		t.Error(err)
	}
	s := Step{Op: SysGetpid}
	s.Or("a", "b").Hint(unix.EPERM, "c").AndSay("d").Ignore(unix.EINTR)
	if s.Fail.Text != "ab" || len(s.Fail.Hints) != 2 || len(s.Errors) != 1 {
		t.Errorf("%+v", s)
	}
}
