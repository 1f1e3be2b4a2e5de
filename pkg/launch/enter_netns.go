//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/visible"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// showNetns has the command see the files of its network namespace.
func (n *entering) showNetns() {
	if n.e.Netns == nil {
		return
	}
	b := n.b
	b.Section("what belongs to the network namespace")
	b.Unshare(ns.Mount.Flag()).Because("nobody else sees these mounts").Or("unshare failed")
	n.hint(b.Mount("none", "/", "", unix.MS_SLAVE|unix.MS_REC, "").Because("mounts come in from outside, none go out").Or("cannot change root filesystem propagation"), unix.EINVAL, hintRootMount)
	st, flags := b.StatfsBuffer("statfs"), b.Var("flags")
	b.Statfs("/sys", st).Because("is it read-only?").Or("cannot stat /sys")
	b.Do(program.OpAnd, program.Value(st.Flags), program.MountFlags(unix.MS_RDONLY)).Into(flags)
	b.Do(program.OpOr, program.Value(flags), program.MountFlags(mnt.ProcFlags)).Into(flags)
	b.MountWith(n.e.Netns.Name, "/sys", "sysfs", program.Value(flags)).Because("a /sys of this network namespace").Or("mount /sys failed")
	for _, name := range n.e.Netns.Files {
		from, to := b.Join(n.e.Netns.Dir, "/", name), b.Join("/etc/", name)
		b.Mount(from, to, "", unix.MS_BIND, "").Ignore(unix.ENOENT).Because("the file that this network namespace has for it").Or("cannot bind ", visible.Text(from), " on ", visible.Text(to))
	}
}
