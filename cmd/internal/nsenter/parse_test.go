package nsenter

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
)

// parsed is what a command line comes to, as far as the tests compare it.
type parsed struct {
	options
	keepCaps  bool
	killChild unix.Signal
	forward   []unix.Signal
	explain   bool
	command   []string
}

func parseWords(words ...string) (*parsed, error) {
	var i invocation
	argv := append([]string{"nsenter"}, words...)
	operands, err := i.parse(&applet.Invocation{Name: "nsenter", Argv: argv, Args: argv[1:]})
	s := &i.shared.Spec
	i.own.named, i.own.room = nil, options{}.room // TestNames has them
	i.own.places, i.own.root.at, i.own.wd.at = 0, 0, 0
	for kind := range i.own.kinds {
		i.own.kinds[kind].at = 0
	}
	return &parsed{i.own, s.KeepCaps, s.KillChild, s.Forward, i.shared.Explain, operands}, err
}

// kinds makes the table of the namespaces that are named by their letters.
func kinds(letters string, value kindOption) (all [ns.KindCount]kindOption) {
	for _, opt := range table {
		if strings.IndexByte(letters, opt.Short) >= 0 {
			value.chosen = true
			all[opt.Num] = value
		}
	}
	return all
}

func TestParse(t *testing.T) {
	pid1 := target{kind: byPID, pid: 1}
	uts := kinds("u", kindOption{})
	for _, c := range []struct {
		name  string
		words []string
		want  parsed
	}{
		{"-a", []string{"-a", "-t1"}, parsed{options: options{all: true, target: pid1}}},
		{"--all", []string{"--all", "--target", "1"}, parsed{options: options{all: true, target: pid1}}},
		{"every namespace, short", []string{"-t", "1", "-m", "-u", "-i", "-n", "-p", "-C", "-U", "-T"}, parsed{options: options{target: pid1, kinds: kinds("muinpCUT", kindOption{})}}},
		{"every namespace, long", []string{"--target=1", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--user", "--time"}, parsed{options: options{target: pid1, kinds: kinds("muinpCUT", kindOption{})}}},
		{"the rest of a bundle is the value of an optional one", []string{"-un", "x"}, parsed{options: options{kinds: kinds("u", kindOption{named: true, file: "n"})}, command: []string{"x"}}},
		{"a file, attached", []string{"-u/f"}, parsed{options: options{kinds: kinds("u", kindOption{named: true, file: "/f"})}}},
		{"a file, attached with =", []string{"-u=/f"}, parsed{options: options{kinds: kinds("u", kindOption{named: true, file: "/f"})}}},
		{"a file, long", []string{"--uts=/f"}, parsed{options: options{kinds: kinds("u", kindOption{named: true, file: "/f"})}}},
		{"a file, long with two =", []string{"--uts==/f"}, parsed{options: options{kinds: kinds("u", kindOption{named: true, file: "/f"})}}},
		{"a detached file is the program", []string{"-t1", "--uts", "/x", "cmd"}, parsed{options: options{target: pid1, kinds: uts}, command: []string{"/x", "cmd"}}},
		{"an empty file", []string{"--uts="}, parsed{options: options{kinds: kinds("u", kindOption{named: true, file: ""})}}},
		{"an identifier", []string{"--net=:42"}, parsed{options: options{kinds: kinds("n", kindOption{byID: true, id: 42})}}},
		{"the smallest identifier", []string{"--net=:0"}, parsed{options: options{kinds: kinds("n", kindOption{byID: true})}}},
		{"the largest identifier", []string{"--net=:18446744073709551615"}, parsed{options: options{kinds: kinds("n", kindOption{byID: true, id: 1<<64 - 1})}}},
		{"an identifier, short", []string{"-n=:9223372036854775807"}, parsed{options: options{kinds: kinds("n", kindOption{byID: true, id: 1<<63 - 1})}}},
		{"a file that begins with a colon", []string{"--net=./:42"}, parsed{options: options{kinds: kinds("n", kindOption{named: true, file: "./:42"})}}},
		{"the last file counts", []string{"--net=/a", "--net=:3", "--net=/b"}, parsed{options: options{kinds: kinds("n", kindOption{named: true, file: "/b"})}}},
		{"a file stays", []string{"--net=/a", "-n"}, parsed{options: options{kinds: kinds("n", kindOption{named: true, file: "/a"})}}},
		{"pid and inode", []string{"-t1:77", "-u"}, parsed{options: options{target: target{kind: byPID, pid: 1, inode: 77}, kinds: uts}}},
		{"a pidfd", []string{"-t", "fd:5", "-u"}, parsed{options: options{target: target{kind: byFD, pid: 5}, kinds: uts}}},
		{"a file with a PID", []string{"-t", "@/run/x.pid", "-u"}, parsed{options: options{target: target{kind: byFile, name: "/run/x.pid"}, kinds: uts}}},
		{"a container", []string{"-t", "ctr:docker/web", "-u"}, parsed{options: options{target: target{kind: byContainer, name: "docker/web"}, kinds: uts}}},
		{"blanks and a plus before a number", []string{"-t", " +1", "-u"}, parsed{options: options{target: pid1, kinds: uts}}},
		{"-N", []string{"-t1", "-N", "7"}, parsed{options: options{target: pid1, netSocket: descriptor{true, 7}}}},
		{"--net-socket", []string{"-t1", "--net-socket=0"}, parsed{options: options{target: pid1, netSocket: descriptor{true, 0}}}},
		{"--user-parent", []string{"-t1", "--user-parent"}, parsed{options: options{target: pid1, userParent: true}}},
		{"--user-parent of a file", []string{"-U/f", "--user-parent"}, parsed{options: options{kinds: kinds("U", kindOption{named: true, file: "/f"}), userParent: true}}},
		{"--pid-for-children", []string{"-t1", "--pid-for-children"}, parsed{options: options{target: pid1, pidForChildren: true}}},
		{"-S and -G", []string{"-S5", "-G", "6"}, parsed{options: options{uid: identity{true, launch.Identity{ID: 5}}, gid: identity{true, launch.Identity{ID: 6}}}}},
		{"--setuid and --setgid", []string{"--setuid", "5", "--setgid=4294967295"}, parsed{options: options{uid: identity{true, launch.Identity{ID: 5}}, gid: identity{true, launch.Identity{ID: 4294967295}}}}},
		{"follow", []string{"-t1", "-Sfollow", "-G", "follow"}, parsed{options: options{target: pid1, uid: identity{true, launch.Identity{Follow: true}}, gid: identity{true, launch.Identity{Follow: true}}}}},
		{"--preserve-credentials", []string{"-t1", "-U", "--preserve-credentials"}, parsed{options: options{target: pid1, kinds: kinds("U", kindOption{}), preserve: true}}},
		{"--keep-caps", []string{"-t1", "-U", "--keep-caps"}, parsed{options: options{target: pid1, kinds: kinds("U", kindOption{})}, keepCaps: true}},
		{"-r of the target", []string{"-t1", "-r"}, parsed{options: options{target: pid1, root: directory{given: true}}}},
		{"-r, no = stripped", []string{"-r=/usr"}, parsed{options: options{root: directory{given: true, named: true, path: "=/usr"}}}},
		{"--root", []string{"--root=/usr"}, parsed{options: options{root: directory{given: true, named: true, path: "/usr"}}}},
		{"-w of the target", []string{"-t1", "-w"}, parsed{options: options{target: pid1, wd: directory{given: true}}}},
		{"-w, = stripped", []string{"-w=/usr"}, parsed{options: options{wd: directory{given: true, named: true, path: "/usr"}}}},
		{"--wd, empty", []string{"--wd="}, parsed{options: options{wd: directory{given: true, named: true, path: ""}}}},
		{"-W, = stripped", []string{"-W=/usr"}, parsed{options: options{wdns: directory{given: true, named: true, path: "/usr"}}}},
		{"--wdns", []string{"--wdns=/usr"}, parsed{options: options{wdns: directory{given: true, named: true, path: "/usr"}}}},
		{"-W with a detached directory executes it", []string{"-W", "/etc", "cmd"}, parsed{options: options{wdns: directory{given: true}}, command: []string{"/etc", "cmd"}}},
		{"-e", []string{"-t1", "-e"}, parsed{options: options{target: pid1, env: true}}},
		{"--env", []string{"-t1", "--env"}, parsed{options: options{target: pid1, env: true}}},
		{"-F", []string{"-t1", "-F", "-u"}, parsed{options: options{target: pid1, kinds: uts, noFork: true}}},
		{"--no-fork", []string{"-t1", "--no-fork", "-u"}, parsed{options: options{target: pid1, kinds: uts, noFork: true}}},
		{"-c", []string{"-t1", "-c"}, parsed{options: options{target: pid1, joinCgroup: true}}},
		{"--join-cgroup", []string{"-t1", "--join-cgroup"}, parsed{options: options{target: pid1, joinCgroup: true}}},
		{"-Z", []string{"-t1", "-Z"}, parsed{options: options{target: pid1, followContext: true}}},
		{"--follow-context", []string{"-t1", "--follow-context"}, parsed{options: options{target: pid1, followContext: true}}},
		{"--kill-child", []string{"-t1", "-p", "--kill-child"}, parsed{options: options{target: pid1, kinds: kinds("p", kindOption{})}, killChild: unix.SIGKILL}},
		{"--kill-child=TERM", []string{"-t1", "-p", "--kill-child=TERM"}, parsed{options: options{target: pid1, kinds: kinds("p", kindOption{})}, killChild: unix.SIGTERM}},
		{"--forward-signals", []string{"-t1", "-p", "--forward-signals=HUP,USR1"}, parsed{options: options{target: pid1, kinds: kinds("p", kindOption{})}, forward: []unix.Signal{unix.SIGHUP, unix.SIGUSR1}}},
		{"--explain", []string{"--explain", "-t1", "-u"}, parsed{options: options{target: pid1, kinds: uts}, explain: true}},
		{"the options end at the program", []string{"-t1", "-u", "ls", "-l", "-u"}, parsed{options: options{target: pid1, kinds: uts}, command: []string{"ls", "-l", "-u"}}},
		{"the options end at --", []string{"-t1", "-u", "--", "-x"}, parsed{options: options{target: pid1, kinds: uts}, command: []string{"-x"}}},
		{"abbreviations", []string{"--ta", "1", "--ut", "--ti", "--no-f"}, parsed{options: options{target: pid1, kinds: kinds("uT", kindOption{}), noFork: true}}},
	} {
		got, err := parseWords(c.words...)
		if err != nil {
			t.Errorf("%s: %v: %v", c.name, c.words, err)
			continue
		}
		if diff := cmp.Diff(&c.want, got, cmp.AllowUnexported(each{}, parsed{}, options{}, kindOption{}, target{}, identity{}, directory{}, descriptor{})); diff != "" {
			t.Errorf("%s: %v: %s", c.name, c.words, diff)
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		words    string
		paths    string
		replaces bool
	}{
		{"-t1 -n -r -w", "", false},
		{"-n/a -u=/b -r/c -w=/d", "/a /b /c /d", false},
		{"-w/d -U:3 -n/a -n", "/d /a", false},
		{"-n/a -n/b", "/a /b", true},
		{"-n/a -n:3", "/a", true},
		{"-r/a -r/b", "/a /b", true},
		{"-t1 -w/a -w", "/a", true},
		{"-t1 -w -w/a", "/a", true},
		{"-m/1 -u/2 -i/3 -n/4 -p/5 -C/6 -U/7 -T/8 -r/9 -w/10 -w/11", "/1 /2 /3 /4 /5 /6 /7 /8 /9 /10 /11", true},
	} {
		var i invocation
		argv := append([]string{"nsenter"}, strings.Fields(c.words)...)
		if _, err := i.parse(&applet.Invocation{Name: "nsenter", Argv: argv, Args: argv[1:]}); err != nil {
			t.Errorf("%s: %v", c.words, err)
		}
		if got := strings.Join(i.own.named, " "); got != c.paths || i.own.replaces() != c.replaces {
			t.Errorf("%s: %q, replaces %v", c.words, got, i.own.replaces())
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		words string
		want  string
	}{
		{"-t1 -t2", "option --target may be given only once"},
		{"-t abc", "failed to parse PID argument 'abc': Invalid argument"},
		{"-t fd", "failed to parse PID argument 'fd': Invalid argument"},
		{"-t 12x", "failed to parse PID argument '12x': Invalid argument"},
		{"-t 0", "failed to parse PID argument '0': Numerical result out of range"},
		{"-t -5", "failed to parse PID argument '-5': Numerical result out of range"},
		{"-t 2147483648", "failed to parse PID argument '2147483648': Numerical result out of range"},
		{"-t 1:", "failed to parse PID argument '1:': Invalid argument"},
		{"-t 1:abc", "failed to parse PID argument '1:abc': Invalid argument"},
		{"-t 1:5x", "failed to parse PID argument '1:5x': Invalid argument"},
		{"-t 1:5:6", "failed to parse PID argument '1:5:6': Invalid argument"},
		{"-t 1:0", "failed to parse PID argument '1:0': Numerical result out of range"},
		{"-t 1:-5", "failed to parse PID argument '1:-5': Numerical result out of range"},
		{"-t 1:18446744073709551616", "failed to parse PID argument '1:18446744073709551616': Numerical result out of range"},
		{"-t :5", "failed to parse PID argument ':5': Invalid argument"},
		{"-t abc:5", "failed to parse PID argument 'abc:5': Invalid argument"},
		{"-t 0:5", "failed to parse PID argument '0:5': Numerical result out of range"},
		{"-t fd:x", "failed to parse file descriptor: 'x'"},
		{"-N abc", "failed to parse file descriptor: 'abc'"},
		{"-N -1", "failed to parse file descriptor: '-1': Numerical result out of range"},
		{"-N 2147483648", "failed to parse file descriptor: '2147483648': Numerical result out of range"},
		{"-t fd:99999999999999999999", "failed to parse file descriptor: '99999999999999999999': Numerical result out of range"},
		{"--net=:abc", "failed to parse nsid: abc"},
		{"--net=:", "failed to parse nsid: "},
		{"--net=:-1", "failed to parse nsid: -1"},
		{"--net=:18446744073709551616", "failed to parse nsid: 18446744073709551616"},
		{"-S abc", "failed to parse uid: 'abc'"},
		{"-G abc", "failed to parse gid: 'abc'"},
		{"-S 4294967296", "failed to parse uid: '4294967296': Numerical result out of range"},
		{"-S -1", "failed to parse uid: '-1': Numerical result out of range"},
		{"-S 99999999999999999999999", "failed to parse uid: '99999999999999999999999': Numerical result out of range"},
		{"-w/a -W/b", "options --wd and --wdns cannot be combined"},
		{"-W/a -w/b", "options --wdns and --wd cannot be combined"},
		{"-w/a -W", "options --wd and --wdns cannot be combined"},
		{"--wd --wdns=/ -Sabc", "options --wd and --wdns cannot be combined"},
		{"-u", "no target PID specified"},
		{"-N 3", "no target PID specified"},
		{"--user-parent", "no target PID specified"},
		{"--pid-for-children", "no target PID specified"},
		{"-a", "no target PID specified for --all"},
		{"-Z", "no target PID specified for --follow-context"},
		{"-r", "neither filename nor target pid supplied for root"},
		{"-w", "neither filename nor target pid supplied for cwd"},
		{"-e", "neither filename nor target pid supplied for environ"},
		{"-c", "neither filename nor target pid supplied for cgroup"},
		{"-S follow", "neither filename nor target pid supplied for "},
		{"-G follow", "neither filename nor target pid supplied for "},
		{"", "no namespace specified"},
		{"-t1", "no namespace specified"},
		{"-F", "no namespace specified"},
		{"-t1 -F --preserve-credentials", "no namespace specified"},
		{"--x", "unrecognized option '--x'"},
		{"-x", "invalid option -- 'x'"},
		{"-t", "option requires an argument -- 't'"},
		{"-S", "option requires an argument -- 'S'"},
		{"-G", "option requires an argument -- 'G'"},
		{"-N", "option requires an argument -- 'N'"},
		{"--target", "option '--target' requires an argument"},
		{"--kill-child=15", "unknown signal: 15"},
		{"--forward-signals=KILL", "cannot forward signal: KILL"},
		{"--all=x", "option '--all' doesn't allow an argument"},
		{"--env=x", "option '--env' doesn't allow an argument"},
		{"--u", "option '--u' is ambiguous; possibilities: '--uts' '--user' '--user-parent'"},
		{"--p", "option '--p' is ambiguous; possibilities: '--pid' '--preserve-credentials'"},
		{"--w", "option '--w' is ambiguous; possibilities: '--wd' '--wdns'"},
		{"--s", "option '--s' is ambiguous; possibilities: '--setuid' '--setgid'"},
		{"--n", "option '--n' is ambiguous; possibilities: '--net' '--net-socket' '--no-fork'"},
		{"--t", "option '--t' is ambiguous; possibilities: '--target' '--time'"},
		{"--expl", "unrecognized option '--expl'"},
	} {
		_, err := parseWords(strings.Fields(c.words)...)
		if text := errorText(err); text != c.want {
			t.Errorf("nsenter %s: %q; want %q", c.words, text, c.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestHelpAndVersionActAtOnce(t *testing.T) {
	for _, c := range []struct {
		words string
		want  error
	}{{"-h", applet.Help{}}, {"--help", applet.Help{}}, {"-V", applet.Version{}}, {"--version", applet.Version{}}, {"-a --he -t x", applet.Help{}}} {
		if _, err := parseWords(strings.Fields(c.words)...); err != c.want {
			t.Errorf("nsenter %s: %v; want %v", c.words, err, c.want)
		}
	}
}

func TestHelpNamesEveryOption(t *testing.T) {
	help := helps[0].Text
	for _, line := range []string{
		"-a, --all", "-t, --target <target>", "-m, --mount[=<file>]", "-N, --net-socket <fd>", "-S, --setuid <uid>", "-W, --wdns[=<dir>]", "-e, --env",
		"    --user-parent", "    --explain[=<all>]",
	} {
		if !strings.Contains(help, " "+line+" ") && !strings.Contains(help, " "+line+"\n") {
			t.Errorf("--help lacks %q:\n%s", line, help)
		}
	}
}
