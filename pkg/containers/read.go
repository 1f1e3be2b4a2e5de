package containers

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// Limits of what is read: a directory with more entries or a file that is
// larger gets an error and not a stall.
const (
	maxFile    = 4 << 20
	maxEntries = 1 << 14
)

var (
	errTooLarge   = errors.New("too large")
	errNotRegular = errors.New("not a regular file")
)

// read returns the containers of one source.
func (s source) read() (found []Container, skipped []error) {
	files, skipped := glob(file{path: s.base}, strings.Split(s.pattern, "/"))
	for _, f := range files {
		containers, err := s.load(f)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			skipped = append(skipped, err)
		}
		found = append(found, containers...)
	}
	return found, skipped
}

func (s source) load(f file) ([]Container, error) {
	text, err := readFile(f.path, maxFile)
	if err != nil {
		return nil, err
	}
	found, err := s.parse(f.star, text)
	if err != nil {
		return nil, &fs.PathError{Op: "parse", Path: f.path, Err: err}
	}
	for i := range found {
		found[i].Runtime, found[i].Source = s.runtime, f.path
	}
	return found, nil
}

// file is a path and the last of its parts that a * stood for.
type file struct{ path, star string }

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
			below, errs := glob(file{path.Join(from.path, name), name}, parts[i+1:])
			found, skipped = append(found, below...), append(skipped, errs...)
		}
		return found, skipped
	}
	return []file{from}, nil
}

// entries lists a directory of at most limit entries; one that is not there has none.
func entries(dir string, limit int) ([]string, error) {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(limit + 1)
	switch {
	case err == io.EOF, errors.Is(err, unix.ENOTDIR):
		return nil, nil
	case len(names) > limit:
		return nil, &fs.PathError{Op: "list", Path: dir, Err: errTooLarge}
	}
	return names, err
}

// readFile reads a regular file of at most limit bytes. It follows no symbolic
// link in the last part of name, and does not wait at a FIFO.
func readFile(name string, limit int64) (string, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", &fs.PathError{Op: "read", Path: name, Err: errNotRegular}
	}
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = &fs.PathError{Op: "read", Path: name, Err: errTooLarge}
	}
	return string(text), err
}
