package nsenter

import (
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
)

// entry puts the options and what was looked up for them into a decision.
func (o *options) entry(name string, command launch.Command, seen sight) launch.Entry {
	e := launch.Entry{
		Name: name, Target: seen.target, All: o.all, Join: o.joins(), UserParent: o.userParent,
		Root: o.root.dir(), Dir: o.wd.dir(),
		Group: seen.group, Context: seen.selinux,
		UID: o.uid.identity(), GID: o.gid.identity(), Preserve: o.preserve, KeepCaps: o.keepCaps,
		NoFork: o.noFork, KillChild: o.killChild, Forward: o.forward,
		Env: seen.env, Command: command,
	}
	if o.wdns != nil {
		e.DirInside = o.wdns.path
	}
	return e
}

// joins are the namespaces that are named one by one, each kind once.
func (o *options) joins() []launch.Join {
	var all []launch.Join
	for _, kind := range ns.Kinds() {
		if j, ok := o.join(kind); ok {
			all = append(all, j)
		}
	}
	return all
}

// join is where a namespace comes from; what names it most exactly counts.
func (o *options) join(kind ns.Kind) (launch.Join, bool) {
	k := o.kinds[kind]
	j := launch.Join{Kind: kind}
	switch {
	case k.file != nil:
		j.From, j.Path = launch.FromFile, *k.file
	case k.id != 0:
		j.From, j.ID = launch.FromID, k.id
	case kind == ns.Net && o.netSocket != nil:
		j.From, j.Socket = launch.FromSocket, *o.netSocket
	case kind == ns.PID && o.pidForChildren:
		j.From = launch.FromChildren
	}
	return j, k.chosen || j.From != launch.FromTarget
}

func (d *directory) dir() *launch.Dir {
	if d == nil {
		return nil
	}
	return &launch.Dir{Path: d.path}
}

func (i *identity) identity() *launch.Identity {
	if i == nil {
		return nil
	}
	return &launch.Identity{Follow: i.follow, ID: i.id}
}
