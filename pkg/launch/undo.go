//go:build linux

package launch

import (
	"slices"

	"github.com/nskit/nskit/internal/program"
)

// guarding is what leads failures to where something is rolled back.
type guarding struct {
	// guarded is the first step whose failure does, failed are those that can fail.
	guarded int
	failed  []diverted
}

// diverted is a step whose failure is reported later.
type diverted struct {
	result  program.Var
	failure program.Failure
}

// guard has the failures from here on lead to where something is rolled back.
func (p *plan) guard() {
	if p.guarded == 0 {
		p.guarded = len(p.b.Program().Steps)
	}
}

// guardName has the failures after a helper has given the name lead to where it is removed.
func (p *plan) guardName() {
	if p.namesByHelper() {
		p.guard()
	}
}

// undo rolls back, when a step has failed, what was made outside, and reports the
// failure then.
func (p *plan) undo() {
	if !p.s.PIDFile.Set && p.s.Netns == "" {
		return
	}
	p.divert(p.b.Var("result"))
	p.takeFilesBack()
	p.reportDiverted()
}

// takeFilesBack removes what was made in the caller's file system.
func (p *plan) takeFilesBack() {
	p.removePIDFile()
	if p.namesInPlace() {
		p.takeNameBack()
	}
	if p.namesByHelper() {
		p.askNameBack()
	}
}

// divert leads every failure here; what would have been reported is reported by
// reportDiverted. A step whose result can be negative without a failure, or that
// shares its variable with others, gets a detour that notes the failure.
func (p *plan) divert(result program.Var) {
	to := p.b.Label("undo")
	steps := p.b.Program().Steps
	for _, s := range steps[p.guarded:] {
		if !s.Reports() || s.Op.Name == program.SysExitGroup.Name {
			continue
		}
		failed := p.noteOf(s.Fail)
		if s.Result.None() && len(s.Errors) == 0 {
			s.Into(failed).IfNegative(to)
			continue
		}
		if s.Result.None() {
			s.Into(result)
		}
		detour := p.b.Here("note the failure")
		p.b.Move(failed, program.Value(s.Result)).IfNegative(to)
		s.IfNegative(detour)
	}
	p.b.Place(to)
}

// noteOf is the variable that a failure is noted in. The steps of one mount share
// it where they say the same.
func (p *plan) noteOf(f program.Failure) program.Var {
	const near = 8
	for i := len(p.failed) - 1; i >= max(0, len(p.failed)-near); i-- {
		if old := &p.failed[i].failure; old.Text == f.Text && old.Code == f.Code && slices.Equal(old.Hints, f.Hints) {
			return p.failed[i].result
		}
	}
	note := p.b.Var("failure")
	p.failed = append(p.failed, diverted{note, f})
	return note
}

// reportDiverted reports the failure that has led to the undoing.
func (p *plan) reportDiverted() {
	for i := range p.failed {
		p.b.Do(program.OpMove, program.Value(p.failed[i].result)).Fail = p.failed[i].failure
	}
	p.b.ExitGroup(program.Int(1))
}
