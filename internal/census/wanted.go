package census

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// Wanted says which mounts [Snapshot.Mounted] looks for: those of some file systems,
// those on a directory, and overlays that have a directory for a layer.
type Wanted struct {
	// Devices are the file systems. With a Root other than "" and "/" only mounts
	// of that directory in them, or of one below it, count.
	Devices []Device
	Root    string
	// Sources are names that a file system with a device of its own number can have for its source.
	Sources []string
	// Spot is a directory by the file system that it is in and its path in
	// that, whatever its path is elsewhere; a Path of "" stands for none.
	Spot Spot
	// Path is a mount point as each namespace sees it, "" for none.
	Path string
	// Layers are paths of directories that overlays may consist of.
	Layers []string
}

// Spot is a directory of a file system.
type Spot struct {
	Device Device
	Path   string
}

// Why is what makes a mount one that was looked for.
type Why uint8

const (
	// SameFS is a mount of one of the file systems.
	SameFS Why = iota
	// OnSpot is a mount on the directory, or below it.
	OnSpot
	// OnMount is a mount on one that was looked for: it keeps that busy.
	OnMount
	// AsLayer is an overlay with the directory, or one below it, as a layer.
	AsLayer
)

// Mounted is a mount that was looked for.
type Mounted struct {
	Mounting
	// Namespace is the mount namespace that has it.
	Namespace Inode
	// PID is the process as whose mount table has it the paths are, 0 for those of the
	// namespace's root directory; Chroot says that its root is another directory.
	PID    int
	Chroot bool
	Why    Why
	// Covered says that something else is mounted at the same point, over it.
	Covered bool
	// Layer is the part of an AsLayer: lowerdir, upperdir, workdir or datadir.
	Layer string
}

// matcher is a Wanted, ready to be compared with many tables.
type matcher struct {
	*Wanted
	// needles are texts one of which is in every line of interest.
	needles [][]byte
	devices [][]byte
	sources [][]byte
}

func newMatcher(w *Wanted) *matcher {
	m := &matcher{Wanted: w}
	for _, d := range w.Devices {
		m.devices = append(m.devices, []byte(d.String()))
		m.need(" " + d.String() + " ")
	}
	for _, source := range w.Sources {
		m.sources = append(m.sources, escape(source))
		m.need(" " + string(escape(source)) + " ")
	}
	for _, path := range []string{w.Path, w.Spot.Path} {
		if base := path[strings.LastIndexByte(path, '/')+1:]; base != "" {
			m.need("/" + string(escape(base)))
		}
	}
	for _, layer := range w.Layers {
		if layer != "/" { // every path is below it: nobody could be told
			plain := layer // the rest is written in another way in options
			if at := strings.IndexAny(layer, `:,\`); at >= 0 {
				plain = layer[:at]
			}
			m.need(string(escape(plain)))
		}
	}
	return m
}

// need adds a text. It is not inlined: a copy for each caller would be half a kilobyte.
//
//go:noinline
func (m *matcher) need(text string) { m.needles = append(m.needles, []byte(text)) }

// match lists what a mount table has of interest.
func (m *matcher) match(text []byte) []Mounted {
	if !m.concerns(text) {
		return nil
	}
	var found []Mounted
	for line := range bytes.Lines(text) {
		if m.concerns(line) {
			if l, ok := parseRawLine(bytes.TrimSuffix(line, []byte{'\n'})); ok {
				found = m.line(found, &l, text)
			}
		}
	}
	return withMountsOn(found, text)
}

func (m *matcher) concerns(text []byte) bool {
	return slices.ContainsFunc(m.needles, func(needle []byte) bool { return bytes.Contains(text, needle) })
}

// line adds what one line comes to.
func (m *matcher) line(found []Mounted, l *rawLine, text []byte) []Mounted {
	is := func(field []byte) func([]byte) bool {
		return func(one []byte) bool { return bytes.Equal(one, field) }
	}
	switch {
	case slices.ContainsFunc(m.devices, is(l.device)) && m.hasRoot(l), slices.ContainsFunc(m.sources, is(l.source)):
		return append(found, Mounted{Mounting: l.mounting(), Why: SameFS})
	case m.onSpot(l, text):
		return append(found, Mounted{Mounting: l.mounting(), Why: OnSpot})
	case string(l.fstype) == "overlay":
		if layer := m.layer(l.fileOptions); layer != "" {
			return append(found, Mounted{Mounting: l.mounting(), Why: AsLayer, Layer: layer})
		}
	}
	return found
}

// deleted follows the paths of directories that are gone.
const deleted = "//deleted"

func (m *matcher) hasRoot(l *rawLine) bool {
	return m.Root == "" || m.Root == "/" || below(strings.TrimSuffix(unescape(l.root), deleted), m.Root)
}

// onSpot tells whether a mount is on the directory or below it. The
// directory's path is another one where its file system is mounted elsewhere:
// the mount below says which path it is there.
func (m *matcher) onSpot(l *rawLine, text []byte) bool {
	point := strings.TrimSuffix(unescape(l.point), deleted)
	if m.Path != "" && below(point, m.Path) {
		return true
	}
	if m.Spot.Path == "" || m.Spot.Path == "/" {
		return false
	}
	under, ok := findLine(text, l.parent)
	if !ok || string(under.device) != m.Spot.Device.String() {
		return false
	}
	at := unescape(under.point)
	return below(point, at) && below(join(unescape(under.root), relative(point, at)), m.Spot.Path)
}

// findLine finds the line of a mount.
func findLine(text []byte, id uint64) (rawLine, bool) {
	for line := range bytes.Lines(text) {
		number, _, _ := bytes.Cut(line, []byte{' '})
		if n, ok := parseDigits(number); ok && n == id {
			return parseRawLine(bytes.TrimSuffix(line, []byte{'\n'}))
		}
	}
	return rawLine{}, false
}

// layer tells which part of an overlay is one of the directories, "" for none. A comma in a
// path is written in octal, a colon in lowerdir with a backslash; lowerdir+ has one path as it is.
func (m *matcher) layer(options []byte) string {
	for option := range bytes.SplitSeq(options, []byte{','}) {
		name, value, _ := strings.Cut(unescape(option), "=")
		var paths []string
		switch name {
		case "lowerdir":
			for _, path := range splitEscaped(value, ':') {
				paths = append(paths, unslashed(path))
			}
		case "upperdir", "workdir":
			paths = []string{unslashed(value)}
		case "lowerdir+", "datadir+":
			paths = []string{value}
		}
		for _, path := range paths {
			if slices.ContainsFunc(m.Layers, func(layer string) bool { return layer != "/" && below(path, layer) }) {
				return strings.TrimSuffix(name, "+")
			}
		}
	}
	return ""
}

// unslashed is a text without the backslashes that make the next byte an ordinary one.
func unslashed(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// splitEscaped splits at a byte that no backslash stands before.
func splitEscaped(text string, at byte) []string {
	var parts []string
	start := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case at:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// withMountsOn adds the mounts that are on those found, and notes which of these
// are covered.
func withMountsOn(found []Mounted, text []byte) []Mounted {
	if len(found) == 0 {
		return nil
	}
	index := make(map[uint64]int, len(found))
	for i := range found {
		index[found[i].ID] = i
	}
	for line := range bytes.Lines(text) {
		id, parent, ok := numbers(line)
		if !ok {
			continue
		}
		i, on := index[parent]
		if !on || found[i].Why == AsLayer || id == parent {
			continue
		}
		l, ok := parseRawLine(bytes.TrimSuffix(line, []byte{'\n'}))
		if !ok {
			continue
		}
		if upper := l.mounting(); upper.Point == found[i].Point {
			found[i].Covered = true
		} else if _, itself := index[id]; !itself {
			found = append(found, Mounted{Mounting: upper, Why: OnMount})
		}
	}
	return found
}

// numbers are the first two fields of a line.
func numbers(line []byte) (id, parent uint64, ok bool) {
	first, rest, _ := bytes.Cut(line, []byte{' '})
	second, _, _ := bytes.Cut(rest, []byte{' '})
	id, ok = parseDigits(first)
	parent, okParent := parseDigits(second)
	return id, parent, ok && okParent
}

func compareMounted(a, b *Mounted) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Why, b.Why), cmp.Compare(a.ID, b.ID))
}
