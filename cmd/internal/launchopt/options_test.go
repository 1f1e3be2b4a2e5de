package launchopt

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/pkg/idmap"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// fake is a system with one user, "jo", who has subordinate IDs of users only.
var fake = System{
	IDs:     func() (uid, gid uint32) { return 1000, 1001 },
	UserID:  func(name string) (uint32, bool) { return 1000, name == "jo" },
	GroupID: func(name string) (uint32, bool) { return 50, name == "staff" },
	SubIDs: func(s side) ([]idmap.Range, error) {
		if s == groups {
			return nil, errors.New("no subordinate groups")
		}
		return []idmap.Range{{Outer: 100000, Count: 65536}, {Inner: 65536, Outer: 300000, Count: 10}}, nil
	},
	Identity: func(side) ([]idmap.Block, error) {
		return []idmap.Block{{Range: idmap.Range{Count: 10}}}, nil
	},
}

// command is what every Spec of the table runs.
var command = launch.Command{File: "cmd", Args: []string{"cmd", "-x"}, Path: launch.Some("/bin")}

func TestOptions(t *testing.T) {
	user := ns.SetOf(ns.User)
	autos := []idmap.Block{{Range: idmap.Range{Outer: 100000, Count: 65536}, Grows: true}, {Range: idmap.Range{Inner: 65536, Outer: 300000, Count: 10}, Grows: true}}
	for _, tt := range []struct {
		args string
		want launch.Spec
		err  string
	}{
		{args: "", want: launch.Spec{}},
		{args: "-muinpUCT", want: launch.Spec{Unshare: ns.SetOf(ns.Kinds()...)}},
		{args: "--net=/a --net=/b -n", want: launch.Spec{Unshare: ns.SetOf(ns.Net), Persist: []launch.Persist{{Kind: ns.Net, Path: "/a"}, {Kind: ns.Net, Path: "/b"}}}},
		{args: "-f", want: launch.Spec{Fork: true}},
		{args: "--init", want: launch.Spec{Unshare: ns.SetOf(ns.PID), Fork: true, Init: true}},
		{args: "--kill-child", want: launch.Spec{Fork: true, KillChild: unix.SIGKILL}},
		{args: "--kill-child=rtmin+1", want: launch.Spec{Fork: true, KillChild: 35}},
		{args: "--kill-child=15", err: "unknown signal: 15"},
		{args: "--kill-child=", err: "unknown signal: "},
		{args: "--forward-signals", want: launch.Spec{Fork: true, Forward: []unix.Signal{unix.SIGTERM, unix.SIGINT}}},
		{args: "--forward-signals=HUP", want: launch.Spec{Fork: true, Forward: []unix.Signal{unix.SIGHUP}}},
		{args: "--forward-signals=KILL", err: "cannot forward signal: KILL"},
		{args: "--mount-proc", want: launch.Spec{Unshare: ns.SetOf(ns.Mount), Proc: launch.Some("/proc")}},
		{args: "--mount-proc=/x", want: launch.Spec{Unshare: ns.SetOf(ns.Mount), Proc: launch.Some("/x")}},
		{args: "--mount-binfmt", want: launch.Spec{Unshare: ns.SetOf(ns.Mount, ns.User), Proc: launch.Some("/proc"), Binfmt: launch.Some(mnt.BinfmtDir)}},
		{args: "--mount-binfmt --mount-proc=/x", want: launch.Spec{Unshare: ns.SetOf(ns.Mount, ns.User), Proc: launch.Some("/x"), Binfmt: launch.Some(mnt.BinfmtDir)}},
		{args: "--mount-binfmt=/b", want: launch.Spec{Unshare: ns.SetOf(ns.Mount, ns.User), Binfmt: launch.Some("/b")}},
		{args: "-l :x", want: launch.Spec{Unshare: ns.SetOf(ns.Mount, ns.User), Proc: launch.Some("/proc"), Binfmt: launch.Some(mnt.BinfmtDir), Interpreter: launch.Some(":x")}},
		{args: "--map-user jo", want: launch.Spec{Unshare: user, Users: launch.IDs{Single: launch.Some(uint32(1000))}}},
		{args: "--map-user 7 -r", want: launch.Spec{Unshare: user, Users: launch.IDs{Single: launch.Some(uint32(0))}, Groups: launch.IDs{Single: launch.Some(uint32(0))}}},
		{args: "-r --map-user 7", want: launch.Spec{Unshare: user, Users: launch.IDs{Single: launch.Some(uint32(7))}, Groups: launch.IDs{Single: launch.Some(uint32(0))}}},
		{args: "--map-user nosuchuser", err: "failed to parse uid 'nosuchuser': Invalid argument"},
		{args: "--map-user 4294967295", err: "failed to parse uid '4294967295': Invalid argument"},
		{args: "--map-user 99999999999", err: "failed to parse uid '99999999999': Numerical result out of range"},
		{args: "--map-user 4294967296", err: "failed to parse uid '4294967296': Numerical result out of range"},
		{args: "--map-user=-5", err: "failed to parse uid '-5': Numerical result out of range"},
		{args: "--map-user=", err: "failed to parse uid '': Invalid argument"},
		{args: "--map-group 99999999999999999999", err: "failed to parse gid '99999999999999999999': Numerical result out of range"},
		{args: "--map-group=-1", err: "failed to parse gid '-1': Numerical result out of range"},
		{args: "--map-group staff", want: launch.Spec{Unshare: user, Groups: launch.IDs{Single: launch.Some(uint32(50))}}},
		{args: "-c", want: launch.Spec{Unshare: user, Users: launch.IDs{Single: launch.Some(uint32(1000))}, Groups: launch.IDs{Single: launch.Some(uint32(1001))}}},
		{args: "--map-users 1:2:3 --map-users 30,20,10", want: launch.Spec{Unshare: user, Users: launch.IDs{Blocks: []idmap.Block{{Range: idmap.Range{Inner: 1, Outer: 2, Count: 3}}, {Range: idmap.Range{Inner: 20, Outer: 30, Count: 10}}}}}},
		{args: "--map-users auto", want: launch.Spec{Unshare: user, Users: launch.IDs{Blocks: autos}}},
		{args: "--map-users subids", want: launch.Spec{Unshare: user, Users: launch.IDs{Blocks: []idmap.Block{{Range: idmap.Range{Inner: 100000, Outer: 100000, Count: 65536}, Grows: true}, {Range: idmap.Range{Inner: 300000, Outer: 300000, Count: 10}, Grows: true}}}}},
		{args: "--map-users 0:0:0 --map-groups 5,6,0", want: launch.Spec{Unshare: user}},
		{args: "--map-groups all", want: launch.Spec{Unshare: user, Groups: launch.IDs{Blocks: []idmap.Block{{Range: idmap.Range{Count: 10}}}}}},
		{args: "--map-users junk", err: "invalid mapping 'junk'"},
		{args: "--map-auto", err: "no subordinate groups"},
		{args: "--owner 5:6", want: launch.Spec{Unshare: user, Owner: launch.Some(launch.Owner{UID: 5, GID: 6})}},
		{args: "--owner 5", err: "failed to parse owner"},
		{args: "--owner 5:6:7", err: "failed to parse owner"},
		{args: "--propagation slave", want: launch.Spec{Propagation: mnt.Slave}},
		{args: "--propagation bogus", err: "unsupported propagation mode: bogus"},
		{args: "--setgroups deny", want: launch.Spec{Setgroups: launch.SetgroupsDeny}},
		{args: "--setgroups bogus", err: "unsupported --setgroups argument 'bogus'"},
		{args: "--keep-caps", want: launch.Spec{KeepCaps: true}},
		{args: "-S 1 -G 2 -R /r -w d", want: launch.Spec{UID: launch.Some(uint32(1)), GID: launch.Some(uint32(2)), Root: launch.Some("/r"), Dir: launch.Some("d")}},
		{args: "-S abc", err: "failed to parse uid: 'abc'"},
		{args: "-G -1", err: "failed to parse gid: '-1': Numerical result out of range"},
		{args: "-T --monotonic 5 --boottime -6", want: launch.Spec{Unshare: ns.SetOf(ns.Time), Monotonic: launch.Some(int64(5)), Boottime: launch.Some(int64(-6))}},
		{args: "-T --monotonic abc", err: "failed to parse monotonic offset: 'abc'"},
		{args: "--boottime 1", err: "options --monotonic and --boottime require unsharing of a time namespace (-T)"},
		{args: "--hostname box", want: launch.Spec{Unshare: ns.SetOf(ns.UTS), Hostname: launch.Some("box")}},
		{args: "-n --loopback", want: launch.Spec{Unshare: ns.SetOf(ns.Net), Loopback: true}},
		{args: "--loopback", err: "option --loopback requires unsharing of a network namespace (-n)"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			got, err := specOf(strings.Fields(tt.args), []string{"PATH=/bin"})
			if tt.err != "" || err != nil {
				if fmt.Sprint(err) != tt.err {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				return
			}
			tt.want.Name, tt.want.Command = "unshare", command
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// specOf reads the options in args, with a command behind them.
func specOf(args, env []string) (launch.Spec, error) {
	o := Options{System: &fake}
	args = append(args, "cmd", "-x")
	operands, err := o.Parser.Parse(&o, args, Table[:], getopt.StopAtOperand)
	if err != nil {
		return launch.Spec{}, err
	}
	err = o.Finish(&applet.Invocation{Name: "unshare", Argv: append([]string{"unshare"}, args...)}, operands, env)
	o.Spec.Command.Title = nil
	return o.Spec, err
}

func TestEnvironment(t *testing.T) {
	env := []string{"PATH=/bin", "A=1", "B=", "A=2", "=x", "plain"}
	for _, tt := range []struct {
		args string
		env  []string
		path launch.Maybe[string]
	}{
		{"", nil, launch.Some("/bin")},
		{"--clear-env", []string{}, launch.Maybe[string]{}},
		{"--whitelist-env A,B", []string{"B=", "A=1"}, launch.Maybe[string]{}},
		{"--whitelist-env A --whitelist-env PATH,nope,A", []string{"A=1", "PATH=/bin"}, launch.Some("/bin")},
		{"--whitelist-env=", nil, launch.Some("/bin")},
	} {
		got, err := specOf(strings.Fields(tt.args), env)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.env, got.Env); diff != "" {
			t.Errorf("%s: environment (-want +got):\n%s", tt.args, diff)
		}
		if diff := cmp.Diff(tt.path, got.Command.Path); diff != "" {
			t.Errorf("%s: PATH (-want +got):\n%s", tt.args, diff)
		}
	}
}

func TestCommand(t *testing.T) {
	argv := []string{"unshare", "-u", "sh", "-c", "true"}
	var o Options
	o.command(argv, argv[2:], nil)
	if diff := cmp.Diff(launch.Command{File: "sh", Args: argv[2:], Title: argv[:2]}, o.Spec.Command); diff != "" {
		t.Error(diff)
	}
	o = Options{}
	o.command(argv[:2], nil, []string{"SHELL=/usr/bin/zsh"})
	if diff := cmp.Diff(launch.Command{File: "/usr/bin/zsh", Args: []string{"-zsh"}, Title: argv[:2], Direct: true}, o.Spec.Command); diff != "" {
		t.Error(diff)
	}
}

// TestTable holds that no name stands in the table twice, and that
// every option acts.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, opt := range Table {
		for _, name := range []string{opt.Long, string(rune(opt.Short))} {
			if name != "\x00" && seen[name] {
				t.Errorf("%q stands in the table twice", name)
			}
			seen[name] = true
		}
		if opt.Apply == nil || opt.Help == "" || (opt.Arg != getopt.None) != (opt.Value != "") {
			t.Errorf("--%s is not complete", opt.Long)
		}
	}
}
