//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// maxContext is the longest security context that the kernel hands out, a page.
const maxContext = 4096

// followContext has the program executed in the target's SELinux context, see
// proc_pid_attr(5). It comes before the process is made undumpable, which
// takes its own files in /proc away from it.
func (n *entering) followContext() {
	if !n.e.Context {
		return
	}
	n.b.Section("SELinux context")
	from, to := n.b.Var("current"), n.b.Var("exec")
	context, size := n.b.Buffer("context", maxContext), n.b.Var("size")
	failed := n.b.Join("failed to get ", n.target(), " SELinux context")
	n.b.Open(n.proc("attr/", "current"), unix.O_RDONLY).Into(from).Or(failed)
	n.b.Read(program.Value(from), context).Into(size).Because("the security context of the target").Or(failed)
	n.b.Open("/proc/thread-self/attr/exec", unix.O_WRONLY).Into(to).Because("what the program is to run in").Or("failed to set exec context")
	n.b.WriteFrom(program.Value(to), program.Address(context), program.Value(size)).Or("failed to set exec context")
}
