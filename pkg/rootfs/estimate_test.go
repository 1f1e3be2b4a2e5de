package rootfs

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// sized makes an archive of members with so many bytes as their Size says.
func sized(compress bool, members ...tar.Header) *io.SectionReader {
	var b bytes.Buffer
	var out io.Writer = &b
	if compress {
		out = gzip.NewWriter(&b)
	}
	w := tar.NewWriter(out)
	for _, h := range members {
		w.WriteHeader(&h)
		w.Write(bytes.Repeat([]byte("x"), int(h.Size)))
	}
	w.Close()
	if c, ok := out.(io.Closer); ok {
		c.Close()
	}
	return io.NewSectionReader(bytes.NewReader(b.Bytes()), 0, int64(b.Len()))
}

func TestEstimate(t *testing.T) {
	member := func(kind byte, name string, size int64) tar.Header {
		return tar.Header{Typeflag: kind, Name: name, Size: size, Mode: 0o644}
	}
	file := func(name string, size int64) tar.Header { return member(tar.TypeReg, name, size) }
	one := func(members ...tar.Header) [][]tar.Header { return [][]tar.Header{members} }
	for name, c := range map[string]struct {
		layers         [][]tar.Header
		blocks, inodes int64
	}{
		"files":               {one(file("a", 1), file("b", 4096), file("c", 4097), file("d", 200000)), 53, 4},
		"nothing":             {one(file("a", 0), member(tar.TypeDir, "d/", 0), member(tar.TypeSymlink, "l", 0)), 0, 3},
		"implied directories": {one(file("a/b/c", 1), file("a/b/d", 1), file("a/e/f", 1), member(tar.TypeDir, "a/b/", 0)), 3, 6},
		"hard links":          {one(file("a", 8192), member(tar.TypeLink, "b", 0), member(tar.TypeLink, "c", 0)), 2, 1},
		"a name once more":    {one(file("a", 8192), file("./a", 8192), file("b", 1)), 3, 2},
		"whiteout of a file":  {[][]tar.Header{{file("a/x", 8192), file("a/y", 1)}, {file("a/.wh.x", 0), file("a/z", 4096)}}, 3, 3},
		"two layers":          {[][]tar.Header{{file("a/x", 8192)}, {file("a/y", 8192)}}, 4, 3},
		"the same twice":      {[][]tar.Header{{file("a/x", 8192)}, {file("a/x", 8192)}}, 2, 2},
		"opaque":              {[][]tar.Header{{file("a/x", 81920)}, {file("a/.wh..wh..opq", 0), file("a/y", 1)}}, 20, 2},
		"file for directory":  {[][]tar.Header{{file("a/x", 81920)}, {member(tar.TypeSymlink, "a", 0), file("b", 1)}}, 20, 2},
		"through a link":      {one(member(tar.TypeSymlink, "l", 0), file("r", 4096), file("l/x", 4096)), 1, 2},
	} {
		for _, compress := range []bool{false, true} {
			refused := func(blocks, inodes int64) bool {
				e := estimate{room: room{4096, blocks, inodes}, taken: map[string]int64{}}
				for _, layer := range c.layers {
					if err := e.archive(sized(compress, layer...)); errors.Is(err, unix.ENOSPC) {
						return true
					}
				}
				return false
			}
			if refused(c.blocks, c.inodes) || refused(-1, -1) {
				t.Errorf("%s: refused with %d blocks, %d inodes", name, c.blocks, c.inodes)
			}
			if c.blocks > 0 && !refused(c.blocks-1, c.inodes) || !refused(c.blocks, c.inodes-1) {
				t.Errorf("%s: not refused with less than %d blocks, %d inodes", name, c.blocks, c.inodes)
			}
		}
	}
}

// TestEstimateSparse counts what a sparse member has, not what it becomes. It is 4 GiB
// large, with 5000 bytes in two places.
func TestEstimateSparse(t *testing.T) {
	old := sized(false, tar.Header{Typeflag: tar.TypeReg, Name: "s", Size: 5000, Mode: 0o644, Format: tar.FormatGNU}, tar.Header{Typeflag: tar.TypeReg, Name: "z", Size: 1})
	text, _ := io.ReadAll(old)
	header := text[:512]
	header[156] = tar.TypeGNUSparse
	for i, field := range []string{"00000000000\x00", "00000004000\x00", "37777772000\x00", "00000005610\x00"} {
		copy(header[386+12*i:], field)
	}
	copy(header[483:], "37777777777\x00")
	copy(header[148:], "        ")
	sum := 0
	for _, b := range header {
		sum += int(b)
	}
	copy(header[148:], []byte{'0', byte('0' + sum>>12&7), byte('0' + sum>>9&7), byte('0' + sum>>6&7), byte('0' + sum>>3&7), byte('0' + sum&7), 0, ' '})
	for blocks, want := range map[int64]bool{3: true, 2: false} {
		e := estimate{room: room{4096, blocks, -1}, taken: map[string]int64{}}
		err := e.archive(io.NewSectionReader(bytes.NewReader(text), 0, int64(len(text))))
		if (err == nil) != want || e.taken["s"] != 2 {
			t.Errorf("%d blocks: %v, takes %v", blocks, err, e.taken)
		}
	}
}

// FuzzEstimate adds up any archive, in two layers: the sum is that of the names.
func FuzzEstimate(f *testing.F) {
	text, _ := io.ReadAll(sized(false, tar.Header{Typeflag: tar.TypeReg, Name: "a/b", Size: 5, Mode: 0o644}, tar.Header{Typeflag: tar.TypeReg, Name: "a/.wh.b"}))
	f.Add(text)
	f.Fuzz(func(t *testing.T, archive []byte) {
		e := estimate{room: room{4096, -1, -1}, taken: map[string]int64{}}
		for range 2 {
			if err := e.archive(io.NewSectionReader(bytes.NewReader(archive), 0, int64(len(archive)))); err != nil {
				t.Fatal(err)
			}
		}
		sum := int64(0)
		for _, blocks := range e.taken {
			sum += max(blocks, 0)
		}
		if sum != e.used {
			t.Errorf("used %d, the names have %d", e.used, sum)
		}
	})
}

// onlyAhead is an archive that must not be read but ahead.
type onlyAhead struct{ *os.File }

var errBegun = errors.New("unpacking has begun")

func (onlyAhead) Read([]byte) (int, error) { return 0, errBegun }

// TestNoRoomTogether has members of which each has room.
func TestNoRoomTogether(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	free := roomOf(root)
	if free.blocks < 3 {
		testkit.Skip(t, testkit.NeedsKernel("a limit of the file system for tests"))
	}
	archive, err := os.Create(t.TempDir() + "/archive")
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	for _, name := range []string{"a", "b", "c", "d"} {
		var b bytes.Buffer
		h := tar.Header{Typeflag: tar.TypeReg, Name: name, Size: free.blocks / 3 * free.block, Mode: 0o644}
		if err := tar.NewWriter(&b).WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		archive.Write(b.Bytes())
		archive.Seek(h.Size, io.SeekCurrent)
	}
	end, _ := archive.Seek(0, io.SeekCurrent)
	archive.Truncate(end)
	archive.Seek(0, io.SeekStart)
	err = Fill(root, onlyAhead{archive})
	if !errors.Is(err, unix.ENOSPC) || !strings.HasPrefix(err.Error(), `"d": `) && !strings.HasPrefix(err.Error(), `"c": `) {
		t.Error(err)
	}
	if at, _ := archive.Seek(0, io.SeekCurrent); at != 0 {
		t.Errorf("the archive is at %d", at)
	}
}
