package nsenter

import (
	"github.com/nskit/nskit/cmd/internal/launchopt"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
)

// entry puts the options and what was looked up for them into a decision, whose
// lists lie in the memory of e.
func (o *options) entry(e *launch.Entry, shared *launchopt.Options, seen sight) {
	s := &shared.Spec
	*e = launch.Entry{
		Name: s.Name, Target: seen.target, All: o.all, UserParent: o.userParent,
		Group: seen.group, Context: seen.selinux, Preserve: o.preserve, KeepCaps: s.KeepCaps,
		NoFork: o.noFork, KillChild: s.KillChild, Forward: s.Forward,
		Env: seen.env, Command: s.Command, Inside: seen.inside, NoHints: s.NoHints,
	}
	e.Wait, e.Privileges, e.Netns = o.wait, s.Privileges, seen.netns
	if s.Cgroup.Set {
		e.Group = launch.Some(s.Cgroup.Value + "/cgroup.procs")
	}
	e.DirFirst = o.wd.at < o.root.at
	for at := 1; at <= o.places; at++ {
		o.addPlace(e, at)
	}
	for kind := range ns.KindCount {
		if j, ok := o.join(kind); ok && o.kinds[kind].at == 0 {
			e.Add(j)
		}
	}
	e.Root, e.Dir = o.root.dir(), o.wd.dir()
	e.DirInside = launch.Maybe[string]{Value: o.wdns.path, Set: o.wdns.named}
	e.UID = launch.Maybe[launch.Identity]{Value: o.uid.Identity, Set: o.uid.given}
	e.GID = launch.Maybe[launch.Identity]{Value: o.gid.Identity, Set: o.gid.given}
}

// addPlace adds what stands at one place of the command line, which is the order in
// which everything is opened.
func (o *options) addPlace(e *launch.Entry, at int) {
	for kind := range ns.KindCount {
		if j, ok := o.join(kind); ok && o.kinds[kind].at == at {
			e.Add(j)
		}
	}
	for _, d := range [...]*directory{&o.root, &o.wd} {
		if d.at == at {
			d.after = len(e.Join)
		}
	}
}

// join is where a namespace comes from; what names it most exactly counts.
func (o *options) join(kind ns.Kind) (launch.Join, bool) {
	k := &o.kinds[kind]
	j := launch.Join{Kind: kind}
	switch {
	case k.named:
		j.From, j.Path = launch.FromFile, k.file
	case k.byID:
		j.From, j.ID = launch.FromID, k.id
	case kind == ns.Net && o.netSocket.given:
		j.From, j.Socket = launch.FromSocket, o.netSocket.fd
	case kind == ns.PID && o.pidForChildren:
		j.From = launch.FromChildren
	}
	return j, k.chosen || j.From != launch.FromTarget
}

func (d *directory) dir() launch.Maybe[launch.Dir] {
	dir := launch.Dir{Path: launch.Maybe[string]{Value: d.path, Set: d.named}, After: d.after}
	return launch.Maybe[launch.Dir]{Value: dir, Set: d.given}
}
