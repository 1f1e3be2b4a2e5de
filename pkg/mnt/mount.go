package mnt

import (
	"errors"
	"strconv"
	"strings"
)

// Kind says what is done to a destination in a new root.
type Kind uint8

const (
	// Bind shows Source there.
	Bind Kind = iota
	// Tmpfs is an empty file system in memory, with the options in Data.
	Tmpfs
	// Proc is a proc file system.
	Proc
	// Sys is a sysfs, or the old root's where that is refused.
	Sys
	// Dev is a small file system in memory with what every program expects in /dev.
	Dev
	// File is a file in memory that holds Data.
	File
	// ReadOnly makes all that is mounted so far read-only; it has no Target.
	ReadOnly
	// PutOld is where the old root stays.
	PutOld
	// Symlink is a symbolic link that leads to Source.
	Symlink
	// Directory is a directory, made with Mode where it is missing.
	Directory
	// Kinds is the number of kinds.
	Kinds
)

// Mount is one thing to do to a new root, in the order of a list. The zero value,
// a bind of nothing on nothing, is none: package launch refuses a Target that is
// the root itself.
type Mount struct {
	Kind Kind
	// Source is a path in the old root, Target one in the new root.
	Source, Target string
	// Recursive takes the mounts below Source along.
	Recursive bool
	// Attr are those of Attributes, as in mount_setattr(2), to set. Where that is not to be had
	// and Recursive is set, the mounts below are found in /proc. Package launch refuses others:
	// mount(2) drops them, or resets how access times are kept.
	Attr uint64
	// Try leaves a bind out whose Source is not there.
	Try bool
	// Mode is that of a Directory, 0 for the usual one.
	Mode uint32
	// IDs maps the owners of files in a bind: the IDs on disk, Inner, are shown as
	// Outer; the zero IDs map none.
	IDs IDs
	// Data is explained at Kind.
	Data string
}

// Attributes are the MOUNT_ATTR_* that a Mount may set.
const Attributes = attrRdonly | attrNosuid | attrNodev | attrNoexec

// IDs maps so many IDs, from Inner on, to those from Outer on.
type IDs struct{ Inner, Outer, Count uint32 }

// parseIDs reads INNER:OUTER:COUNT.
func parseIDs(text string) (IDs, bool) {
	var numbers [3]uint32
	parts := strings.Split(text, ":")
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil || len(parts) != len(numbers) {
			return IDs{}, false
		}
		numbers[i] = uint32(n)
	}
	return IDs{numbers[0], numbers[1], numbers[2]}, numbers[2] != 0
}

// Why a text describes no mount.
var (
	ErrNoDestination = errors.New("no destination given")
	ErrOption        = errors.New("unknown mount option")
	ErrColons        = errors.New("too many colons (one in a path is written \\: here)")
)

// ParseBind reads SOURCE:DESTINATION[:OPTION,...]. A colon in a path is
// written \:, a backslash \\.
func ParseBind(text string) (Mount, error) {
	source, rest, found := cutColon(text)
	target, options, _ := cutColon(rest)
	m := Mount{Kind: Bind, Source: unescape(source), Target: unescape(target)}
	switch {
	case !found || source == "" || target == "":
		return m, ErrNoDestination
	case strings.Contains(withoutIDs(options), ":"):
		return m, ErrColons
	}
	return m, m.options(options)
}

// ParseSymlink reads TARGET:DESTINATION, escaped as in [ParseBind].
func ParseSymlink(text string) (Mount, error) {
	source, target, found := cutColon(text)
	_, _, more := cutColon(target)
	switch {
	case !found || source == "" || target == "":
		return Mount{}, ErrNoDestination
	case more:
		return Mount{}, ErrColons
	}
	return Mount{Kind: Symlink, Source: unescape(source), Target: unescape(target)}, nil
}

// ParseDirectory reads DESTINATION[:mode=OCTAL].
func ParseDirectory(text string) (Mount, error) {
	target, option, found := cutColon(text)
	m := Mount{Kind: Directory, Target: unescape(target)}
	if target == "" {
		return m, ErrNoDestination
	}
	if !found {
		return m, nil
	}
	digits, ok := strings.CutPrefix(option, "mode=")
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '7' || i > 4 {
			return m, ErrOption
		}
		m.Mode = m.Mode<<3 | uint32(digits[i]-'0')
	}
	if !ok || m.Mode == 0 || m.Mode > 0o7777 {
		return m, ErrOption
	}
	return m, nil
}

// ParseTmpfs reads DESTINATION[:OPTION,...]; the options are the kernel's, see
// tmpfs(5).
func ParseTmpfs(text string) (Mount, error) {
	target, data, _ := cutColon(text)
	m := Mount{Kind: Tmpfs, Target: unescape(target), Data: data}
	if target == "" {
		return m, ErrNoDestination
	}
	return m, nil
}

// ParseFile reads TEXT:DESTINATION, split at the last colon. The text of the
// file ends in exactly one newline.
func ParseFile(text string) (Mount, error) {
	i := strings.LastIndexByte(text, ':')
	if i < 0 || i == len(text)-1 {
		return Mount{}, ErrNoDestination
	}
	return Mount{Kind: File, Target: text[i+1:], Data: strings.TrimRight(text[:i], "\n") + "\n"}, nil
}

// attributes are the words behind a bind that stand for an attribute, with what
// they are for mount_setattr(2) and for mount(2).
var attributes = [...]struct {
	word string
	attr uint64
	flag uintptr
}{
	{"ro", attrRdonly, msRdonly},
	{"nosuid", attrNosuid, msNosuid},
	{"nodev", attrNodev, msNodev},
	{"noexec", attrNoexec, msNoexec},
}

// options reads the words behind a bind.
func (m *Mount) options(list string) error {
	for more := list != ""; more; {
		var word string
		word, list, more = strings.Cut(list, ",")
		if !m.option(word) {
			return ErrOption
		}
	}
	return nil
}

// withoutIDs leaves the value of idmap= out, which has colons.
func withoutIDs(options string) string {
	before, after, found := strings.Cut(options, "idmap=")
	if !found {
		return options
	}
	_, rest, _ := strings.Cut(after, ",")
	return before + rest
}

// option sets what one word stands for.
func (m *Mount) option(word string) bool {
	if text, ok := strings.CutPrefix(word, "idmap="); ok {
		m.IDs, ok = parseIDs(text)
		return ok
	}
	switch word {
	case "rec":
		m.Recursive = true
		return true
	case "try":
		m.Try = true
		return true
	}
	for i := range attributes {
		if attributes[i].word == word {
			m.Attr |= attributes[i].attr
			return true
		}
	}
	return false
}

// MountFlags are the flags of mount(2) for Attributes; it leaves out others.
func (m *Mount) MountFlags() uintptr {
	var flags uintptr
	for i := range attributes {
		if m.Attr&attributes[i].attr != 0 {
			flags |= attributes[i].flag
		}
	}
	return flags
}

// cutColon cuts around the first colon that is not escaped.
func cutColon(text string) (before, after string, found bool) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case ':':
			return text[:i], text[i+1:], true
		}
	}
	return text, "", false
}

// unescape takes the backslashes out of a path.
func unescape(path string) string {
	if !strings.Contains(path, `\`) {
		return path
	}
	var plain strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] == '\\' && i+1 < len(path) {
			i++
		}
		plain.WriteByte(path[i])
	}
	return plain.String()
}

// Components appends to list the names on the way from a root to a path in it, "."
// and empty ones left out, ".." carried out: there is nothing above a root. It
// knows words only; what is a link on the way leads elsewhere.
func Components(list []string, path string) []string {
	for more := true; more; {
		var name string
		name, path, more = strings.Cut(path, "/")
		switch name {
		case "", ".":
		case "..":
			list = list[:max(len(list)-1, 0)]
		default:
			list = append(list, name)
		}
	}
	return list
}

// IsRoot reports whether a path in a root is the root itself, on which nothing
// can be mounted.
func IsRoot(path string) bool {
	var buffer [16]string
	return len(Components(buffer[:0], path)) == 0
}
