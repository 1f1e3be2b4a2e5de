//go:build linux

package launch

import "github.com/nskit/nskit/internal/program"

// beginReport keeps the descriptor from the command and the helpers' tools.
func (p *plan) beginReport() {
	if p.s.Report > 0 {
		p.b.CloseOnExec(program.Int(int64(p.s.Report))).Because("it ends when the command begins").Or("there is no descriptor to report to")
	}
}

// reportReady comes right before the command is executed.
func (p *plan) reportReady() {
	if p.s.Report > 0 {
		ready := p.b.Var("ready")
		p.b.Move(ready, program.Int(ReportReady<<32))
		p.tell(ready, "everything stands")
	}
}

// reportChild is what the parent does in place of waiting: the child is its
// parent's to wait for.
func (p *plan) reportChild() {
	pid := p.b.Var("report")
	p.b.WithInt(&program.OpOr, p.child, ReportPID<<32).Into(pid)
	p.tell(pid, "whom to wait for")
	p.b.ExitGroup(program.Int(0)).Because("the child has another parent")
}

// tell writes the eight bytes of a variable.
func (p *plan) tell(v program.Var, why string) {
	p.b.WriteFrom(program.Int(int64(p.s.Report)), program.Address(v), program.Int(8)).Because(why).Or("cannot report")
}
