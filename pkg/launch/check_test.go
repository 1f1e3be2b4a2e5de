package launch

import (
	"io"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/idmap"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// TestRefuses makes sure that what makes no sense is refused when it would be
// carried out, neither a panic nor passed over.
func TestRefuses(t *testing.T) {
	c, command := &Caller{}, Command{File: "/bin/true", Args: []string{"true"}}
	unshare := func(s Spec) *program.Program { s.Command = command; return Unshare(&s, c) }
	pivot := func(s Spec, mounts ...mnt.Mount) *program.Program {
		s.Command, s.Pivot = command, &PivotSpec{Root: "/new", Mounts: mounts}
		return Pivot(&s, c)
	}
	enter := func(e Entry) *program.Program { e.Command = command; return Enter(&e, c) }
	attach := func(m mnt.Mount) *program.Program {
		return enter(Entry{Target: &Target{PID: 1}, Root: Some(Dir{}), Inside: &Inside{Attach: []Attachment{{Mount: m}}}})
	}
	for _, tt := range []struct {
		want string
		p    *program.Program
	}{
		{"no Spec", Unshare(nil, nil)},
		{"no Caller", Unshare(&Spec{}, nil)},
		{"no command line", Unshare(&Spec{}, c)},
		{"Init needs", unshare(Spec{Init: true})},
		{"Init needs", unshare(Spec{Init: true, Fork: true})},
		{"need Fork", unshare(Spec{KillChild: unix.SIGTERM})},
		{"need Fork", unshare(Spec{Forward: []unix.Signal{unix.SIGTERM}})},
		{"no such signal", unshare(Spec{Fork: true, Forward: []unix.Signal{-1}})},
		{"no such signal", unshare(Spec{Fork: true, KillChild: 65})},
		{"unknown kind of namespace in Unshare", unshare(Spec{Unshare: ns.SetOf(ns.KindCount)})},
		{"unknown kind of namespace in Unshare", unshare(Spec{Unshare: ns.SetOf(ns.User).With(99)})},
		{"unknown Propagation", unshare(Spec{Propagation: "bogus"})},
		{"Persist", unshare(Spec{Persist: []Persist{{Kind: 77, Path: "/x"}}})},
		{"PID is negative", Unshare(&Spec{Command: command}, &Caller{PID: -1})},
		{"need a new user", unshare(Spec{Users: IDs{Single: Some(uint32(0))}})},
		{"need a new user", unshare(Spec{Groups: IDs{Blocks: make([]idmap.Block, 1)}})},
		{"340", unshare(Spec{Unshare: ns.SetOf(ns.User), Users: IDs{Blocks: make([]idmap.Block, 341)}})},
		{"unknown Setgroups", unshare(Spec{Unshare: ns.SetOf(ns.User), Setgroups: "perhaps"})},
		{"neither Title nor Args", Unshare(&Spec{Command: Command{File: "/bin/true", Direct: true}}, c)},
		{"not absolute", pivot(Spec{}, mnt.Mount{Kind: mnt.Bind, Source: "etc", Target: "/x"})},
		{"none of mnt.Attributes", pivot(Spec{}, mnt.Mount{Kind: mnt.Bind, Source: "/etc", Target: "/x", Attr: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSYMFOLLOW})},
		{"PID is negative", enter(Entry{Target: &Target{PID: -1}, Join: []Join{{Kind: ns.Net}}})},
		{"twice", enter(Entry{Target: &Target{PID: 1}, Join: []Join{{Kind: ns.Net}, {Kind: ns.Net, From: FromFile, Path: "/x"}}})},
		{"ascending", Pivot(&Spec{Command: command, Pivot: &PivotSpec{Root: "/new", Keep: []int{4, 3}}}, c)},
		{"ascending", Pivot(&Spec{Command: command, Pivot: &PivotSpec{Root: "/new", Keep: []int{2}}}, c)},
		{"no Spec", Pivot(nil, c)},
		{"no Pivot", Pivot(&Spec{Command: command}, c)},
		{"unknown kind of mount", pivot(Spec{}, mnt.Mount{Kind: 99, Target: "/x"})},
		{"new root itself", pivot(Spec{}, mnt.Mount{Kind: mnt.Tmpfs})},
		{"new root itself", pivot(Spec{}, mnt.Mount{Kind: mnt.Tmpfs, Target: "/a/.."})},
		{"new root itself", pivot(Spec{Proc: Some("/")})},
		{"no Spec", PivotRoot(nil)},
		{"no Pivot", PivotRoot(&Spec{})},
		{"no Spec", SwitchRoot(nil, c)},
		{"no Pivot", SwitchRoot(&Spec{}, c)},
		{"no Caller", SwitchRoot(&Spec{Pivot: &PivotSpec{}}, nil)},
		{"no Entry", Enter(nil, c)},
		{"no Caller", Enter(&Entry{}, nil)},
		{"no Target", enter(Entry{All: true})},
		{"no Target", enter(Entry{Join: []Join{{Kind: ns.Net}}})},
		{"no Target", enter(Entry{Join: []Join{{Kind: ns.Net, From: FromSocket}}})},
		{"no Target", enter(Entry{Root: Some(Dir{})})},
		{"no Target", enter(Entry{Dir: Some(Dir{})})},
		{"no Target", enter(Entry{UID: Some(Identity{Follow: true})})},
		{"no Target", enter(Entry{GID: Some(Identity{Follow: true})})},
		{"no Target", enter(Entry{Context: true})},
		{"no Target", enter(Entry{UserParent: true})},
		{"Join", enter(Entry{Target: &Target{PID: 1}, Join: []Join{{Kind: 99}}})},
		{"Join", enter(Entry{Target: &Target{PID: 1}, Join: []Join{{Kind: ns.Net, From: 99}}})},
		{"no such signal", enter(Entry{KillChild: -5})},
		{"Try and IDs", attach(mnt.Mount{Source: "/x", Target: "/y", Try: true})},
		{"Try and IDs", attach(mnt.Mount{Source: "/x", Target: "/y", IDs: mnt.IDs{Count: 1}})},
		{"no Entry", ReadEnviron(nil, c)},
		{"no Target", ReadEnviron(&Entry{}, c)},
		{"no Caller", ReadEnviron(&Entry{Target: &Target{PID: 1}}, nil)},
	} {
		if err := tt.p.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, want %s", err, tt.want)
		}
		tt.p.Print(io.Discard)
	}
	file := enter(Entry{UserParent: true, Join: []Join{{Kind: ns.User, From: FromFile, Path: "/x"}}})
	if err := file.Validate(); err != nil {
		t.Error(err)
	}
}

// TestUnknownLastCap makes sure that all capabilities are kept where the
// kernel's last one is not known.
func TestUnknownLastCap(t *testing.T) {
	s := Spec{Unshare: ns.SetOf(ns.User), KeepCaps: true, Command: Command{File: "/bin/true", Args: []string{"true"}}}
	if text := Unshare(&s, &Caller{UID: 1000}).String(); !strings.Contains(text, "capability - 63") {
		t.Error(text)
	}
}
