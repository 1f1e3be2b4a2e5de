//go:build linux

package launch

import (
	"errors"
	"slices"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// refuse gives the Program of what cannot be decided: its Validate says why.
func (w *Workspace) refuse(why string) *program.Program {
	b := w.program.New("")
	b.Refuse(errors.New(why))
	return b.Program()
}

// wrong says why a Spec makes no sense, "" if it does. What only the kernel can
// know, it will say.
func (s *Spec) wrong(c *Caller) string {
	switch {
	case s == nil:
		return "there is no Spec"
	case c == nil:
		return "there is no Caller"
	case s.Unshare>>ns.KindCount != 0:
		return "unknown kind of namespace in Unshare"
	case s.Init && !(s.Fork && s.Unshare.Has(ns.PID)):
		return "Init needs Fork and a new PID namespace"
	case (s.KillChild != 0 || len(s.Forward) > 0) && !s.Fork:
		return "KillChild and Forward need Fork"
	case !areSignals(s.KillChild, s.Forward):
		return "no such signal in KillChild or Forward"
	case s.Report != 0 && (s.Report < 3 || s.KillChild != 0 || len(s.Forward) > 0):
		return "Report wants a descriptor above 2, and neither KillChild nor Forward, for which somebody waits"
	case c.PID < 0:
		return "Caller.PID is negative"
	case s.Command.Direct && len(s.Command.Title) == 0 && len(s.Command.Args) == 0:
		return "Command has neither Title nor Args"
	}
	if why := s.wrongMaps(); why != "" {
		return why
	}
	if _, ok := s.Propagation.Flags(); !ok && s.Propagation != mnt.Unchanged {
		return "unknown Propagation"
	}
	if s.Netns != "" && !s.Unshare.Has(ns.Net) {
		return "Netns needs a new network namespace"
	}
	for i := range s.Persist {
		if s.Persist[i].Kind > ns.Time {
			return "unknown kind of namespace in Persist"
		}
	}
	return ""
}

// maxBlocks is how many lines an ID map can have, see user_namespaces(7).
const maxBlocks = 340

// wrongMaps says what is wrong with what belongs to a user namespace.
func (s *Spec) wrongMaps() string {
	user := s.Unshare.Has(ns.User)
	for _, ids := range [...]*IDs{&s.Users, &s.Groups} {
		switch {
		case !user && (ids.Single.Set || len(ids.Blocks) > 0):
			return "Users and Groups need a new user namespace"
		case len(ids.Blocks) > maxBlocks:
			return "more than 340 blocks of IDs"
		}
	}
	switch s.Setgroups {
	case "", SetgroupsAllow, SetgroupsDeny:
		return ""
	}
	return "unknown Setgroups"
}

// wrongRoot says besides why a new root makes no sense.
func (s *Spec) wrongRoot(c *Caller) string {
	if why := s.wrong(c); why != "" {
		return why
	}
	if s.Pivot == nil {
		return "there is no Pivot in the Spec"
	}
	if !slices.IsSorted(s.Pivot.Keep) || len(s.Pivot.Keep) > 0 && s.Pivot.Keep[0] < 3 {
		return "the descriptors in Pivot.Keep are not above 2 and in ascending order"
	}
	for i := range s.Pivot.Mounts {
		m := &s.Pivot.Mounts[i]
		switch {
		case m.Kind >= mnt.Kinds:
			return "unknown kind of mount in Pivot.Mounts"
		case m.Kind == mnt.Bind && (m.Source == "" || m.Source[0] != '/'):
			return "the source of a bind in Pivot.Mounts is not absolute"
		case m.Attr&^mnt.Attributes != 0:
			return "an Attr in Pivot.Mounts is none of mnt.Attributes"
		case m.Kind != mnt.ReadOnly && mnt.IsRoot(m.Target):
			return "nothing can be mounted on the new root itself, as Pivot.Mounts want"
		}
	}
	if s.Proc.Set && mnt.IsRoot(s.Proc.Value) {
		return "nothing can be mounted on the new root itself, as Proc wants"
	}
	return ""
}

// wrong says why an Entry makes no sense, "" if it does.
func (e *Entry) wrong(c *Caller) string {
	switch {
	case e == nil:
		return "there is no Entry"
	case c == nil:
		return "there is no Caller"
	case e.Target == nil && e.wantsTarget():
		return "no Target to take something from"
	case !areSignals(e.KillChild, e.Forward):
		return "no such signal in KillChild or Forward"
	case e.Report != 0 && (e.Report < 3 || e.KillChild != 0 || len(e.Forward) > 0):
		return "Report wants a descriptor above 2, and neither KillChild nor Forward, for which somebody waits"
	case c.PID < 0:
		return "Caller.PID is negative"
	case e.Target != nil && e.Target.PID < 0:
		return "Target.PID is negative"
	}
	var kinds ns.Set
	for i := range e.Join {
		if kinds.Has(e.Join[i].Kind) {
			return "a kind of namespace is in Join twice"
		}
		kinds = kinds.With(e.Join[i].Kind)
		if e.Join[i].Kind > ns.Time || e.Join[i].From > FromSocket {
			return "unknown kind or source of a namespace in Join"
		}
	}
	return e.Inside.wrong(e)
}

// wantsTarget reports whether anything is to come from the target.
func (e *Entry) wantsTarget() bool {
	user := false
	for i := range e.Join {
		switch e.Join[i].From {
		case FromTarget, FromChildren, FromSocket:
			return true
		}
		user = user || e.Join[i].Kind == ns.User
	}
	return e.All || e.UserParent && !user || e.Context || ofTheTarget(e.Root) || ofTheTarget(e.Dir) || follows(e.UID) || follows(e.GID)
}

// areSignals reports whether first, unless it is 0, and the rest are signals.
func areSignals(first unix.Signal, rest []unix.Signal) bool {
	if first < 0 || first > 64 {
		return false
	}
	for _, sig := range rest {
		if sig < 1 || sig > 64 {
			return false
		}
	}
	return true
}
