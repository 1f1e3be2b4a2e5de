package compare

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// How many random lines are compared, and from which seed on: line N of seed S
// is line 0 of seed S+N.
const (
	envRuns     = "NSKIT_COMPARE_RUNS"
	envSeed     = "NSKIT_COMPARE_SEED"
	shortRuns   = 100
	defaultSeed = 1
)

// TestRandom compares lines that nobody thought of: any options, in any order
// and number, with values that make sense and values that make none.
func TestRandom(t *testing.T) {
	require(t)
	runs, seed := testkit.Number(t, envRuns, shortRuns), testkit.Number(t, envSeed, defaultSeed)
	if repeated() && os.Getenv(envRuns) == "" {
		runs /= every
	}
	t.Logf("seed %d, %d lines", seed, runs)
	known := readKnown(t, "known.txt")
	seeds := make([]uint64, runs)
	for i := range seeds {
		seeds[i] = uint64(seed + i)
	}
	var mutex sync.Mutex
	inParallel(seeds, func(seed uint64) {
		l := randomLine(seed)
		if compare(l, known) == "" {
			return
		}
		l = shrink(l, known)
		mutex.Lock()
		defer mutex.Unlock()
		t.Errorf("again: %s=1 %s=%d go test ./test/compare -run TestRandom\n%s", envRuns, envSeed, seed, compare(l, known))
	})
}

// shrink leaves out words and conditions as long as the tools differ.
func shrink(l line, known []*entry) line {
	differ := func(l line) bool { return compare(l, known) != "" }
	if plain := l; l.setup != "plain" && !strings.Contains(l.text, "$") {
		if plain.setup = "plain"; differ(plain) {
			l = plain
		}
	}
	// The last words stay, since a shell in place of the program would wait for
	// its input, and so does the target.
	for i := 1; i < len(strings.Fields(l.text))-len(strings.Fields(l.program)); {
		words := strings.Fields(l.text)
		shorter := l
		shorter.text = strings.Join(append(words[:i:i], words[i+1:]...), " ")
		if !strings.Contains(words[i], "$T") && words[i] != "-t" && differ(shorter) {
			l = shorter
		} else {
			i++
		}
	}
	return l
}

// chooser makes the choices for one line.
type chooser struct{ *rand.Rand }

func (c chooser) of(choices ...string) string { return choices[c.IntN(len(choices))] }

// option makes an option out of its names: the short one, the long one, and
// the value attached or not, as it may be.
type option struct {
	short, long string
	values      []string
	optional    bool
}

// The values are what a user might type, and some that nobody should.
var (
	numbers5 = []string{"0", "1", "1000", "+0", "abc", "''"}
	dirs     = []string{"/", "/usr", "/w", ".", "dir", "/nosuch", "/etc/passwd"}
	places   = []string{"uts", "net", "ipc", "nosuch", "dir"}
)

// unshareOptions are those that 2.38 has, too, but for values that it takes
// otherwise.
var unshareOptions = []option{
	{short: "m", long: "mount"}, {short: "u", long: "uts"}, {short: "i", long: "ipc"}, {short: "n", long: "net"},
	{short: "p", long: "pid"}, {short: "U", long: "user"}, {short: "C", long: "cgroup"}, {short: "T", long: "time"},
	{short: "f", long: "fork"}, {short: "r", long: "map-root-user"}, {short: "c", long: "map-current-user"},
	{short: "r", long: "map-root-user"}, {short: "U", long: "user"}, {long: "keep-caps"},
	{long: "kill-child", values: []string{"TERM", "SIGUSR1", "hup", "9", ""}, optional: true},
	{long: "mount-proc", values: []string{"/proc", "dir", "/nosuch"}, optional: true},
	{long: "map-user", values: []string{"0", "1", "77", "daemon"}},
	{long: "map-group", values: []string{"0", "5", "daemon"}},
	{long: "propagation", values: []string{"private", "shared", "slave", "unchanged", "bogus"}},
	{long: "setgroups", values: []string{"allow", "deny", "maybe"}},
	{short: "S", long: "setuid", values: numbers5}, {short: "G", long: "setgid", values: numbers5},
	{short: "R", long: "root", values: []string{"/", "$R", "/nosuch"}},
	{short: "w", long: "wd", values: dirs},
	{long: "monotonic", values: []string{"0", "5", "100000", "x"}}, {long: "boottime", values: []string{"0", "7", "x"}},
	{long: "uts", values: places, optional: true},
}

var nsenterOptions = []option{
	{short: "m", long: "mount"}, {short: "u", long: "uts"}, {short: "i", long: "ipc"}, {short: "n", long: "net"},
	{short: "C", long: "cgroup"}, {short: "T", long: "time"}, {short: "U", long: "user"}, {short: "p", long: "pid"},
	{short: "u", long: "uts", values: []string{"/proc/$T/ns/uts", "/proc/$T/ns/net", "/proc/1/ns/uts"}, optional: true},
	{short: "n", long: "net", values: []string{"/proc/$T/ns/net", "/proc/1/ns/net"}, optional: true},
	{long: "preserve-credentials"}, {long: "preserve-credentials"}, {short: "F", long: "no-fork"}, {short: "Z", long: "follow-context"},
	{short: "S", long: "setuid", values: []string{"0", "1000", "abc"}}, {short: "G", long: "setgid", values: []string{"0", "1000", "abc"}},
	{short: "w", long: "wd", values: []string{"/", "/usr"}, optional: true},
	{long: "wdns", values: []string{"/", "/usr", "/nosuch"}},
}

var lsnsOptions = []option{
	{short: "l", long: "list"}, {short: "r", long: "raw"}, {short: "u", long: "notruncate"}, {short: "n", long: "noheadings"},
	{short: "W", long: "nowrap"}, {long: "output-all"},
	{short: "o", long: "output", values: []string{"NS", "NS,TYPE", "TYPE,PID,COMMAND", "+PPID", "PNS,ONS,NS", "ns,user,uid", "x", "NS,"}},
	{short: "t", long: "type", values: []string{"mnt", "net", "ipc", "user", "pid", "uts", "cgroup", "time", "x"}},
	{short: "p", long: "task", values: []string{"1", "50", "100", "4000000", "x"}},
}

// randomLine makes the line of a seed.
func randomLine(seed uint64) line {
	c := chooser{rand.New(rand.NewPCG(seed, 0))}
	l := line{where: fmt.Sprintf("seed %d", seed), as: c.of("root", "user", "inns"), setup: "plain"}
	if !asRoot() {
		l.as = c.of("user", "inns")
	}
	l.program = c.of("probe", "probe", "probe", "true", "/nosuch", "sh -c 'exit 3'", "sh -c 'kill -TERM $$'")
	switch c.IntN(10) {
	default:
		l.setup = c.of("plain", "files", "root+files", "root+files", "files+shared", "ignored+files", "blocked+root", "umask", "more-files")
		l.text = "unshare " + c.options(unshareOptions, 6) + l.program
	case 7, 8:
		l.setup = c.of("user-target", "user-target", "bare-user-target", "current-user-target", "user-target+ignored", "user-target+more-files")
		if l.as != "user" {
			l.setup = c.of(l.setup, "target")
		}
		l.text = "nsenter -t $T " + c.options(nsenterOptions, 5) + l.program
	case 9:
		l.setup, l.program = "user-target", ""
		l.text = strings.TrimSpace("lsns " + c.options(lsnsOptions, 4))
	}
	return l
}

// options makes some options, each with a blank behind it.
func (c chooser) options(from []option, most int) string {
	var text strings.Builder
	for range 1 + c.IntN(most) {
		text.WriteString(c.spell(from[c.IntN(len(from))]) + " ")
	}
	return text.String()
}

// spell writes an option in one of its ways.
func (c chooser) spell(o option) string {
	short := o.short != "" && c.IntN(2) == 0
	name := "--" + o.long
	if short {
		name = "-" + o.short
	}
	if len(o.values) == 0 || o.optional && c.IntN(3) == 0 {
		return name
	}
	value := c.of(o.values...)
	switch {
	case short && o.optional:
		return name + value
	case short:
		return name + c.of("", " ") + value
	case o.optional:
		return name + "=" + value
	}
	return name + c.of("=", " ") + value
}
