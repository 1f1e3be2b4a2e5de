//go:build linux

package rootfs

import (
	"bufio"
	"compress/gzip"
	"io"
	"strings"
)

// UnreadableError is the error for what is no tar archive, but is known.
type UnreadableError struct {
	// Kind is what it is, "compressed with zstd" or "a zip archive".
	Kind string
	// Tool is the command that writes the tar archive in a file to its standard
	// output, without the file's name; "" if there is none.
	Tool string
}

func (e *UnreadableError) Error() string { return "it is " + e.Kind }

// kinds are what people take for archives of root file systems, by how it begins.
var kinds = [...]struct {
	magic string
	UnreadableError
}{
	{"\x28\xb5\x2f\xfd", UnreadableError{"compressed with zstd", "zstd -dc"}},
	{"\xfd7zXZ\x00", UnreadableError{"compressed with xz", "xz -dc"}},
	{"\x5d\x00\x00", UnreadableError{"compressed with lzma", "xz -dc"}},
	{"BZh", UnreadableError{"compressed with bzip2", "bzip2 -dc"}},
	{"\x04\x22\x4d\x18", UnreadableError{"compressed with lz4", "lz4 -dc"}},
	{"LZIP", UnreadableError{"compressed with lzip", "lzip -dc"}},
	{"\x89LZO", UnreadableError{"compressed with lzop", "lzop -dc"}},
	{"\x1f\x9d", UnreadableError{"compressed with compress", "gzip -dc"}},
	{"!<arch>\ndebian", UnreadableError{"a Debian package", "dpkg-deb --fsys-tarfile"}},
	{"PK\x03\x04", UnreadableError{"a zip archive", ""}},
	{"0707", UnreadableError{"a cpio archive", ""}},
	{"\xc7\x71", UnreadableError{"a cpio archive", ""}},
	{"hsqs", UnreadableError{"a squashfs image", ""}},
	{"7z\xbc\xaf\x27\x1c", UnreadableError{"a 7z archive", ""}},
}

// A tar archive since POSIX has its own mark, whatever its first member is called.
const (
	tarMark   = "ustar"
	tarMarkAt = 257
)

// gzipMagic begins what is compressed with gzip.
const gzipMagic = "\x1f\x8b"

// decompress looks whether an archive is compressed.
func decompress(archive io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(archive, 64<<10)
	begins, err := recognize(buffered)
	if err != nil || !strings.HasPrefix(begins, gzipMagic) {
		return buffered, err
	}
	content, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, err
	}
	inner := bufio.NewReaderSize(content, 64<<10)
	_, err = recognize(inner)
	return inner, err
}

// recognize looks at how something begins, and refuses what is known not to be readable.
func recognize(r *bufio.Reader) (begins string, err error) {
	peeked, err := r.Peek(tarMarkAt + len(tarMark))
	if err != nil && err != io.EOF && len(peeked) == 0 {
		return "", err
	}
	begins = string(peeked)
	if len(begins) > tarMarkAt && begins[tarMarkAt:] == tarMark {
		return begins, nil
	}
	for i := range kinds {
		if strings.HasPrefix(begins, kinds[i].magic) {
			return "", &kinds[i].UnreadableError
		}
	}
	return begins, nil
}
