//go:build linux

package rootfs

import (
	"io/fs"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// clean is a member's name below the root; one that leads above it is refused.
func clean(name string) (string, error) {
	depth := 0
	for part := range strings.SplitSeq(name, "/") {
		switch part {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return "", ErrEscapes
			}
		default:
			depth++
		}
	}
	return path.Clean("./" + strings.TrimLeft(name, "/")), nil
}

// maxLinks is how many symbolic links a path may lead through, as for the kernel.
const maxLinks = 40

// resolve follows the symbolic links of a member's path up to its last part,
// which is the member, as in a chroot: an absolute one begins at the root, and
// above the root is the root.
func (u *unpacker) resolve(name string) (string, error) {
	dir, base := path.Dir(name), path.Base(name)
	if real, ok := u.resolved[dir]; ok {
		return path.Join(real, base), nil
	}
	real, links, rest := ".", 0, strings.Split(dir, "/")
	for len(rest) > 0 {
		part := rest[0]
		rest = rest[1:]
		switch {
		case part == "" || part == ".":
			continue
		case part == "..":
			real = path.Dir(real) // that of "." is "."
			continue
		}
		next := path.Join(real, part)
		info, err := u.root.Lstat(next)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			real = next // what is missing is made as a directory
			continue
		}
		if links++; links > maxLinks {
			return "", unix.ELOOP
		}
		target, err := u.root.Readlink(next)
		if err != nil {
			return "", err
		}
		if path.IsAbs(target) {
			real = "."
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	u.resolved[dir] = real
	return path.Join(real, base), nil
}

// parents makes the directories above a member that the archive does not have.
func (u *unpacker) parents(name string) error {
	dir := path.Dir(name)
	if info, err := u.root.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	return u.root.MkdirAll(dir, 0o755)
}
