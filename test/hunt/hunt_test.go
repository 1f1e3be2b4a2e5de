// Package hunt looks for what no table thinks of: random command lines (test/lines) on a
// random odd host (test/odd) under random load, with util-linux's tools and with nskit. What
// it finds it makes as short as it can. `make hunt` says for how long.
package hunt

import (
	_ "embed"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/test/lines"
	"github.com/nskit/nskit/test/odd"
)

func TestMain(m *testing.M) {
	odd.Inside(os.Args)
	testkit.Main(m)
}

// For how many minutes the hunt goes on, and from which seed: without minutes it is one
// round. Round N of seed S is round 0 of seed S+N.
const (
	envMinutes = "NSKIT_HUNT_MINUTES"
	envSeed    = "NSKIT_HUNT_SEED"
)

//go:embed known.txt
var knownTable string

const (
	// perRound is how many lines are run in one cell.
	perRound = 25
	// patience is how long a cell may take.
	patience = 4 * time.Minute
	// most is how many findings end the hunt.
	most = 25
)

// hunter is one hunt.
type hunter struct {
	t     *testing.T
	place *odd.Place
	known []*odd.Known
	found map[string]bool
}

// TestHunt hunts.
func TestHunt(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	for _, tool := range []string{"unshare", "nsenter", "lsns", "pivot_root", "setpriv"} {
		testkit.Require(t, testkit.NeedsHost(tool))
	}
	for _, tool := range []string{"busybox", "bwrap", "setsid"} {
		testkit.Require(t, testkit.NeedsTool(tool))
	}
	place, err := odd.NewPlace(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := place.Script("signalled", signalled); err != nil {
		t.Fatal(err)
	}
	known, err := odd.ReadKnown(odd.Peer(), knownTable)
	if err != nil {
		t.Fatal(err)
	}
	h := &hunter{t: t, place: place, known: known, found: map[string]bool{}}
	minutes, seed := testkit.Number(t, envMinutes, 0), uint64(testkit.Number(t, envSeed, 1))
	end, rounds := time.Now().Add(time.Duration(minutes)*time.Minute), 0
	for ; rounds == 0 || time.Now().Before(end) && len(h.found) < most; rounds++ {
		h.round(seed + uint64(rounds))
	}
	t.Logf("%d rounds of %d lines from seed %d on, beside %s: %d findings", rounds, perRound, seed, odd.Peer(), len(h.found))
}

// round runs the lines of a seed on one host.
func (h *hunter) round(seed uint64) {
	c := lines.New(seed)
	name := odd.Hosts[c.IntN(len(odd.Hosts))].Name
	host := odd.Make(name)
	var batch []odd.Line
	for range perRound {
		batch = append(batch, lineFor(c, name))
	}
	stop := load(c.IntN(4))
	theirs, ours, err := h.place.Run(host, batch, patience)
	stop()
	if err != nil {
		h.t.Errorf("seed %d on %s: %v", seed, name, err)
		return
	}
	for i, l := range batch {
		if h.differs(name, l, theirs[i], ours[i]) {
			h.report(seed, name, l)
		}
	}
	if i := slices.IndexFunc(theirs, unanswered); i >= 0 {
		h.stuck(seed, name, batch[i])
	}
}

// stuck says that a line does not end with util-linux's tools: nothing after it was compared.
func (h *hunter) stuck(seed uint64, name string, l odd.Line) {
	theirs, _, err := h.place.Run(odd.Make(name), []odd.Line{l}, patience/4)
	if err != nil || unanswered(theirs[0]) {
		h.t.Errorf("seed %d on %s, %s: %s\n\tdoes not end with util-linux's tools", seed, name, l.As, l.Text)
	}
}

func unanswered(a odd.Answer) bool { return a.Code == -1 }

// differs says that answers differ in a way that is not known. A line without any answer is one
// that the cell had no time for, or stuck.
func (h *hunter) differs(host string, l odd.Line, theirs, ours odd.Answer) bool {
	if theirs.Code == -1 && ours.Code == -1 {
		return false
	}
	return len(odd.Problems(l, theirs, ours)) > 0 && !odd.Explained(h.known, host, l, theirs, ours)
}

// again runs one line alone.
func (h *hunter) again(host string, l odd.Line) (theirs, ours odd.Answer, differs bool) {
	a, b, err := h.place.Run(odd.Make(host), []odd.Line{l}, patience)
	if err != nil {
		return odd.Answer{Code: -1}, odd.Answer{Code: -1}, false
	}
	return a[0], b[0], h.differs(host, l, a[0], b[0])
}

// report makes a finding short and says it, once.
func (h *hunter) report(seed uint64, host string, l odd.Line) {
	if _, _, differs := h.again(host, l); !differs {
		return // the lines before it have a part in it, or another process
	}
	host, l = h.shrink(host, l)
	theirs, ours, differs := h.again(host, l)
	// One finding of a kind is enough: by the line's options and the answers.
	key := strings.Fields(l.Text)[0] + quoted.ReplaceAllString(theirs.String()+ours.String(), "?")
	if !differs || h.found[key] {
		return
	}
	h.found[key] = true
	h.t.Errorf("seed %d on %s, %s: %s\n%s\n(again: make hunt SEED=%d)", seed, host, l.As, l.Text, odd.Show(theirs, ours), seed)
}

// shrink takes what is odd and words away as long as the answers differ.
func (h *hunter) shrink(host string, l odd.Line) (string, odd.Line) {
	if _, _, differs := h.again("plain", l); differs {
		host = "plain"
	}
	if l.Like != "" { // its words have others beside them
		return host, l
	}
	for i := 1; i < len(strings.Fields(l.Text))-program(l); {
		words := strings.Fields(l.Text)
		shorter := l
		shorter.Text = strings.Join(append(words[:i:i], words[i+1:]...), " ")
		if words[i] == "-t" { // it goes with its value
			i += 2
			continue
		}
		if _, _, differs := h.again(host, shorter); differs {
			l = shorter
		} else {
			i++
		}
	}
	return host, l
}

// programs are what lines run.
var programs = []string{"true", "id -u", "hostname", "readlink /proc/self", "/nosuch", "sh -c 'exit 3'", "sh -c 'kill -TERM $$'",
	"sh -c 'kill -KILL $$'", "sh -c 'kill -HUP $PPID; exit 4'", "cat /proc/self/uid_map", "sh -c 'ulimit -n'"}

// program is how many words a line's program has.
func program(l odd.Line) int {
	for _, p := range programs {
		if strings.HasSuffix(l.Text, " "+p) {
			return len(strings.Fields(p))
		}
	}
	return 0
}

// quoted is what is different in messages of the same kind.
var quoted = regexp.MustCompile(`'[^']*'|\d+`)

// load keeps some processes busy until it is stopped.
func load(n int) (stop func()) {
	var busy []*exec.Cmd
	for range n {
		cmd := exec.Command("/bin/sh", "-c", "while :; do :; done")
		if cmd.Start() == nil {
			busy = append(busy, cmd)
		}
	}
	return func() {
		for _, cmd := range busy {
			_ = cmd.Process.Kill() // it runs until then
			_ = cmd.Wait()
		}
	}
}

// lineFor makes a line for a host: of util-linux's options, with a signal, or for another tool.
func lineFor(c lines.Chooser, host string) odd.Line {
	switch kind := c.IntN(10); {
	case kind < 2:
		return signalLine(c)
	case kind < 5:
		if l, fits := otherLine(c, host); fits {
			return l
		}
	}
	return random(c)
}

// random makes a line. What it makes is taken back.
func random(c lines.Chooser) odd.Line {
	l := odd.Line{As: c.Of("root", "root", "user"), Back: "umount -l /w/uts; umount -l /w/net; umount -l /w/ipc; umount -l /w/dir"}
	program := c.Of(programs...)
	switch c.IntN(10) {
	default:
		l.Text = "unshare " + c.Options(lines.Unshare, 6) + program
	case 6, 7, 8:
		l.Text = "nsenter -t " + c.Of("$T", "$T", "$U", "$U", "1", "2999") + " " + c.Options(lines.Nsenter, 5) + program
	case 9:
		l.Text = strings.TrimSpace("lsns " + c.Options(lines.Lsns, 4))
	}
	l.Text = strings.NewReplacer("$R", "/w/r", "setgroups maybe", "setgroups deny").Replace(l.Text)
	return l
}
