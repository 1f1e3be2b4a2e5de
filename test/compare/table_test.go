package compare

import (
	"embed"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

//go:embed testdata
var testdata embed.FS

// envOnly restricts TestLines to lines that match a regular expression.
const envOnly = "NSKIT_COMPARE_ONLY"

// line is one command line under one set of conditions.
type line struct {
	where   string // the file and line that it is from
	as      string // whose it is: root, user, or inns: root of a user namespace
	setup   string
	text    string
	like    string // what the host's older tool is told instead, if not the same
	send    string // the signal that the line's process gets while the program waits
	program string // the last words, for a random line
	hints   bool   // run with nskit's hints
}

func (l line) String() string { return l.as + " " + l.setup + ": " + l.text }

// paste is how to run the line again.
func (l line) paste() string {
	only := strings.ReplaceAll("^"+regexp.QuoteMeta(l.String())+"$", "'", `'\''`)
	return fmt.Sprintf("%s\n\t(again: %s='%s' go test ./test/compare -run TestLines)", l, envOnly, only)
}

// pair says that both tools can be asked in the same cell: they change nothing.
func (l line) pair() bool { return strings.HasPrefix(l.text, "lsns") }

// cellKind is who process 1 of the cell is.
func (l line) cellKind() string { return l.as }

// possible says whether the line can run in this room.
func (l line) possible() bool { return asRoot() || l.as != "root" }

// repeated says that root's pass over the tests runs every line already, those
// of unprivileged users among them, so that some of them are enough here.
func repeated() bool {
	return !asRoot() && slices.Contains(strings.Fields(os.Getenv("NSKIT_TEST_RUNS")), "root")
}

// every is how many lines there are to one that is repeated.
const every = 5

// readLines returns the lines of all tables that can run in this room.
func readLines(t *testing.T) []line {
	t.Helper()
	only, err := regexp.Compile(os.Getenv(envOnly))
	if err != nil {
		t.Fatal(err)
	}
	var lines []line
	for i, l := range tableLines(t) {
		if repeated() && i%every != 0 {
			continue
		}
		if l.possible() && only.MatchString(l.String()) {
			lines = append(lines, l)
		}
	}
	return lines
}

// tableLines reads testdata/lines. A line that begins with @ says under which
// conditions the lines after it run; one that is indented and begins with = has
// what the host's tool is told in place of the line above.
func tableLines(t *testing.T) []line {
	t.Helper()
	entries, err := testdata.ReadDir("testdata/lines")
	if err != nil {
		t.Fatal(err)
	}
	var lines []line
	for _, entry := range entries {
		lines = append(lines, tableOf(t, "testdata/lines/"+entry.Name())...)
	}
	return lines
}

func tableOf(t *testing.T, name string) []line {
	t.Helper()
	as, setups, send := []string{"root"}, []string{"plain"}, ""
	var lines []line
	last := 0 // how many lines the last row made
	for i, text := range strings.Split(read(t, name), "\n") {
		where := fmt.Sprintf("%s:%d", path.Base(name), i+1)
		words := strings.Fields(text)
		switch {
		case len(words) == 0 || words[0] == "#":
		case words[0] == "=":
			for j := len(lines) - last; j < len(lines); j++ {
				lines[j].like = strings.Join(words[1:], " ")
			}
		case words[0] == "@" && words[1] == "as":
			as, setups, send = words[2:], []string{"plain"}, ""
		case words[0] == "@" && words[1] == "setup":
			setups = words[2:]
		case words[0] == "@" && words[1] == "send":
			send = words[2]
		case words[0] == "@":
			t.Fatalf("%s: no such condition: %s", where, text)
		default:
			last = 0
			for _, who := range as {
				for _, setup := range setups {
					lines = append(lines, line{where: where, as: who, setup: setup, text: text, send: send})
					last++
				}
			}
		}
	}
	return lines
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := testdata.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// setupText is the shell text of a named setup. Names can be joined by a plus sign.
func setupText(names string) string {
	text, err := testdata.ReadFile("testdata/setups.txt")
	if err != nil {
		panic(err) // it is embedded
	}
	var out []string
	for name := range strings.SplitSeq(names, "+") {
		_, rest, found := strings.Cut("\n"+string(text), "\n-- "+name+" --\n")
		if !found {
			panic("no setup " + strconv.Quote(name))
		}
		setup, _, _ := strings.Cut("\n"+rest, "\n-- ")
		out = append(out, setup)
	}
	return strings.Join(out, "\n")
}

// script is what process 1 of the cell does. The line's own process is always
// number 100; what it may do and has open is what the setup says.
func (l line) script(tool string) string {
	as, owner, again := "", 0, ""
	switch {
	case l.as == "user" && asRoot():
		as, owner = "setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all --", userID
	case l.as == "user":
		as, owner = "setpriv --inh-caps=-all --ambient-caps=-all --", userID
	}
	run := "(eval \"$last\"; exec $as $prefix " + l.text + ") <&3 >&4 2>&5 3>&- 4>&- 5>&-\necho exit $?\n"
	if tool == "pair" {
		tool = "host"
		again = "echo ==== >&4; echo ==== >&5\nln -sfn /tools/nskit bin\n" + fixPID + run
	}
	return fmt.Sprintf(`exec 6>&-
mount -t proc proc /proc
mount -t tmpfs -o mode=755,uid=%d,gid=%d w /w
cd /w
ln -s /tools/%s bin
host=/tools/host; as='%s'; prefix=; T=50; R=/w/r
last=:
await() { while :; do name=; { read -r name </proc/$1/comm; } 2>/dev/null; [ "$name" = sleep ] && break; done; }
%s
%s%s%scat /proc/self/mountinfo
[ ! -e trace ] || cat trace
`, owner, owner, tool, as, setupText(l.setup), fixPID, run, again)
}

// fixPID makes 100 the next PID of the cell.
const fixPID = "echo 99 >/proc/sys/kernel/ns_last_pid\n"
