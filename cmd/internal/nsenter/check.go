package nsenter

import (
	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/pkg/ns"
)

// check refuses what does not go together, and what needs a target but has none.
func (o *options) check() error {
	if err := o.checkNetns(); err != nil {
		return err
	}
	if err := o.checkEach(); err != nil {
		return err
	}
	if o.brings != nil {
		return o.checkBringing()
	}
	switch {
	case o.target.kind == none && o.lacking() != "":
		return applet.Fail(o.lacking())
	case !o.entersAnything() && !o.changesAnything():
		return applet.Fail("no namespace specified")
	}
	return nil
}

// lacking says what only a target could supply, "" for nothing.
func (o *options) lacking() string {
	for _, k := range o.kinds {
		if k.ofTarget() {
			return "no target PID specified"
		}
	}
	switch {
	case o.all:
		return "no target PID specified for --all"
	case o.netSocket.given, o.pidForChildren, o.userParent && !o.kinds[ns.User].chosen:
		return "no target PID specified"
	case o.followContext:
		return "no target PID specified for --follow-context"
	case o.root.ofTarget():
		return "neither filename nor target pid supplied for root"
	case o.wd.ofTarget():
		return "neither filename nor target pid supplied for cwd"
	case o.env:
		return "neither filename nor target pid supplied for environ"
	case o.uid.Follow, o.gid.Follow:
		return "neither filename nor target pid supplied for "
	case o.joinCgroup:
		return "neither filename nor target pid supplied for cgroup"
	}
	return ""
}

// entersAnything says whether a namespace was asked for.
func (o *options) entersAnything() bool {
	for _, k := range o.kinds {
		if k.chosen {
			return true
		}
	}
	return o.all || o.netSocket.given || o.pidForChildren || o.userParent || o.each.given
}

// changesAnything says whether something else was asked for that makes sense
// without a namespace. util-linux refused that in 2.41, which broke scripts.
func (o *options) changesAnything() bool {
	return o.uid.given || o.gid.given || o.root.given || o.wd.given || o.wdns.given || o.env || o.joinCgroup || o.followContext
}
