// Package launchopt has what the applets that start a program share: the
// options that describe new namespaces, the command line behind them, and what
// becomes of the decision, which is to be explained or carried out.
package launchopt

import (
	"math"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/values"
	"github.com/nskit/nskit/pkg/idmap"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// Options is what a command line asks for, as far as it describes a Spec.
type Options struct {
	// Spec is filled in option by option; Finish adds what they imply.
	Spec launch.Spec
	// Parser is the memory of the parse.
	Parser getopt.Parser
	// Explain prints the Program instead of carrying it out, ExplainAll with every
	// place where a program is searched.
	Explain, ExplainAll bool
	// System answers the questions that values raise.
	System *System

	// Own is what an applet adds for options of its own.
	Own any

	// keptCaps are those of --cap-keep, if it was given.
	keepsCaps bool
	keptCaps  uint64

	clearEnv bool
	keepEnv  []string
	// mountBinfmt is set when binfmt_misc is to be mounted on its usual place,
	// which needs a /proc.
	mountBinfmt bool
}

// of is the target of this package's options. It is always the Options, because
// to find an interface's methods takes the Go runtime.
func of(target any) *Options { return target.(*Options) }

func namespace(target any, opt *getopt.Option, file getopt.Value) error {
	s, kind := &of(target).Spec, ns.Kind(opt.Num)
	s.Unshare = s.Unshare.With(kind)
	if file.Given {
		s.Persist = append(s.Persist, launch.Persist{Kind: kind, Path: file.Text})
	}
	return nil
}

func fork(target any, _ *getopt.Option, _ getopt.Value) error {
	of(target).Spec.Fork = true
	return nil
}

// KillChild is --kill-child.
func KillChild(target any, _ *getopt.Option, name getopt.Value) error {
	s := &of(target).Spec
	sig, err := values.Signal(name.Or("KILL"))
	s.Fork, s.KillChild = true, sig
	return err
}

// ForwardSignals is --forward-signals.
func ForwardSignals(target any, _ *getopt.Option, list getopt.Value) error {
	s := &of(target).Spec
	sigs, err := values.Signals(list.Or("TERM,INT"))
	if err == nil {
		err = forwardable(sigs)
	}
	s.Fork, s.Forward = true, sigs
	return err
}

// forwardable refuses what no process can catch.
func forwardable(sigs []unix.Signal) error {
	for _, sig := range sigs {
		if sig == unix.SIGKILL || sig == unix.SIGSTOP || sig == unix.SIGCHLD {
			return applet.Fail("cannot forward signal: ", strings.TrimPrefix(unix.SignalName(sig), "SIG"))
		}
	}
	return nil
}

func mountProc(target any, _ *getopt.Option, dir getopt.Value) error {
	o := of(target)
	o.Spec.Unshare = o.Spec.Unshare.With(ns.Mount)
	o.Spec.Proc = launch.Some(dir.Or("/proc"))
	return nil
}

func mountBinfmt(target any, _ *getopt.Option, dir getopt.Value) error {
	o := of(target)
	o.implyUserAndMount()
	if dir.Given {
		o.Spec.Binfmt = launch.Some(dir.Text)
	}
	o.mountBinfmt = o.mountBinfmt || !dir.Given
	return nil
}

func loadInterp(target any, _ *getopt.Option, line getopt.Value) error {
	o := of(target)
	o.implyUserAndMount()
	o.Spec.Interpreter = launch.Some(line.Text)
	o.mountBinfmt = o.mountBinfmt || !o.Spec.Binfmt.Set
	return nil
}

// implyUserAndMount notes that an option implies --user and --mount.
func (o *Options) implyUserAndMount() {
	o.Spec.Unshare = o.Spec.Unshare.With(ns.Mount).With(ns.User)
}

// implyUser notes that an option implies --user.
func (o *Options) implyUser() { o.Spec.Unshare = o.Spec.Unshare.With(ns.User) }

func mapUser(target any, _ *getopt.Option, text getopt.Value) error {
	o := of(target)
	o.implyUser()
	id, err := singleID(text.Text, "uid", o.System.UserID)
	o.Spec.Users.Single = launch.Some(id)
	return err
}

func mapGroup(target any, _ *getopt.Option, text getopt.Value) error {
	o := of(target)
	o.implyUser()
	id, err := singleID(text.Text, "gid", o.System.GroupID)
	o.Spec.Groups.Single = launch.Some(id)
	return err
}

// singleID reads an ID that is given by number or by name. 4294967295 means
// "none" to the kernel and cannot be mapped.
func singleID(text, what string, byName func(string) (uint32, bool)) (uint32, error) {
	id, err := values.Number(text, 0, math.MaxUint32)
	if err == nil && id != math.MaxUint32 {
		return uint32(id), nil
	}
	if id, ok := byName(text); ok {
		return id, nil
	}
	if err == nil {
		err = unix.EINVAL
	}
	return 0, applet.Fail("failed to parse ", what, " '", text, "'").With(err)
}

func mapRootUser(target any, _ *getopt.Option, _ getopt.Value) error {
	of(target).mapBoth(0, 0)
	return nil
}

func mapCurrentUser(target any, _ *getopt.Option, _ getopt.Value) error {
	o := of(target)
	o.mapBoth(o.System.IDs())
	return nil
}

// mapBoth maps the caller's own user and group.
func (o *Options) mapBoth(uid, gid uint32) {
	o.implyUser()
	o.Spec.Users.Single, o.Spec.Groups.Single = launch.Some(uid), launch.Some(gid)
}

func mapUsers(target any, _ *getopt.Option, text getopt.Value) error {
	return of(target).mapRanges(text.Text, users)
}

func mapGroups(target any, _ *getopt.Option, text getopt.Value) error {
	return of(target).mapRanges(text.Text, groups)
}

// mapBothRanges is --map-auto and --map-subids, whose names end in the word.
func mapBothRanges(target any, opt *getopt.Option, _ getopt.Value) error {
	o, word := of(target), strings.TrimPrefix(opt.Long, "map-")
	if err := o.mapRanges(word, users); err != nil {
		return err
	}
	return o.mapRanges(word, groups)
}

// mapRanges adds ranges to one of the maps: written out, or found in a file.
func (o *Options) mapRanges(text string, side side) error {
	o.implyUser()
	ids := &o.Spec.Users
	if side == groups {
		ids = &o.Spec.Groups
	}
	blocks, err := o.System.ranges(text, side)
	ids.Blocks = append(ids.Blocks, blocks...)
	return err
}

// ranges are what --map-users and --map-groups mean by a text.
func (s *System) ranges(text string, side side) ([]idmap.Block, error) {
	switch text {
	case "auto", "subids":
		found, err := s.SubIDs(side)
		blocks := make([]idmap.Block, len(found))
		for i, r := range found {
			if text == "subids" {
				r.Inner = r.Outer
			}
			blocks[i] = idmap.Block{Range: r, Grows: true}
		}
		return blocks, err
	case "all":
		return s.Identity(side)
	}
	r, ok := idmap.Parse(text)
	if !ok {
		return nil, applet.Fail("invalid mapping '", text, "'")
	}
	if r.Count == 0 { // the kernel takes no empty line
		return nil, nil
	}
	return []idmap.Block{{Range: r}}, nil
}

func owner(target any, _ *getopt.Option, text getopt.Value) error {
	o := of(target)
	o.implyUser()
	uid, gid, found := strings.Cut(text.Text, ":")
	u, err1 := values.Uint32(uid, "owner")
	g, err2 := values.Uint32(gid, "owner")
	if !found || err1 != nil || err2 != nil {
		return applet.Fail("failed to parse owner")
	}
	o.Spec.Owner = launch.Some(launch.Owner{UID: u, GID: g})
	return nil
}

func propagation(target any, _ *getopt.Option, name getopt.Value) error {
	p, ok := mnt.ParsePropagation(name.Text)
	if !ok {
		return applet.Fail("unsupported propagation mode: ", name.Text)
	}
	of(target).Spec.Propagation = p
	return nil
}

func setgroups(target any, _ *getopt.Option, word getopt.Value) error {
	switch s := launch.Setgroups(word.Text); s {
	case launch.SetgroupsAllow, launch.SetgroupsDeny:
		of(target).Spec.Setgroups = s
		return nil
	}
	return applet.Fail("unsupported --setgroups argument '", word.Text, "'")
}

func keepCaps(target any, _ *getopt.Option, _ getopt.Value) error {
	of(target).Spec.KeepCaps = true
	return nil
}

func setUID(target any, _ *getopt.Option, text getopt.Value) (err error) {
	o := of(target)
	o.Spec.UID.Value, err = values.Uint32(text.Text, "uid")
	o.Spec.UID.Set = true
	return err
}

func setGID(target any, _ *getopt.Option, text getopt.Value) (err error) {
	o := of(target)
	o.Spec.GID.Value, err = values.Uint32(text.Text, "gid")
	o.Spec.GID.Set = true
	return err
}

func setRoot(target any, _ *getopt.Option, dir getopt.Value) error {
	o := of(target)
	o.Spec.Root = launch.Some(dir.Text)
	return nil
}

func setDir(target any, _ *getopt.Option, dir getopt.Value) error {
	o := of(target)
	o.Spec.Dir = launch.Some(dir.Text)
	return nil
}

func setMonotonic(target any, _ *getopt.Option, text getopt.Value) (err error) {
	o := of(target)
	o.Spec.Monotonic.Value, err = values.Int64(text.Text, "monotonic offset")
	o.Spec.Monotonic.Set = true
	return err
}

func setBoottime(target any, _ *getopt.Option, text getopt.Value) (err error) {
	o := of(target)
	o.Spec.Boottime.Value, err = values.Int64(text.Text, "boottime offset")
	o.Spec.Boottime.Set = true
	return err
}

func clearEnv(target any, _ *getopt.Option, _ getopt.Value) error {
	of(target).clearEnv = true
	return nil
}

// whitelistEnv adds variables to keep; an empty list asks for nothing.
func whitelistEnv(target any, _ *getopt.Option, list getopt.Value) error {
	if o := of(target); list.Text != "" {
		o.clearEnv = true
		o.keepEnv = append(o.keepEnv, strings.Split(list.Text, ",")...)
	}
	return nil
}

func setHostname(target any, _ *getopt.Option, name getopt.Value) error {
	o := of(target)
	o.Spec.Unshare = o.Spec.Unshare.With(ns.UTS)
	o.Spec.Hostname = launch.Some(name.Text)
	return nil
}

func loopback(target any, _ *getopt.Option, _ getopt.Value) error {
	of(target).Spec.Loopback = true
	return nil
}

func initProcess(target any, _ *getopt.Option, _ getopt.Value) error {
	s := &of(target).Spec
	s.Unshare = s.Unshare.With(ns.PID)
	s.Fork, s.Init = true, true
	return nil
}

// Explain is --explain.
func Explain(target any, _ *getopt.Option, word getopt.Value) error {
	o := of(target)
	o.Explain, o.ExplainAll = true, word.Given
	if word.Given && word.Text != "all" {
		return applet.Fail("unsupported --explain argument '", word.Text, "'")
	}
	return nil
}
