//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// LimitFile is the file that has a user namespace's limit on namespaces of a kind, for
// whoever is in that user namespace: namespaces(7), Linux 4.9.
func LimitFile(kind ns.Kind) string { return "/proc/sys/user/max_" + kind.String() + "_namespaces" }

// ReadLimits is a Program that enters the user namespace open as descriptor 3 and writes its
// limits to descriptor 1: a line for each of [ns.Kinds], an empty one where the kernel has no such
// limit. The files tell only somebody inside.
func ReadLimits() *program.Program {
	b := program.New("limits")
	b.Cmdline([]string{"limits"})
	b.Undumpable().Because("no ptrace, no /proc/PID/fd for others").Or("prctl(PR_SET_DUMPABLE) failed")
	b.Setns(program.Int(3), program.Int(unix.CLONE_NEWUSER)).Or("setns failed")
	fd, size, text := b.Var("fd"), b.Var("size"), b.Buffer("text", 32)
	for _, kind := range ns.Kinds() {
		none, next := b.Label("no "+kind.String()), b.Label("after "+kind.String())
		b.Open(LimitFile(kind), unix.O_RDONLY).Into(fd).IfNegative(none).Because("the limit of this user namespace")
		b.Read(program.Value(fd), text).Into(size).IfNegative(none).IfZero(none)
		b.WriteFrom(program.Int(1), program.Address(text), program.Value(size)).Or("write failed")
		b.Close(program.Value(fd)).Tolerate()
		b.Goto(next)
		b.Place(none)
		b.Write(program.Int(1), "\n").Or("write failed")
		b.Place(next)
	}
	b.ExitGroup(program.Int(0))
	return b.Program()
}
