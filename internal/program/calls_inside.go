//go:build linux

package program

import "golang.org/x/sys/unix"

// MemfdCreate is memfd_create(2) of a file that can be sealed; MFD_CLOEXEC is
// added. flags are MFD_EXEC (since Linux 6.3) or 0.
func (b *Builder) MemfdCreate(name string, flags int) *Step {
	return b.Do(SysMemfdCreate, Text(name), Flags(int64(flags|unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING), memfdNames))
}

// sendfileMax is more than sendfile(2) passes on at once.
const sendfileMax = 0x7ffff000

// Sendfile is sendfile(2) of as much as it takes at once: zero at the end.
func (b *Builder) Sendfile(to, from Arg) *Step {
	return b.Do(SysSendfile, to, from, Null(), Int(sendfileMax)).Retry(unix.EINTR)
}

// Seal is fcntl(2) with F_ADD_SEALS: nobody can change the file any more.
func (b *Builder) Seal(fd Arg) *Step {
	const seals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE
	return b.Do(SysFcntl, fd, Flags(unix.F_ADD_SEALS, fcntlNames), Flags(seals, sealNames))
}

// ChdirTo is chdir(2) to the path that a variable holds.
func (b *Builder) ChdirTo(path Var) *Step { return b.Do(SysChdir, Address(path)) }

// RestrictMounts is mount_setattr(2) of a descriptor's mount and those below it,
// since Linux 5.12: set are MOUNT_ATTR_*, and no mount comes in from elsewhere or
// goes out.
func (b *Builder) RestrictMounts(mount Arg, set uint64) *Step {
	attr := b.words(set, 0, unix.MS_PRIVATE, 0)
	shown := "{propagation=MS_PRIVATE}"
	if set != 0 {
		shown = b.Join("{attr_set=", attrNames.Format(int64(set)), ", propagation=MS_PRIVATE}")
	}
	return b.Do(SysMountSetattr, mount, Text(""), Flags(unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, atNames), bytesOf(b.Join(attr, shown), len(attr)), Int(int64(len(attr))))
}

// SetPropagation is mount_setattr(2) of a descriptor's mount and those below it, since
// Linux 5.12: flag is MS_PRIVATE, MS_SLAVE, MS_SHARED or MS_UNBINDABLE.
func (b *Builder) SetPropagation(mount Arg, flag uintptr) *Step {
	attr := b.words(0, 0, uint64(flag), 0)
	shown := b.Join("{propagation=", mountNames.Format(int64(flag)), "}")
	return b.Do(SysMountSetattr, mount, Text(""), Flags(unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, atNames), bytesOf(b.Join(attr, shown), len(attr)), Int(int64(len(attr))))
}

// StatxOf is StatxAttributes of a descriptor itself, which may be one of O_PATH.
func (b *Builder) StatxOf(fd Arg, buffer Var) *Step {
	return b.Do(SysStatx, fd, Text(""), Flags(unix.AT_EMPTY_PATH, statxNames), Int(0), Address(buffer))
}
