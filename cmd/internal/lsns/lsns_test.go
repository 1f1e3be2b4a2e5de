package lsns

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
)

// planOf is the plan of a command line.
func planOf(args ...string) (*plan, error) {
	inv := &applet.Invocation{Applet: &Applet, Name: "lsns", Args: args, Stdout: bufio.NewWriter(&strings.Builder{})}
	o := new(options)
	if err := o.parse(inv); err != nil {
		return nil, err
	}
	return queryOf(o)
}

func TestColumns(t *testing.T) {
	for _, test := range []struct {
		args string
		want string
	}{
		{"", "NS TYPE NPROCS PID USER COMMAND"},
		{"-t uts", "NS TYPE NPROCS PID USER COMMAND"},
		{"-t uts -t net", "NS TYPE NPROCS PID USER NETNSID NSFS COMMAND"},
		{"4026531836", "PID PPID USER COMMAND"},
		{"-o ns,Type,NS", "NS TYPE NS"},
		{"-o +ppid", "NS TYPE NPROCS PID USER COMMAND PPID"},
		{"-o PID -o UID", "UID"},
		{"--output-all", "NS TYPE PATH NPROCS PID PPID COMMAND UID USER NETNSID NSFS PNS ONS"},
		{"--output-all -o PID", "PID"},
		{"-Tall", "NAME TYPE NPROCS THREADS MOUNTS STATE PID USER POD COMMAND"},
		{"-Tall -t net", "NAME TYPE NPROCS THREADS MOUNTS STATE PID USER POD COMMAND"},
		{"-T=all -o PID,NS", "NAME PID"},
		{"--diff x -t net", "NS TYPE NPROCS PID USER COMMAND HOLDERS"},
		{"--diff x -o +CTR", "NS TYPE NPROCS PID USER COMMAND HOLDERS CTR"},
		{"--diff x -o NS,TYPE", "NS TYPE"},
	} {
		p, err := planOf(strings.Fields(test.args)...)
		if err != nil {
			t.Errorf("%s: %v", test.args, err)
			continue
		}
		var names []string
		for _, c := range p.columns {
			names = append(names, c.Name)
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("%s: %s", test.args, got)
		}
	}
	if _, err := planOf("-o", strings.Repeat("NS,", maxColumns)+"NS"); err == nil {
		t.Error("too many columns are taken")
	}
}

// TestReading checks that nothing is read that nobody asked for.
func TestReading(t *testing.T) {
	const namespaces = census.Descriptors | census.Sockets | census.Mounts | census.OnlyMounts | census.ForChildren | census.Threads
	for _, test := range []struct {
		args          string
		want          census.Want
		ask           census.Ask
		before, after census.Fields
	}{
		{"-l -o NS,TYPE,NPROCS,PID,PATH,NSFS", namespaces, 0, 0, 0},
		{"-o NS,TYPE", namespaces, 0, 0, 0}, // no column for branches: no tree
		{"-J -o NS,TYPE,USER", namespaces, census.OwnerUIDs, 0, census.UID},
		{"-l -o UID", namespaces, census.OwnerUIDs, 0, census.UID},
		{"", namespaces, census.OwnerUIDs, 0, census.UID | census.Command | census.PPID},
		{"-l -o NS -p 7", census.Mounts, 0, 0, 0},
		{"-l -o NETNSID,PNS,ONS,NSID", namespaces, census.NetIDs | census.Parents | census.Owners | census.IDs, 0, 0},
		{"-T -o NS", namespaces, census.Owners | census.Ancestors, 0, 0},
		{"-l -o HOLDERS", namespaces | census.AllMounts | census.ForChildren | census.Listed, census.Parents | census.Owners, 0, 0},
		{"-Tall -o NS", namespaces | census.Listed, census.Parents | census.Owners | census.Ancestors | census.OwnerUIDs, 0, census.PPID},
		{"-l -o NS -Q COMMAND==1", namespaces, 0, census.Command, 0},
		{"-l -o MOUNTS,THREADS,STATE", namespaces, 0, 0, 0}, // counted when the cells are made
		{"-l -o THREADS -p 7", census.Mounts | census.Threads, 0, 0, 0},
		{"--diff x -o NS", namespaces, census.IDs, 0, 0},
		{"--diff x -o NS --ignore x", namespaces, census.IDs, 0, census.Command | census.ControlGroup | census.Age},
		{"-l -o PIDINO,POD", namespaces, 0, 0, census.PidfsInode | census.Age},
		{"-l -o OWNER -t net", namespaces, census.Parents | census.Owners | census.Ancestors, 0, 0},
		{"-l -o CGROUP,CTR,AGE,ROOT,HOSTNAME", namespaces, census.Hostnames, 0, census.ControlGroup | census.Age | census.Root},
	} {
		p, err := planOf(strings.Fields(test.args)...)
		if err != nil {
			t.Errorf("%s: %v", test.args, err)
			continue
		}
		if p.reading.Want != test.want || p.ask|p.askIdle|p.askAll != test.ask || p.before != test.before || p.after != test.after {
			t.Errorf("%s: wants %b, asks %b, fields %b and %b", test.args, p.reading.Want, p.ask|p.askIdle|p.askAll, p.before, p.after)
		}
	}
}

// exitCode is the exit code that an error stands for.
func exitCode(err error) int {
	var exit applet.Exit
	if errors.As(err, &exit) {
		return int(exit)
	}
	return 1
}

func TestWrongUse(t *testing.T) {
	for args, want := range map[string]string{
		"-J\x00-r": "options --json and --raw cannot be combined", "-l\x00-T": "options --list and --tree cannot be combined",
		"-r\x00-J\x00-x": "options --raw and --json cannot be combined", "-T\x00-l": "options --tree and --list cannot be combined",
		"-P\x00-pabc": "options --persistent and --task cannot be combined", "-p1\x00-J\x00-P\x00-r": "options --task and --persistent cannot be combined",
		"-Tx": "unknown tree type: x", "-T=": "unknown tree type: ", "--tree=": "unknown tree type: ", "-t\x00": "unknown namespace type: ", "-p\x00-1": "invalid PID argument: '-1': Numerical result out of range",
		"-p\x00": "invalid PID argument: ''", "--watch=0": "invalid interval: '0'", "--watch=NaN": "invalid interval: 'NaN'", "--color=x": "unsupported color mode: 'x'",
		"--watch\x00--diff\x00x": "options --watch and --diff cannot be combined", "99999999999": "not found namespace: 99999999999",
		"--ignore\x00x": "--ignore needs --diff or --watch", "--for=appeared\x00--diff\x00x": "options --for and --diff cannot be combined",
		"--for=appeared:uts\x00-t\x00net": "--for waits for a type that --type leaves out", "1\x00--for=appeared": "--watch is mutually exclusive with <namespace>",
		"1\x00-Tall": "--tree=all is mutually exclusive with <namespace>",
	} {
		if _, err := planOf(strings.Split(args, "\x00")...); err == nil || err.Error() != want {
			t.Errorf("%q: %v", args, err)
		}
	}
	if _, err := planOf("-o", ""); exitCode(err) != 1 || !errors.As(err, new(applet.Exit)) {
		t.Errorf("an empty list of columns says something: %v", err)
	}
	if p, err := planOf("-p", " +12"); err != nil || p.task != 12 {
		t.Errorf("a number with a blank and a sign: %v", err)
	}
}

// family is a system with a user namespace in another, and what both own: the
// inodes are such that nothing comes before what it belongs to by itself.
func family(t *testing.T) *census.Snapshot {
	uid0, uid1000 := 0, 1000
	proc := t.TempDir()
	for _, pid := range []string{"1", "3"} {
		if err := os.MkdirAll(filepath.Join(proc, pid, "ns"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return &census.Snapshot{Proc: proc, Namespaces: []census.Namespace{
		{Inode: 10, Kind: ns.Net, Processes: 1, PID: 3, Relations: census.Relations{Owner: 30}},
		{Inode: 11, Kind: ns.PID, Processes: 2, PID: 1, Relations: census.Relations{Owner: 20}},
		{Inode: 12, Kind: ns.PID, Processes: 1, PID: 3, Relations: census.Relations{Owner: 30, Parent: 11}},
		{Inode: 20, Kind: ns.User, Processes: 1, PID: 1, Relations: census.Relations{OwnerUID: &uid0}},
		{Inode: 30, Kind: ns.User, Relations: census.Relations{Owner: 20, Parent: 20, OwnerUID: &uid1000}},
	}}
}

// drawn is a listing of the family.
func drawn(t *testing.T, snapshot *census.Snapshot, args ...string) string {
	t.Helper()
	p, err := planOf(args...)
	if err != nil {
		t.Fatal(err)
	}
	v := newView(p, snapshot)
	v.users = users{0: "root", 1000: "ann"}
	rows, err := v.rows()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	w := bufio.NewWriter(&b)
	p.table(v.arrange(rows)).Write(w, table.Layout{NoHeadings: true})
	w.Flush()
	return b.String()
}

func TestTrees(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"-T", "" +
			"20       user\n" +
			"|-30     user\n" +
			"| |-10   net\n" +
			"| `-12   pid\n" +
			"`-11     pid\n"},
		{"-Tparent", "" +
			"20         user\n" +
			"`-30       user\n" +
			"10         net\n" +
			"11         pid\n" +
			"`-12       pid\n"},
		{"-Tparent -t pid", "" +
			"11         pid\n" +
			"`-12       pid\n"},
		{"-T -Q TYPE!='user'", "" +
			"10 net\n" +
			"11 pid\n" +
			"12 pid\n"},
		{"-Tall", "" +
			"root         account\n" +
			"`-20         user\n" +
			"  |-11       pid\n" +
			"  `-ann      account\n" +
			"    `-30     user\n" +
			"      |-10   net\n" +
			"      `-12   pid\n"},
		{"-T -P", "" +
			"20         user\n" +
			"`-30       user\n"},
	} {
		got := drawn(t, family(t), append(strings.Fields(test.args), "-o", "NS,TYPE")...)
		if squeeze(got) != squeeze(test.want) {
			t.Errorf("%s:\n%s", test.args, got)
		}
	}
}

// What leads to the namespaces of one process comes right before them, and only
// what has no parent brings its owner along.
func TestTreeOfOneProcess(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"-Tparent -p 3", "" +
			"20         user\n" +
			"`-30       user\n" +
			"10         net\n" +
			"11         pid\n" +
			"`-12       pid\n"},
		{"-Tparent -p 3 -t pid", "" +
			"11         pid\n" +
			"`-12       pid\n"},
		{"-Tparent -p 3 -t net -t pid -Q NS!=30", "" +
			"10         net\n" +
			"11         pid\n" +
			"`-12       pid\n"},
	} {
		snapshot := family(t)
		snapshot.Processes = []census.Process{{PID: 3, Namespaces: &[ns.KindCount]census.Inode{ns.Net: 10, ns.PID: 12, ns.User: 30}}}
		got := drawn(t, snapshot, append(strings.Fields(test.args), "-o", "NS,TYPE")...)
		if squeeze(got) != squeeze(test.want) {
			t.Errorf("%s:\n%s", test.args, got)
		}
	}
}

// Without the column for the branches the rows come in the order in which the
// tree would have got them.
func TestTreeWithoutBranches(t *testing.T) {
	got := strings.Fields(drawn(t, family(t), "-T", "-o", "TYPE,NPROCS"))
	if diff := cmp.Diff(strings.Fields("user 1 user 0 net 1 pid 2 pid 1"), got); diff != "" {
		t.Error(diff)
	}
	// A PID namespace with a lower number than its owner's, as one gets it that was freed.
	without := family(t)
	without.Namespaces = without.Namespaces[1:]
	got = strings.Fields(drawn(t, without, "-Tparent", "-o", "TYPE,NPROCS"))
	if diff := cmp.Diff(strings.Fields("user 1 pid 2 pid 1 user 0"), got); diff != "" {
		t.Error(diff)
	}
}

// squeeze makes runs of blanks inside the lines one.
func squeeze(text string) string {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		indent := len(line) - len(strings.TrimLeft(line, " |`-"))
		lines = append(lines, line[:indent]+strings.Join(strings.Fields(line[indent:]), " "))
	}
	return strings.Join(lines, "\n")
}

func TestCells(t *testing.T) {
	uid := 1000
	v := newView(&plan{options: &options{}}, &census.Snapshot{Proc: "/nonexistent"})
	v.users = users{1000: "ann"}
	held := &row{ns: &census.Namespace{Inode: 1, Kind: ns.Net, Mounts: []string{"/a", "/c"}, Covered: []string{"/c"}, Relations: census.Relations{OwnerUID: &uid}, Holders: []census.Holder{
		{How: census.ByThread, PID: 5, TID: 8}, {How: census.ByDescriptor, PID: 5, TID: 8, FD: 9}, {How: census.ByDescriptor, PID: 5, FD: 3}, {How: census.BySocket, PID: 5, FD: 4}, {How: census.ByChildren, PID: 6},
		{How: census.ByMount, Path: "/b", Namespace: 9}, {How: census.ByChild, Namespace: 2}, {How: census.ByOwned, Namespace: 3}, {How: census.ByOwned, Namespace: 4},
	}}, Details: &unknown}
	for name, want := range map[string]string{
		"HOLDERS": "mount /a\nmount /c (covered)\nthread 5/8\nfd 5/8/9\nfd 5/3\nsocket 5/4\nchildren of 6\nmount /b in mnt:[9]\nbelow: 1\nowned: 2",
		"UID":     "1000", "USER": "ann", "PID": "", "PPID": "", "NPROCS": "0", "NETNSID": "unassigned", "NSID": "", "NSFS": "/a\n/c", "PATH": "", "AGE": "", "CTR": "",
	} {
		if got := columns.Find(name).Cell(shown{v, held}); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	busy := &row{ns: &census.Namespace{Inode: 1, Kind: ns.UTS, Processes: 1, PID: 7}, pid: 7, Details: &census.Details{UID: 4290000000, PPID: 0, Age: 3 * time.Hour}}
	for name, want := range map[string]string{"UID": "4290000000", "USER": "4290000000", "PPID": "0", "NETNSID": "", "PATH": "/nonexistent/7/ns/uts", "AGE": "03:00:00"} {
		if got := columns.Find(name).Cell(shown{v, busy}); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestParseListing(t *testing.T) {
	text := `{"namespaces": [{"ns": 1, "type": "net", "x": null, "children": [{"ns": 2, "type": "u\u0074s\n\ud83d\ude00"}]},{}]}
{"ns": 3, "ok": true}`
	got, err := parseListing([]byte(text))
	want := []map[string]string{
		{"ns": "1", "type": "net", "x": ""}, {"ns": "2", "type": "uts\n😀"}, {"ns": "3", "ok": "true"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	for _, broken := range []string{"{", `{"a" 1}`, `{"a": 1,}`, `{"a": 1 "b": 2}`, `[1 2]`, `"\x"`, "\"\n\"", `{"a": nil}`, `"\u12"`, strings.Repeat("[", 1000), "]", `{"a": "`} {
		if got, err := parseListing([]byte(broken)); err == nil {
			t.Errorf("%.20q is read as %v", broken, got)
		}
	}
}

func TestEvents(t *testing.T) {
	of := func(inode census.Inode, cell string) entry {
		return entry{census.Namespace{Inode: inode, Kind: ns.Net}, []string{cell}, cell == "ignored"}
	}
	before := []entry{of(1, "1"), of(2, "2"), of(8, "ignored")}
	after := []entry{of(2, "2"), of(3, "3"), of(9, "ignored")}
	var got []string
	for _, line := range lines(changes(before, after), "now") {
		got = append(got, fmt.Sprint(line.Cells))
	}
	if diff := cmp.Diff([]string{"[now vanished 1]", "[now appeared 3]"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestColors(t *testing.T) {
	t.Setenv("TERM", "xterm")
	for _, test := range []struct {
		color, noColor string
		tree           tree
		terminal, want bool
	}{
		{"", "", byProcess, true, false}, {"", "", everything, true, true}, {"", "1", everything, true, false}, {"", "", everything, false, false},
		{"auto", "", byProcess, true, true}, {"auto", "", byProcess, false, false}, {"auto", "1", byProcess, true, false},
		{"always", "1", byProcess, false, true}, {"never", "", everything, true, false},
	} {
		t.Setenv("NO_COLOR", test.noColor)
		if got := wantsColor(&options{color: test.color}, test.tree, test.terminal); got != test.want {
			t.Errorf("%+v", test)
		}
	}
}
