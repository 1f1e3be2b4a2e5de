// Package lines makes command lines that nobody thought of: any options, in any order and
// number, with values that make sense and values that make none. test/compare and test/hunt
// run them.
package lines

import (
	"math/rand/v2"
	"strings"
)

// Chooser makes the choices for one line.
type Chooser struct{ *rand.Rand }

// New is the chooser of a seed.
func New(seed uint64) Chooser { return Chooser{rand.New(rand.NewPCG(seed, 0))} }

// Of chooses one of several texts.
func (c Chooser) Of(choices ...string) string { return choices[c.IntN(len(choices))] }

// Option makes an option out of its names: the short one, the long one, and
// the value attached or not, as it may be.
type Option struct {
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

// Unshare are those that 2.38 has, too, but for values that it takes
// otherwise.
var Unshare = []Option{
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

// Nsenter are those of nsenter.
var Nsenter = []Option{
	{short: "m", long: "mount"}, {short: "u", long: "uts"}, {short: "i", long: "ipc"}, {short: "n", long: "net"},
	{short: "C", long: "cgroup"}, {short: "T", long: "time"}, {short: "U", long: "user"}, {short: "p", long: "pid"},
	{short: "u", long: "uts", values: []string{"/proc/$T/ns/uts", "/proc/$T/ns/net", "/proc/1/ns/uts"}, optional: true},
	{short: "n", long: "net", values: []string{"/proc/$T/ns/net", "/proc/1/ns/net"}, optional: true},
	{long: "preserve-credentials"}, {long: "preserve-credentials"}, {short: "F", long: "no-fork"}, {short: "Z", long: "follow-context"},
	{short: "S", long: "setuid", values: []string{"0", "1000", "abc"}}, {short: "G", long: "setgid", values: []string{"0", "1000", "abc"}},
	{short: "w", long: "wd", values: []string{"/", "/usr"}, optional: true},
	{long: "wdns", values: []string{"/", "/usr", "/nosuch"}},
}

// Lsns are those of lsns.
var Lsns = []Option{
	{short: "l", long: "list"}, {short: "r", long: "raw"}, {short: "u", long: "notruncate"}, {short: "n", long: "noheadings"},
	{short: "W", long: "nowrap"}, {long: "output-all"},
	{short: "o", long: "output", values: []string{"NS", "NS,TYPE", "TYPE,PID,COMMAND", "+PPID", "PNS,ONS,NS", "ns,user,uid", "x", "NS,"}},
	{short: "t", long: "type", values: []string{"mnt", "net", "ipc", "user", "pid", "uts", "cgroup", "time", "x"}},
	{short: "p", long: "task", values: []string{"1", "50", "100", "4000000", "x"}},
}

// Options makes some options, each with a blank behind it.
func (c Chooser) Options(from []Option, most int) string {
	var text strings.Builder
	for range 1 + c.IntN(most) {
		text.WriteString(c.spell(from[c.IntN(len(from))]) + " ")
	}
	return text.String()
}

// spell writes an option in one of its ways.
func (c Chooser) spell(o Option) string {
	short := o.short != "" && c.IntN(2) == 0
	name := "--" + o.long
	if short {
		name = "-" + o.short
	}
	if len(o.values) == 0 || o.optional && c.IntN(3) == 0 {
		return name
	}
	value := c.Of(o.values...)
	switch {
	case short && o.optional:
		return name + value
	case short:
		return name + c.Of("", " ") + value
	case o.optional:
		return name + "=" + value
	}
	return name + c.Of("=", " ") + value
}
