//go:build linux

// Package rootfs fills a directory with a root file system, and empties one.
//
// [Unpack] reads a tar archive, plain or compressed with gzip, that may come
// from anybody: whatever its members are called and whatever links they make,
// nothing outside the directory is touched. [Fill] unpacks an image as well, as
// docker save, podman save and skopeo write it. Unpack knows the whiteouts of OCI
// layers, so that layers can be unpacked one after the other:
//
//	root, err := os.OpenRoot(dir)
//	for _, layer := range layers {
//		err = rootfs.Unpack(root, layer)
//	}
//
// Do not use it to unpack what is trusted and large: tar(1) is faster, and keeps
// what is left out here, such as extended attributes.
package rootfs

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// ErrEscapes is the error for a member that leaves the root: by its name, or as
// a hard link to a name outside.
var ErrEscapes = errors.New("it leaves the root")

// The names of the whiteouts, see the OCI image specification, "layer.md".
const (
	whiteout = ".wh."
	opaque   = ".wh..wh..opq"
)

// Unpack unpacks an archive into a root. It stops at the first member that
// cannot be made; what was unpacked until then stays. Device nodes that may not
// be made, as in a user namespace, are left out. Owners that are not mapped
// there stay the caller's.
//
// A member's path may lead through symbolic links that are there already, as it
// does for programs that run in the root: an absolute one begins there, and one that
// leads above it ends there.
// Pages of zeros become holes. A file that is larger than what the file system has
// left ends in ENOSPC before it is written, and so do sparse ones that are together
// larger than the whole of it. An archive says itself how large it becomes: give
// root a file system with a limit (tmpfs(5), size=).
//
// The error is [ErrEscapes], an [UnreadableError], that of archive, or has an error
// number of the file system inside, with the member's name before it. To give up halfway, have archive's Read fail. It
// needs no privilege; owners and device nodes take that of chown(2) and mknod(2).
// Nobody else may change the root meanwhile; two layers are unpacked one after
// the other.
func Unpack(root *os.Root, archive io.Reader) error {
	if root == nil || archive == nil {
		return os.ErrInvalid
	}
	content, err := decompress(archive)
	if err != nil {
		return err
	}
	u := unpacker{root: root, reader: tar.NewReader(content), made: map[string]bool{}, resolved: map[string]string{}}
	if u.top, err = root.Open("."); err != nil {
		return plain(err)
	}
	defer u.top.Close()
	for {
		header, err := u.reader.Next()
		switch {
		case err == io.EOF:
			return u.finishDirectories()
		case err != nil:
			return fmt.Errorf("reading the archive: %w", err)
		}
		if err := u.member(header); err != nil {
			return fmt.Errorf("%q: %w", header.Name, plain(err))
		}
	}
}

// plain is an error without the path and operation that os adds.
func plain(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	if err != nil && strings.Contains(err.Error(), "escapes") { // os has no name for it
		return ErrEscapes
	}
	return err
}

// unpacker is the unpacking of one archive.
type unpacker struct {
	root   *os.Root
	reader *tar.Reader
	// top is the root itself, and sparse the sum of the sizes of sparse files.
	top    *os.File
	sparse int64
	// resolved are directories by the paths that lead to them.
	resolved map[string]string
	// made has what this archive has made: an opaque whiteout spares it.
	made map[string]bool
	// directories get their modes in the end: one may forbid to write.
	directories []*tar.Header
}

// member makes one member.
func (u *unpacker) member(h *tar.Header) error {
	name, err := clean(h.Name)
	if err != nil || name == "." && h.Typeflag != tar.TypeDir {
		return err
	}
	if name, err = u.resolve(name); err != nil {
		return err
	}
	if err := u.parents(name); err != nil {
		return err
	}
	if base := path.Base(name); strings.HasPrefix(base, whiteout) {
		return u.whiteOut(path.Dir(name), base)
	}
	u.note(name)
	if h.Typeflag == tar.TypeDir {
		return u.directory(h, name)
	}
	if h.Typeflag == tar.TypeLink {
		return u.link(h, name)
	}
	if err := u.remove(name); err != nil {
		return err
	}
	if err := u.make(h, name); err != nil {
		return err
	}
	return u.own(h, name)
}

// remove makes room for a member. What was there may have been part of paths.
func (u *unpacker) remove(name string) error {
	if _, err := u.root.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	clear(u.resolved)
	return u.root.RemoveAll(name)
}

// link makes a hard link. One to the very file is there already.
func (u *unpacker) link(h *tar.Header, name string) error {
	target, err := clean(h.Linkname)
	if err != nil {
		return err
	}
	if target, err = u.resolve(target); err != nil || target == name {
		return err
	}
	if err := u.remove(name); err != nil {
		return err
	}
	return u.root.Link(target, name)
}

// note remembers that the archive has made a path and its parents.
func (u *unpacker) note(name string) {
	for ; name != "." && !u.made[name]; name = path.Dir(name) {
		u.made[name] = true
	}
}

// directory makes a directory unless it is there: with layers that is common.
func (u *unpacker) directory(h *tar.Header, name string) error {
	info, err := u.root.Lstat(name)
	if err == nil && !info.IsDir() {
		if err := u.remove(name); err != nil {
			return err
		}
	}
	if err != nil || !info.IsDir() {
		if err := u.root.Mkdir(name, 0o700); err != nil {
			return err
		}
	}
	named := *h
	named.Name = name
	u.directories = append(u.directories, &named)
	return nil
}

// finishDirectories gives the directories their owners and modes, the innermost
// first.
func (u *unpacker) finishDirectories() error {
	finished := map[string]bool{}
	for i := len(u.directories) - 1; i >= 0; i-- {
		h := u.directories[i]
		info, err := u.root.Lstat(h.Name)
		if err != nil || !info.IsDir() || finished[h.Name] {
			continue // a later member took its place
		}
		finished[h.Name] = true
		if err := u.own(h, h.Name); err != nil {
			return fmt.Errorf("%q: %w", h.Name, plain(err))
		}
	}
	return nil
}

// make makes what is no directory.
func (u *unpacker) make(h *tar.Header, name string) error {
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse:
		return u.file(h, name)
	case tar.TypeSymlink:
		return u.root.Symlink(h.Linkname, name)
	case tar.TypeFifo:
		return u.node(name, unix.S_IFIFO, 0)
	case tar.TypeChar:
		return u.node(name, unix.S_IFCHR, unix.Mkdev(uint32(h.Devmajor), uint32(h.Devminor)))
	case tar.TypeBlock:
		return u.node(name, unix.S_IFBLK, unix.Mkdev(uint32(h.Devmajor), uint32(h.Devminor)))
	}
	return nil // extensions that say nothing about the tree
}

// node makes a special file in the directory that it belongs to.
func (u *unpacker) node(name string, kind uint32, device uint64) error {
	dir, err := u.root.Open(path.Dir(name))
	if err != nil {
		return err
	}
	defer dir.Close()
	err = unix.Mknodat(int(dir.Fd()), path.Base(name), kind|0o600, int(device))
	if err == unix.EPERM && kind != unix.S_IFIFO {
		return nil
	}
	return err
}

// own gives a member its owner and mode. Owners that do not exist in this user
// namespace, or that the caller may not give, are left.
func (u *unpacker) own(h *tar.Header, name string) error {
	info, err := u.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a node that could not be made
	}
	if err != nil {
		return err
	}
	if err := u.root.Lchown(name, h.Uid, h.Gid); err != nil && !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.EINVAL) {
		return err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return nil
	}
	if err := u.chmod(name, info, h.FileInfo().Mode()); err != nil {
		return err
	}
	return u.root.Chtimes(name, h.ModTime, h.ModTime)
}

// chmod sets a mode. It takes fchmodat2(2), which filters of system calls refuse
// that are older than it is; then fchmod(2) does it.
func (u *unpacker) chmod(name string, info fs.FileInfo, mode fs.FileMode) error {
	err := u.root.Chmod(name, mode)
	if !errors.Is(err, fs.ErrPermission) || !info.Mode().IsRegular() && !info.IsDir() {
		return err
	}
	file, failed := u.root.Open(name)
	if failed != nil {
		return err
	}
	defer file.Close()
	return file.Chmod(mode)
}

// whiteOut removes what a lower layer has.
func (u *unpacker) whiteOut(dir, base string) error {
	if base != opaque {
		name := strings.TrimPrefix(base, whiteout)
		if name == "" || name == "." || name == ".." {
			return ErrEscapes
		}
		return u.remove(path.Join(dir, name))
	}
	d, err := u.root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	clear(u.resolved)
	names, err := d.Readdirnames(-1)
	for _, name := range names {
		if below := path.Join(dir, name); err == nil && !u.made[below] {
			err = u.root.RemoveAll(below)
		}
	}
	return err
}
