//go:build linux

package rootfs

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// room is what a file system has left, in its blocks. A limit that it does not have
// is -1.
type room struct{ block, blocks, inodes int64 }

// roomOf asks a root's file system.
func roomOf(root *os.Root) room {
	var st unix.Statfs_t
	top, err := root.Open(".")
	if err != nil {
		return room{1, -1, -1}
	}
	defer top.Close()
	if unix.Fstatfs(int(top.Fd()), &st) != nil || st.Bsize <= 0 {
		return room{1, -1, -1}
	}
	r := room{int64(st.Bsize), int64(st.Bavail), int64(st.Ffree)}
	if st.Blocks == 0 {
		r.blocks = -1
	}
	if st.Files == 0 {
		r.inodes = -1
	}
	return r
}

// A member of an archive has a header of one tarBlock or more, and its data fills whole
// ones. Gzip makes nothing smaller than to a part of maxRatio.
const (
	tarBlock = 512
	maxRatio = 1032
)

// holdsAny says whether archives have room whatever is in them: then their headers
// need not be read. Directories that they only imply are not thought of.
func (r room) holdsAny(archives []*io.SectionReader) bool {
	var most, members int64
	for _, archive := range archives {
		if archive == nil {
			continue
		}
		size := archive.Size()
		if isGzip(archive) {
			size = min(size, 1<<40) * maxRatio
		}
		// Each file has a single byte, or fills its blocks.
		most += blocks(size, r.block) * max(r.block/(2*tarBlock), 1)
		members += size / tarBlock
	}
	return (r.blocks < 0 || most < r.blocks) && (r.inodes < 0 || members < r.inodes)
}

func isGzip(archive io.ReaderAt) bool {
	var begins [len(gzipMagic)]byte
	n, _ := archive.ReadAt(begins[:], 0)
	return string(begins[:n]) == gzipMagic
}

// again is an archive that can be read twice.
type again interface {
	io.ReaderAt
	io.Seeker
}

// ahead is what is left of an archive to read, to be read without moving on in it;
// nil for one that can only be read once, such as a pipe. It fails where the archive cannot be
// read from where it was any more.
func ahead(archive io.Reader) (*io.SectionReader, error) {
	file, ok := archive.(again)
	if !ok {
		return nil, nil
	}
	at, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, nil
	}
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, nil // it is where it was
	}
	if _, err := file.Seek(at, io.SeekStart); err != nil || end <= at {
		return nil, err
	}
	return io.NewSectionReader(file, at, end-at), nil
}

// roomFor refuses archives that an empty root has no room for when they are unpacked
// one over the other, before anything is written. Each that is done gives its own
// memory back, as layers of an image do. What cannot be read twice, or not as an
// archive, passes.
func roomFor(root *os.Root, archives ...io.Reader) (failed int, err error) {
	contents := make([]*io.SectionReader, len(archives))
	for i, archive := range archives {
		if contents[i], err = ahead(archive); err != nil {
			return i, err
		}
	}
	e := estimate{room: roomOf(root), taken: map[string]int64{}}
	if e.room.holdsAny(contents) {
		return 0, nil
	}
	for i, content := range contents {
		if content == nil {
			continue
		}
		if err := e.archive(content); err != nil {
			return i, err
		}
		if e.room.blocks >= 0 {
			e.room.blocks += blocks(content.Size(), e.room.block)
		}
	}
	return 0, nil
}
