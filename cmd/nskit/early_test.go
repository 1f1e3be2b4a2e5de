package main

import (
	"strings"
	"testing"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/multicall"
	"github.com/nskit/nskit/cmd/internal/registry"
	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/internal/trampoline"
)

// earlyCommands are the command lines that must be carried out before the Go
// runtime starts. Each is what somebody types in a loop.
var earlyCommands = []string{
	"unshare true",
	"/usr/bin/unshare -u true",
	"nskit unshare -u true",
	"unshare -Ur true",
	"unshare -Urpmf --mount-proc true",
	"unshare --user --map-root-user --mount --pid --fork --mount-proc=/proc sh -c true",
	"unshare --map-root --pid true",
	"unshare -UruimnpCTf --kill-child=TERM true",
	"unshare -m --propagation slave true",
	"unshare -R /srv -w /tmp -S 5 -G 6 true",
	"unshare --map-user 5 --map-group 6 true",
	"unshare -T --monotonic 5 --boottime -6 true",
	"unshare -un --hostname box --loopback true",
	"unshare --setgroups deny -U true",
	"unshare -Ur --mount-proc --init true",
	"nsenter -t 99 -u -n true",
	"nsenter -t 99 -a true",
	"nsenter -t 99 -U --preserve-credentials -m -p -r -w sh -c true",
	"nsenter --net=/run/netns/x --uts=/run/uts true",
	"nsenter -t 99 -n -S 5 -G follow true",
	"pivot /srv/root sh",
	"pivot -Urpmf --proc --dev --sys /srv/root sh -c true",
	"pivot_root new_root new_root/old",
}

var earlyEnvironment = []string{"PATH=/usr/local/bin:/usr/bin:/bin:/sbin", "HOME=/root", "SHELL=/bin/sh"}

// earlyInvocation is what the start before the Go runtime makes of a command line.
func earlyInvocation(line string) applet.Invocation {
	return applet.Invocation{All: registry.Applets, Version: "1.2", Early: true, Memory: &memory.plan, Options: &memory.options, Argv: strings.Fields(line), Env: earlyEnvironment}
}

// TestEarlyAllocatesNothing holds what the start before the Go runtime is made
// possible by.
func TestEarlyAllocatesNothing(t *testing.T) {
	var image trampoline.Workspace
	fresh := testkit.Room(t)
	for _, line := range earlyCommands {
		t.Run(line, func(t *testing.T) {
			call := earlyInvocation(line)
			inv := new(applet.Invocation)
			allocations := testing.AllocsPerRun(5, func() {
				*inv = call
				image = trampoline.Workspace{}
				fresh()
				p, err := multicall.Decide(inv)
				if err != nil {
					t.Fatal(err)
				}
				image.Prepare(p)
			})
			if allocations != 0 {
				t.Errorf("%v allocations: the Go runtime will have to start", allocations)
			}
		})
	}
}

// earlyAnswers are command lines that are answered before the Go runtime starts,
// with the exit code and what the answer holds.
var earlyAnswers = []struct {
	line string
	code int
	want string
}{
	{"unshare --version", 0, "unshare from nskit 1.2 (compatible with util-linux 2.43)\n"},
	{"/usr/bin/lsns -V", 0, "lsns from nskit 1.2 (compatible with util-linux 2.43)\n"},
	{"nskit pivot_root -V", 0, "pivot_root from nskit 1.2 (compatible with util-linux 2.43)\n"},
	{"nskit vethctl --version", 0, "vethctl from nskit 1.2\n"},
	{"nskit --version", 0, "nskit from nskit 1.2\n"},
	{"./anything -V", 0, "nskit from nskit 1.2\n"},
	{"unshare --vers", 0, "unshare from nskit"},
	{"unshare -V true", 0, "unshare from nskit"},

	{"unshare --help", 0, "\nUsage:\n unshare [options] [<program>"},
	{"unshare -Ur --help", 0, "-R, --root <dir>"},
	{"nskit unshare -h", 0, "\nUsage:\n nskit unshare [options]"},
	{"nskit --help unshare", 0, "\nUsage:\n nskit unshare [options]"},
	{"/bin/nsenter --help", 0, "\nUsage:\n nsenter [options]"},
	{"lsns --help", 0, "Available output columns:"},
	{"pivot --help", 0, "--rootfs-from <tar>"},
	{"pivot_root --help", 0, "pivot_root [options] new_root put_old"},
	{"switch_root -h", 0, "<newrootdir>"},
	{"vethctl --help", 0, "Commands:\n add"},
	{"vethctl add --help", 0, "\nUsage:\n vethctl add [options] <endpoint> <endpoint>"},
	{"nskit", 0, "Applets:\n pivot        Run a program"},
	{"", 0, "Applets:\n pivot        Run a program"},
	{"nskit --help", 0, " check        Show what you may create on this host, and what forbids the rest.\n\nFor more details see nskit(1).\n"},
	{"nskit --list", 0, "pivot\npivot_root\nswitch_root\nunshare\nnsenter\n"},

	{"unshare --bogus", 1, "unshare: unrecognized option '--bogus'\nTry 'unshare --help' for more information.\n"},
	{"/bin/unshare -x", 1, "/bin/unshare: invalid option -- 'x'\nTry 'unshare --help' for more information.\n"},
	{"nskit unshare -S", 1, "nskit unshare: option requires an argument -- 'S'\nTry 'nskit unshare --help' for more information.\n"},
	{"unshare --m", 1, "unshare: option '--m' is ambiguous; possibilities: '--mount' '--mount-proc' '--mount-binfmt' '--map-user'"},
	{"unshare --bo\x1bgus", 1, "unshare: unrecognized option '--bo\\x1bgus'\n"},
	{"unshare --monotonic 5 true", 1, "unshare: options --monotonic and --boottime require unsharing"},
	{"unshare -S x true", 1, "unshare: failed to parse uid: 'x'\n"},
	{"unshare -S 99999999999 true", 1, "unshare: failed to parse uid: '99999999999': Numerical result out of range\n"},
	{"unshare --kill-child=nosuch true", 1, "unshare: unknown signal: nosuch\n"},
	{"unshare --propagation x true", 1, "unshare: unsupported propagation mode: x\n"},
	{"unshare --setgroups x true", 1, "unshare: unsupported --setgroups argument 'x'\n"},
	{"unshare --map-users 5 true", 1, "unshare: invalid mapping '5'\n"},
	{"unshare --owner x true", 1, "unshare: failed to parse owner\n"},
	{"nsenter", 1, "nsenter: no namespace specified\n"},
	{"nsenter -t", 1, "nsenter: option requires an argument -- 't'\n"},
	{"nsenter -t 0 true", 1, "nsenter: failed to parse PID argument '0'"},
	{"nsenter -u", 1, "nsenter: no target PID specified\n"},
	{"nsenter --uts=/nosuch/x --bogus", 1, "nsenter: cannot open /nosuch/x: No such file or directory\n"},
	{"lsns --bogus", 1, "lsns: unrecognized option '--bogus'\nTry 'lsns --help'"},
	{"lsns -J -r", 1, "lsns: options --json and --raw cannot be combined\n"},
	{"lsns -t x", 1, "lsns: unknown namespace type: x\n"},
	{"pivot", 1, "pivot: no new root given\nTry 'pivot --help'"},
	{"pivot /", 1, "pivot: the current root cannot be the new root too\npivot: hint: --overlay"},
	{"pivot --switch --put-old=/x r", 1, "pivot: options --switch and --put-old are mutually exclusive\n"},
	{"pivot_root a", 1, "pivot_root: bad usage\nTry 'pivot_root --help'"},
	{"switch_root a", 1, "switch_root: not enough arguments\n"},
	{"vethctl", 2, "vethctl: a command is missing\nTry 'vethctl --help'"},
	{"vethctl nosuch x", 2, "vethctl: unknown command 'nosuch'\nTry 'vethctl --help'"},
	{"nskit nosuch", 127, "nskit: unknown applet 'nosuch' (nskit --list shows them)\n"},
	{"nskit nosuch --version", 127, "nskit: unknown applet 'nosuch' (nskit --list shows them)\n"},
	{"nskit --bogus", 1, "nskit: unrecognized option '--bogus'\nTry 'nskit --help' for more information.\n"},
}

// TestEarlyAnswers holds that help, versions and errors need no Go runtime.
func TestEarlyAnswers(t *testing.T) {
	for _, tt := range earlyAnswers {
		t.Run(tt.line, func(t *testing.T) {
			call := earlyInvocation(tt.line)
			inv, a := new(applet.Invocation), new(applet.Answer)
			allocations := testing.AllocsPerRun(5, func() {
				*inv = call
				p, err := multicall.Decide(inv)
				if p != nil || !applet.Early(err) {
					t.Fatalf("%v, %v", p, err)
				}
				*a = applet.Answer{}
				a.Out, a.Err = answerRoom()
				a.Answer(inv, err)
			})
			text := string(a.Out) + string(a.Err)
			if !strings.Contains(text, tt.want) || a.Code != tt.code || allocations != 0 {
				t.Errorf("%v allocations, code %d, %q in\n%s", allocations, a.Code, tt.want, text)
			}
		})
	}
}

// TestNotEarly lists what takes the Go runtime.
func TestNotEarly(t *testing.T) {
	for _, line := range []string{
		"unshare --explain true", "nsenter -t ctr:x -n true", "nsenter -t 1 -e true", "lsns", "lsns -o NS", "vethctl list", "vethctl add --bogus", "vethctl --bogus",
		"nskit --install /nowhere", "pivot --rootfs-from x.tar sh", "pivot --internal-clear", "switch_root a b",
	} {
		call := earlyInvocation(line)
		if p, err := multicall.Decide(&call); p != nil && !call.Explain || applet.Early(err) {
			t.Errorf("%q: %v, %v", line, p, err)
		}
	}
}
