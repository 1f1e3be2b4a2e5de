//go:build linux

package rootfs

import (
	"archive/tar"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// file writes a regular file.
func (u *unpacker) file(h *tar.Header, name string) error {
	if err := u.fits(h); err != nil {
		return err
	}
	f, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := copyWithHoles(f, u.reader); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// fits says whether a file can have room. Sparse files may take none, but reading
// their zeros takes time: together they are no larger than the file system.
func (u *unpacker) fits(h *tar.Header) error {
	var st unix.Statfs_t
	if h.Size < minChecked || unix.Fstatfs(int(u.top.Fd()), &st) != nil || st.Blocks == 0 || st.Bsize <= 0 {
		return nil // a file system without a limit has 0 blocks
	}
	size, room := h.Size, st.Bavail
	if isSparse(h) {
		u.sparse += h.Size
		size, room = u.sparse, st.Blocks
	}
	if size < 0 || uint64(size)/uint64(st.Bsize) > room {
		return unix.ENOSPC
	}
	return nil
}

// minChecked is the size from which on a file is checked for room: the calls are
// not worth it for small ones.
const minChecked = 64 << 10

// isSparse says whether an archive has only the data of a file and where it lies.
func isSparse(h *tar.Header) bool {
	if h.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// page is the unit of holes.
const page = 4096

var zeros [page]byte

// copyWithHoles copies what is read to an empty file, but for pages of zeros.
func copyWithHoles(f *os.File, from io.Reader) error {
	buffer := make([]byte, 16*page)
	for size := int64(0); ; {
		n, err := fill(from, buffer)
		if failed := writeData(f, buffer[:n], size); failed != nil {
			return failed
		}
		size += int64(n)
		switch err {
		case nil:
		case io.EOF:
			return f.Truncate(size)
		default:
			return err
		}
	}
}

// fill is io.ReadFull that tells the end of a member, EOF, from that of an archive
// that is cut.
func fill(from io.Reader, buffer []byte) (n int, err error) {
	for n < len(buffer) && err == nil {
		var more int
		more, err = from.Read(buffer[n:])
		n += more
	}
	return n, err
}

// writeData writes the pages that are not zeros, those that follow each other at once.
func writeData(f *os.File, data []byte, offset int64) error {
	for start := 0; start < len(data); {
		end := start
		for end < len(data) && !isZero(data[end:min(end+page, len(data))]) {
			end = min(end+page, len(data))
		}
		if end > start {
			if _, err := f.WriteAt(data[start:end], offset+int64(start)); err != nil {
				return err
			}
		}
		start = max(end, start+page)
	}
	return nil
}

func isZero(data []byte) bool { return string(data) == string(zeros[:len(data)]) }
