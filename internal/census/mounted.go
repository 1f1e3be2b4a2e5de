package census

import (
	"bytes"
	"strconv"
	"strings"
)

// Device is the number of a device or of a file system without one.
type Device struct{ Major, Minor uint32 }

// String is the number as mount tables have it: "8:17".
func (d Device) String() string {
	return strconv.FormatUint(uint64(d.Major), 10) + ":" + strconv.FormatUint(uint64(d.Minor), 10)
}

// ParseDevice reads such a number.
func ParseDevice(text string) (Device, bool) {
	major, minor, ok := strings.Cut(text, ":")
	a, errA := strconv.ParseUint(major, 10, 32)
	b, errB := strconv.ParseUint(minor, 10, 32)
	return Device{uint32(a), uint32(b)}, ok && errA == nil && errB == nil && text[0] != '+' && minor[0] != '+'
}

// Mounting is a line of a mount table, proc_pid_mountinfo(5).
type Mounting struct {
	// ID is the mount's number; mounts of different namespaces have different ones.
	ID, Parent uint64
	Device     Device
	// Root is the directory of the file system that is mounted, Point where.
	Root, Point string
	Type        string
	Source      string
	// Options are those of the file system.
	Options string
}

// rawLine is such a line in its parts, with escapes.
type rawLine struct {
	id, parent                  uint64
	device, root, point         []byte
	fstype, source, fileOptions []byte
}

// parseRawLine takes a line of a mount table apart; it allocates nothing.
func parseRawLine(line []byte) (l rawLine, ok bool) {
	var fields [6][]byte
	rest := line
	for i := range fields {
		if fields[i], rest, ok = bytes.Cut(rest, []byte{' '}); !ok {
			return l, false
		}
	}
	// What follows is optional fields, then a lone hyphen.
	rest = line[len(line)-len(rest)-1:]
	if _, rest, ok = bytes.Cut(rest, []byte(" - ")); !ok {
		return l, false
	}
	var okID, okParent bool
	l.id, okID = parseDigits(fields[0])
	l.parent, okParent = parseDigits(fields[1])
	l.device, l.root, l.point = fields[2], fields[3], fields[4]
	l.fstype, rest, _ = bytes.Cut(rest, []byte{' '})
	l.source, l.fileOptions, _ = bytes.Cut(rest, []byte{' '})
	return l, okID && okParent
}

// mounting is the line without escapes.
func (l *rawLine) mounting() Mounting {
	device, _ := ParseDevice(string(l.device))
	return Mounting{ID: l.id, Parent: l.parent, Device: device, Root: unescape(l.root), Point: unescape(l.point),
		Type: unescape(l.fstype), Source: unescape(l.source), Options: unescape(l.fileOptions)}
}

// parseTable reads a whole mount table; lines that are none are left out.
func parseTable(text []byte) []Mounting {
	var all []Mounting
	for line := range bytes.Lines(text) {
		if l, ok := parseRawLine(bytes.TrimSuffix(line, []byte{'\n'})); ok {
			all = append(all, l.mounting())
		}
	}
	return all
}

// unescape puts the bytes back that a mount table writes as three octal digits.
func unescape(field []byte) string {
	if bytes.IndexByte(field, '\\') < 0 {
		return string(field)
	}
	out := make([]byte, 0, len(field))
	for i := 0; i < len(field); i++ {
		if field[i] == '\\' && i+3 < len(field) && isOctal(field[i+1:i+4]) {
			out = append(out, (field[i+1]-'0')<<6|(field[i+2]-'0')<<3|(field[i+3]-'0'))
			i += 3
		} else {
			out = append(out, field[i])
		}
	}
	return string(out)
}

func isOctal(digits []byte) bool {
	for _, c := range digits {
		if c < '0' || c > '7' {
			return false
		}
	}
	return digits[0] <= '3'
}

// escape writes a path as mount tables have it.
func escape(path string) []byte {
	out := make([]byte, 0, len(path))
	for i := range len(path) {
		switch c := path[i]; c {
		case ' ', '\t', '\n', '\\':
			out = append(out, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		default:
			out = append(out, c)
		}
	}
	return out
}

// below tells whether a path is that of a directory or of something in it.
func below(path, directory string) bool {
	switch {
	case directory == "/" || path == directory:
		return true
	case !strings.HasPrefix(path, directory):
		return false
	}
	return path[len(directory)] == '/'
}

// join is a path below a directory: rel is "" or begins with a slash.
func join(directory, rel string) string {
	switch {
	case rel == "" || rel == "/":
		return directory
	case directory == "/":
		return rel
	}
	return directory + rel
}

// relative is what follows a directory in a path below it: join's opposite.
func relative(path, directory string) string {
	if directory == "/" {
		return path
	}
	return path[len(directory):]
}
