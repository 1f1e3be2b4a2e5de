package census

import (
	"bytes"
	"errors"
	"math"
	"strconv"

	"github.com/nskit/nskit/pkg/ns"
)

// parseLink takes "net:[4026531840]", the text of a link to a namespace, apart.
func parseLink(link []byte) (ns.Kind, Inode, bool) {
	name, number, ok := cutLink(link)
	if !ok || number > math.MaxUint32 {
		return 0, 0, false
	}
	kind, known := ns.Parse(string(name)) // the conversion does not allocate
	return kind, Inode(number), known
}

// parseSocket takes the inode out of "socket:[1234]".
func parseSocket(link []byte) (uint64, bool) {
	name, number, ok := cutLink(link)
	return number, ok && string(name) == "socket"
}

// cutLink splits "name:[number]".
func cutLink(link []byte) (name []byte, number uint64, ok bool) {
	name, rest, ok := bytes.Cut(link, []byte(":["))
	if !ok || len(rest) < 2 || rest[len(rest)-1] != ']' {
		return nil, 0, false
	}
	number, ok = parseDigits(rest[:len(rest)-1])
	return name, number, ok
}

// parseDigits reads a number of 1 to 19 digits, which no uint64 overflows.
func parseDigits(digits []byte) (uint64, bool) {
	if len(digits) == 0 || len(digits) > 19 {
		return 0, false
	}
	var n uint64
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}

// parsePID reads the name of a directory of /proc.
func parsePID(name []byte) (int, bool) {
	n, ok := parseDigits(name)
	return int(n), ok && len(name) <= 10 && n > 0
}

// stat is what is used of /proc/PID/stat, proc_pid_stat(5).
type stat struct {
	state   byte
	ppid    int
	flags   uint64
	threads int
	// start is the time of the start in clock ticks after boot.
	start uint64
}

var errStat = errors.New("unexpected content of /proc/PID/stat")

// The fields of /proc/PID/stat that follow the name, counted from 0.
const (
	statState   = 0
	statPPID    = 1
	statFlags   = 6
	statThreads = 17
	statStart   = 19
)

// parseStat reads the text of /proc/PID/stat. The name in it may hold
// parentheses and blanks itself: it ends at the last parenthesis.
func parseStat(text []byte) (stat, error) {
	var st stat
	n := 0
	for field := range bytes.FieldsSeq(text[bytes.LastIndexByte(text, ')')+1:]) {
		var err error
		switch n {
		case statState:
			st.state = field[0]
		case statFlags:
			st.flags, err = strconv.ParseUint(string(field), 10, 64)
		case statThreads:
			st.threads, err = strconv.Atoi(string(field))
		case statPPID:
			st.ppid, err = strconv.Atoi(string(field))
		case statStart:
			st.start, err = strconv.ParseUint(string(field), 10, 64)
			if err == nil {
				return st, nil
			}
		}
		if err != nil {
			return stat{}, errStat
		}
		n++
	}
	return stat{}, errStat
}

// parseCommand makes the text of /proc/PID/cmdline one line: the zero bytes
// between the arguments become blanks, the one at the end goes.
func parseCommand(cmdline []byte) string {
	if len(cmdline) == 0 {
		return ""
	}
	return string(bytes.ReplaceAll(cmdline[:len(cmdline)-1], []byte{0}, []byte{' '}))
}

// parseCgroup returns the path of a process in the hierarchy that systemd and
// the container runtimes use: version 2's where it is the one in use, else that
// of systemd's own named hierarchy, cgroups(7).
func parseCgroup(text []byte) string {
	path := ""
	for line := range bytes.Lines(text) {
		fields := bytes.SplitN(bytes.TrimSuffix(line, []byte{'\n'}), []byte{':'}, 3)
		switch {
		case len(fields) < 3:
		case string(fields[1]) == "" && (path == "" || string(fields[2]) != "/"),
			string(fields[1]) == "name=systemd" && (path == "" || path == "/"):
			path = string(fields[2])
		}
	}
	return path
}

// parseMapping reads a line of /proc/PID/maps: its area, the device and the path of the file, "" where none is
// mapped: an anonymous mapping can have a name of the process's choice, in brackets, see PR_SET_VMA(2const).
func parseMapping(line []byte) (area, device, path string) {
	fields := bytes.SplitN(bytes.TrimSuffix(line, []byte{'\n'}), []byte{' '}, 6) // permissions, offset and inode between
	if len(fields) < 6 {
		return "", "", ""
	}
	name := bytes.TrimLeft(fields[5], " ")
	if len(name) == 0 || name[0] != '/' {
		return "", "", ""
	}
	return string(fields[0]), string(fields[3]), string(name)
}
