package hunt

import (
	_ "embed"
	"fmt"
	"os"
	"strings"

	"github.com/nskit/nskit/test/lines"
	"github.com/nskit/nskit/test/odd"
)

//go:embed testdata/signalled.sh
var signalled string

// Signals by what is defined about them, at whatever moment they come.
var (
	// deadly end every process without a handler, neutral ones end none.
	deadly  = []string{"KILL", "TERM", "HUP", "INT", "USR1", "USR2", "ALRM", "PIPE"}
	neutral = []string{"CHLD", "URG", "WINCH", "CONT", "STOP"}
)

// signalLine makes a line whose command is sent a signal from outside at a random moment, with
// options for which it is the same at every moment what comes of it: a deadly signal ends
// the command and leaves nothing, a neutral one changes nothing.
func signalLine(c lines.Chooser) odd.Line {
	l := odd.Line{As: c.Of("root", "root", "user")}
	delay := fmt.Sprintf("0.0%02d", c.IntN(25))
	kill := func(signal, whom, command string) odd.Line {
		l.Text = strings.Join([]string{"signalled", signal, whom, delay, command}, " ")
		return l
	}
	switch c.IntN(6) {
	case 0: // one process
		return kill(c.Of(deadly...), c.Of("process", "group"), "unshare "+some(c, "-m -u -i -n -U -r -C -p -T", 4))
	case 1: // a parent that waits, and ignores some signals: all are sent it
		return kill(c.Of(deadly...), "group", "unshare -f "+some(c, "-m -u -i -n -U -r -C -T", 4))
	case 2: // only SIGKILL ends process 1 of a PID namespace
		return kill("KILL", c.Of("group", "process"), "unshare -p --kill-child "+some(c, "-m -u -i -n -U -r -C --mount-proc", 4))
	case 3:
		return kill(c.Of(deadly...), "group", "nsenter -t "+c.Of("$T", "$T", "$U")+" "+some(c, "-u -i -n -p -C -U --preserve-credentials", 4))
	case 4:
		return kill(c.Of(neutral...), c.Of("process", "group"), "nsenter -t "+c.Of("$T", "$T", "$U")+" "+some(c, "-u -i -n -p -C -F -U", 4))
	default:
		if os.Getenv("NSKIT_PEERS") == "newest" && c.IntN(3) == 0 { // 2.38 forwards none
			return kill(c.Of("TERM", "INT"), "process", "unshare --forward-signals "+some(c, "-m -u -i -n -U -r -C", 3))
		}
		return kill(c.Of(neutral...), c.Of("process", "group"), "unshare "+some(c, "-m -u -i -n -U -r -C -p -f -T --mount-proc", 5))
	}
}

// some chooses words.
func some(c lines.Chooser, words string, most int) string {
	all := strings.Fields(words)
	var chosen []string
	for range 1 + c.IntN(most) {
		chosen = append(chosen, all[c.IntN(len(all))])
	}
	return strings.Join(chosen, " ")
}
