//go:build linux

package containers

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/nskit/nskit/internal/rawfile"
	"golang.org/x/sys/unix"
)

// Limits of what is read: a directory with more entries or a file that is
// larger gets an error and not a stall.
const (
	maxFile    = 4 << 20
	maxEntries = 1 << 14
)

var (
	errTooLarge   = rawfile.ErrTooLarge
	errNotRegular = errors.New("not a regular file")
)

// read returns the containers of one source.
func (s source) read() (found []entry, skipped []error) {
	files, skipped := glob(file{path: s.base}, strings.Split(s.pattern, "/"))
	for _, f := range files {
		entries, err := s.load(f)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			skipped = append(skipped, err)
		}
		found = append(found, entries...)
	}
	return found, skipped
}

func (s source) load(f file) ([]entry, error) {
	text, err := readFile(f.path, maxFile)
	if err != nil {
		return nil, err
	}
	found, err := s.parse(f.star(1), text)
	if err != nil {
		return nil, &fs.PathError{Op: "parse", Path: f.path, Err: err}
	}
	entries := make([]entry, len(found))
	for i, c := range found {
		c.Runtime, c.Source = s.runtime, f.path
		if s.namespaced {
			c.Namespace = f.star(2)
		}
		entries[i] = entry{c, s.knows, s.knows == state && c.PID == 0}
	}
	return entries, nil
}

// file is a path and the parts of it that a * stood for.
type file struct {
	path  string
	stars []string
}

// star is one of these parts, counted from the end.
func (f file) star(n int) string {
	if n > len(f.stars) {
		return ""
	}
	return f.stars[len(f.stars)-n]
}

// glob follows the parts of a pattern from a directory on. Parts without a *
// are not looked up: the file that they lead to may well not exist.
func glob(from file, parts []string) (found []file, skipped []error) {
	for i, part := range parts {
		if !strings.Contains(part, "*") {
			from.path = path.Join(from.path, part)
			continue
		}
		names, err := entries(from.path, maxEntries)
		if err != nil {
			skipped = append(skipped, err)
		}
		for _, name := range names {
			if ok, _ := path.Match(part, name); !ok || !validName(name) {
				continue
			}
			below, errs := glob(file{path.Join(from.path, name), append(slices.Clip(from.stars), name)}, parts[i+1:])
			found, skipped = append(found, below...), append(skipped, errs...)
		}
		return found, skipped
	}
	return []file{from}, nil
}

// Files and directories are read with plain system calls: package os would
// start Go's poller, which takes descriptors that the caller may not have.

// entries lists a directory of at most limit entries; one that is not there has none.
func entries(dir string, limit int) ([]string, error) {
	names, err := rawfile.Names(dir, limit)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
		return nil, nil
	}
	return names, err
}

// readFile reads a regular file of at most limit bytes. It follows no symbolic
// link in the last part of name, and does not wait at a FIFO.
func readFile(name string, limit int) (string, error) { return readAt(unix.AT_FDCWD, name, limit) }

// readAt is readFile of a path below an open directory.
func readAt(dir int, name string, limit int) (string, error) {
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return "", &fs.PathError{Op: "open", Path: name, Err: err}
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err = unix.Fstat(fd, &st); err == nil && st.Mode&unix.S_IFMT != unix.S_IFREG {
		err = errNotRegular
	}
	var text []byte
	if err == nil {
		text, err = readAll(fd, limit)
	}
	if err != nil {
		return "", &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return string(text), nil
}

// readAll reads what is left behind a descriptor, at most limit bytes.
func readAll(fd, limit int) ([]byte, error) {
	var text []byte
	chunk := make([]byte, 4096)
	for {
		n, err := unix.Read(fd, chunk)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return nil, err
		case n == 0:
			return text, nil
		case len(text)+n > limit:
			return nil, errTooLarge
		default:
			text = append(text, chunk[:n]...)
		}
	}
}
