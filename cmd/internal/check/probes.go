package check

import "strings"

// probe is a question: may this command line be carried out?
type probe struct {
	what string
	line string
}

// newRoot stands for a directory that is there while the question is asked.
const newRoot = "NEW_ROOT"

// probes are the questions, in the order in which the answers depend on each other.
// Whatever is made ends with the command, which is nskit itself. Nothing in them has to be
// computed: that would be done by every start.
var probes = []probe{
	{"user namespace", "unshare --user"},
	{"root in it", "unshare --map-root-user"},
	{"your subordinate IDs in it", "unshare --map-root-user --map-auto"},
	{"mount namespace in it", "unshare --map-root-user --mount"},
	{"network namespace in it", "unshare --map-root-user --net --loopback"},
	{"PID namespace in it, with its /proc", "unshare --map-root-user --pid --fork --mount-proc"},
	{"UTS namespace in it", "unshare --map-root-user --uts"},
	{"IPC namespace in it", "unshare --map-root-user --ipc"},
	{"cgroup namespace in it", "unshare --map-root-user --cgroup"},
	{"time namespace in it", "unshare --map-root-user --time"},
	{"container on a new root", "pivot --map-root-user --pid --fork --proc --dev " + newRoot},
	{"overlay in it", "pivot --map-root-user --overlay " + newRoot},
	{"mount namespace", "unshare --mount"},
	{"network namespace", "unshare --net"},
	{"PID namespace", "unshare --pid --fork"},
	{"UTS namespace", "unshare --uts"},
	{"IPC namespace", "unshare --ipc"},
	{"cgroup namespace", "unshare --cgroup"},
	{"time namespace", "unshare --time"},
}

// words are the command line without "nskit".
func (p *probe) words() []string { return strings.Fields(p.line) }

// result is an answer.
type result struct {
	probe
	allowed bool
	why     string
}

// resultOf decides what an outcome means. The second line of standard error, the hint, says
// more than the first; that begins with the command's name.
func resultOf(p probe, o outcome) result {
	r := result{probe: p, allowed: o.code == 0}
	if r.allowed {
		return r
	}
	for line := range strings.Lines(o.said) {
		_, text, _ := strings.Cut(strings.TrimSpace(line), ": ")
		hint, isHint := strings.CutPrefix(text, "hint: ")
		if r.why == "" || isHint {
			r.why = hint
		}
	}
	if r.why == "" {
		r.why = "ended by a signal, or without a message"
	}
	return r
}

// command is what can be typed to see for oneself.
func (r *result) command() string { return "nskit " + r.line }
