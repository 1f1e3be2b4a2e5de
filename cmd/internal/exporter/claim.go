package exporter

import (
	"errors"
	"io/fs"
	"os"

	"github.com/nskit/nskit/internal/rawfile"
)

var errNotRegular = errors.New("it is not a regular file, and is not replaced")

// claim is a state file that this process alone replaces, as long as its file is open: two exporters would
// each overwrite what the other one has counted. For one goroutine at a time.
type claim struct{ file *os.File }

// replace writes the state file.
func (c *claim) replace(path string, text []byte) error {
	if err := c.take(path); err != nil {
		return &fs.PathError{Op: "write", Path: path, Err: err}
	}
	file, err := writeState(path, text)
	if err != nil {
		return err
	}
	c.leave()
	c.file = file
	return nil
}

// take claims what is there: nothing, or a regular file of nobody else. A device would be lost by the renaming.
func (c *claim) take(path string) error {
	there, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !there.Mode().IsRegular() {
		return errNotRegular
	}
	if c.is(there) {
		return nil
	}
	c.leave()
	if c.file, err = os.OpenFile(path, os.O_RDONLY|openNonblock, 0); err != nil {
		return err
	}
	err = rawfile.Lock(c.file)
	if now, failed := os.Lstat(path); err == nil && (failed != nil || !c.is(now)) { // replaced meanwhile, by its owner
		err = rawfile.ErrLocked
	}
	if err != nil {
		c.leave()
	}
	return err
}

// is tells whether the claimed file is that one.
func (c *claim) is(there fs.FileInfo) bool {
	if c.file == nil {
		return false
	}
	own, err := c.file.Stat()
	return err == nil && os.SameFile(own, there)
}

// leave lets others have it.
func (c *claim) leave() {
	if c.file != nil {
		c.file.Close()
		c.file = nil
	}
}
