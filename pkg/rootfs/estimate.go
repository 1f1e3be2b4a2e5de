//go:build linux

package rootfs

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// estimate is what archives take that are unpacked one over the other, by their
// headers: at least. Where a member takes the place of what is not known to be one
// file, what was there before counts as gone.
type estimate struct {
	room room
	// taken has the blocks of each name, isDirectory for a directory; used their sum.
	taken map[string]int64
	used  int64
}

const isDirectory = -1

// archive adds an archive, and fails at the first member that has no room.
func (e *estimate) archive(content *io.SectionReader) error {
	s := &skimmer{file: content, Reader: bufio.NewReaderSize(content, 64<<10)}
	if isGzip(content) {
		unpacked, err := gzip.NewReader(s.Reader)
		if err != nil {
			return nil
		}
		s = &skimmer{Reader: bufio.NewReaderSize(unpacked, 64<<10)}
	}
	return e.members(s)
}

// members adds an archive's members. What a sparse one has is what is skipped after
// it. An archive that is broken ends here; unpacking it says how.
func (e *estimate) members(s *skimmer) error {
	var sparse *tar.Header
	for reader := tar.NewReader(s); ; {
		before := s.skipped
		h, err := reader.Next()
		if sparse != nil {
			if err := e.add(sparse, s.skipped-before); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
		if sparse = nil; isSparse(h) {
			sparse = h
		} else if err := e.add(h, h.Size); err != nil {
			return err
		}
	}
}

// add adds a member with so many bytes of data.
func (e *estimate) add(h *tar.Header, size int64) error {
	name, err := clean(h.Name)
	if err != nil || name == "." {
		return nil
	}
	if base := path.Base(name); strings.HasPrefix(base, whiteout) {
		e.gone(path.Join(path.Dir(name), strings.TrimPrefix(base, whiteout)))
		return nil
	}
	if e.throughLink(name) {
		return nil
	}
	old, known := e.taken[name]
	switch h.Typeflag {
	case tar.TypeDir:
		if known && old == isDirectory {
			return nil
		}
		size = isDirectory
	case tar.TypeReg, tar.TypeGNUSparse:
		size = blocks(size, e.room.block)
	case tar.TypeLink, tar.TypeSymlink, tar.TypeFifo, tar.TypeChar, tar.TypeBlock:
		size = 0
	default:
		return nil
	}
	if known {
		e.gone(name)
	}
	if h.Typeflag == tar.TypeLink {
		return nil // what it leads to has been counted
	}
	e.taken[name] = size
	e.used += max(size, 0)
	if e.room.blocks >= 0 && e.used > e.room.blocks || e.room.inodes >= 0 && int64(len(e.taken)) > e.room.inodes {
		return fmt.Errorf("%q: %w", h.Name, unix.ENOSPC)
	}
	return nil
}

// throughLink says whether a member's path leads through what is no directory, and
// notes the directories in it.
func (e *estimate) throughLink(name string) bool {
	known := path.Dir(name)
	for known != "." {
		kind, ok := e.taken[known]
		if ok && kind != isDirectory {
			return true
		}
		if ok {
			break
		}
		known = path.Dir(known)
	}
	for dir := path.Dir(name); dir != known; dir = path.Dir(dir) {
		e.taken[dir] = isDirectory
	}
	return false
}

// gone takes away what has a name, everything if that is not known to be one file.
func (e *estimate) gone(name string) {
	size, known := e.taken[name]
	if !known || size == isDirectory {
		clear(e.taken)
		e.used = 0
		return
	}
	delete(e.taken, name)
	e.used -= size
}

// blocks are what a number of bytes takes.
func blocks(size, block int64) int64 {
	if size <= 0 {
		return 0
	}
	return (size-1)/block + 1
}

// skimmer is an archive of which only the headers are wanted. archive/tar moves on
// over the data of a member with Seek, and over nothing else.
type skimmer struct {
	*bufio.Reader
	// file is what Reader reads if it can be moved on in.
	file    *io.SectionReader
	skipped int64
}

// Seek moves on from where it is.
func (s *skimmer) Seek(n int64, _ int) (int64, error) {
	s.skipped += n
	buffered := int64(s.Buffered())
	if s.file == nil || n <= buffered {
		_, err := io.CopyN(io.Discard, s.Reader, n)
		return s.skipped, err
	}
	_, err := s.file.Seek(n-buffered, io.SeekCurrent)
	s.Reset(s.file)
	return s.skipped, err
}
