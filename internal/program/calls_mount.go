//go:build linux

package program

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// PivotRoot is pivot_root(2).
func (b *Builder) PivotRoot(newRoot, putOld string) *Step {
	return b.Do(SysPivotRoot, Text(newRoot), Text(putOld))
}

// OpenTreeNamespace is OPEN_TREE_NAMESPACE of <linux/mount.h>.
const OpenTreeNamespace = 1 << 1

// OpenTree is open_tree(2), since Linux 5.2; OPEN_TREE_CLOEXEC is added. With
// OPEN_TREE_CLONE the result is a detached copy of a mount, with OpenTreeNamespace,
// since Linux 7.0, a mount namespace that has nothing but a copy of the mount.
func (b *Builder) OpenTree(dir Arg, path string, flags int) *Step {
	return b.OpenTreeAt(dir, Text(path), flags)
}

// OpenTreeAt is OpenTree of a path that may be an address.
func (b *Builder) OpenTreeAt(dir, path Arg, flags int) *Step {
	return b.Do(SysOpenTree, dir, path, Flags(int64(flags|unix.OPEN_TREE_CLOEXEC), openTreeNames))
}

// MoveMount is move_mount(2), since Linux 5.2, of one descriptor's mount onto
// what another descriptor refers to.
//
//go:noinline
func (b *Builder) MoveMount(from, to Arg) *Step { return b.MoveMountTo(from, to, "") }

// MoveMountTo is MoveMount onto a path below the directory to; an empty path
// is the descriptor itself.
func (b *Builder) MoveMountTo(from, to Arg, path string) *Step {
	flags := int64(unix.MOVE_MOUNT_F_EMPTY_PATH)
	if path == "" {
		flags |= unix.MOVE_MOUNT_T_EMPTY_PATH
	}
	return b.Do(SysMoveMount, from, Text(""), to, Text(path), Flags(flags, moveMountNames))
}

// MountSetattr is mount_setattr(2) of a descriptor's mount, since Linux 5.12;
// set are the MOUNT_ATTR_* to set, flags AT_RECURSIVE or 0.
func (b *Builder) MountSetattr(mount Arg, flags int, set uint64) *Step {
	attr := b.words(set, 0, 0, 0)
	return b.Do(SysMountSetattr, mount, Text(""), Flags(int64(flags|unix.AT_EMPTY_PATH), atNames),
		bytesOf(b.Join(attr, "{attr_set=", attrNames.Format(int64(set)), "}"), len(attr)), Int(int64(len(attr))))
}

// MapIDs is mount_setattr(2) with MOUNT_ATTR_IDMAP, since Linux 5.12: a mount that is
// nowhere yet shows the IDs on disk, which a user namespace has inside, as those
// that they are outside.
func (b *Builder) MapIDs(mount Arg, flags int, user Var) *Step {
	attr := b.Buffer("mount_attr", 32)
	b.Move(attr.Part(0, 8, "mount_attr.attr_set"), Int(unix.MOUNT_ATTR_IDMAP).As("MOUNT_ATTR_IDMAP"))
	b.Move(attr.Part(24, 8, "mount_attr.userns_fd"), Value(user))
	return b.Do(SysMountSetattr, mount, Text(""), Flags(int64(flags|unix.AT_EMPTY_PATH), atNames), Address(attr), Int(32))
}

// ClearReadOnly is mount_setattr(2) that takes MOUNT_ATTR_RDONLY away, since
// Linux 5.12.
func (b *Builder) ClearReadOnly(mount Arg, flags int) *Step {
	attr := b.words(0, unix.MOUNT_ATTR_RDONLY, 0, 0)
	return b.Do(SysMountSetattr, mount, Text(""), Flags(int64(flags|unix.AT_EMPTY_PATH), atNames),
		bytesOf(b.Join(attr, "{attr_clr=MOUNT_ATTR_RDONLY}"), len(attr)), Int(int64(len(attr))))
}

// MountFrom is mount(2) of the path that a variable holds.
//
//go:noinline
func (b *Builder) MountFrom(source Var, target string, flags uintptr) *Step {
	return b.Do(SysMount, Address(source), Text(target), Null(), Flags(int64(flags), mountNames), Null())
}

// Fsopen is fsopen(2), since Linux 5.2: a file system to be configured.
func (b *Builder) Fsopen(fstype string) *Step {
	return b.Do(SysFsopen, Text(fstype), Flags(unix.FSOPEN_CLOEXEC, fsopenNames))
}

// FsconfigString is fsconfig(2), since Linux 5.2, of an option with its value.
func (b *Builder) FsconfigString(fs Arg, key, value string) *Step {
	return b.Do(SysFsconfig, fs, Flags(unix.FSCONFIG_SET_STRING, fsconfigNames), Text(key), Text(value), Int(0))
}

// FsconfigCreate is fsconfig(2), since Linux 5.2, that makes the file system.
func (b *Builder) FsconfigCreate(fs Arg) *Step {
	return b.Do(SysFsconfig, fs, Flags(unix.FSCONFIG_CMD_CREATE, fsconfigNames), Null(), Null(), Int(0))
}

// Fsmount is fsmount(2), since Linux 5.2: a descriptor of a mount that is nowhere
// yet; attr are MOUNT_ATTR_*.
func (b *Builder) Fsmount(fs Arg, attr uint64) *Step {
	return b.Do(SysFsmount, fs, Flags(unix.FSMOUNT_CLOEXEC, fsmountNames), Flags(int64(attr), attrNames))
}

// Openat2 is openat2(2) with O_PATH, since Linux 5.6, and RESOLVE_IN_ROOT: no
// symbolic link and no ".." leads out of dir. O_CLOEXEC is added. A rename or a
// mount anywhere on the host that races with ".." makes it fail for this time.
func (b *Builder) Openat2(dir Arg, path string) *Step {
	how := b.words(unix.O_PATH|unix.O_CLOEXEC, 0, unix.RESOLVE_IN_ROOT)
	return b.Do(SysOpenat2, dir, Text(path), bytesOf(b.Join(how, "{flags=O_PATH|O_CLOEXEC, resolve=RESOLVE_IN_ROOT}"), len(how)), Int(int64(len(how)))).Retry(unix.EAGAIN, unix.EINTR)
}

// OpenPath is openat(2), with O_PATH, of the path that a variable holds.
func (b *Builder) OpenPath(path Var) *Step {
	return b.Do(SysOpenat, Cwd(), Address(path), Flags(unix.O_PATH|unix.O_CLOEXEC, openNames), Int(0)).Retry(unix.EINTR)
}

// Openat is openat(2) below a directory; O_CLOEXEC is added, a new file gets mode 0600.
func (b *Builder) Openat(dir Arg, path string, flags int) *Step {
	return b.Do(SysOpenat, dir, Text(path), Flags(int64(flags|unix.O_CLOEXEC), openNames), Int(0o600)).Retry(unix.EINTR)
}

// CreateAt is openat(2) of a file below a directory that is made, and must not be
// there yet; O_CLOEXEC is added.
func (b *Builder) CreateAt(dir Arg, path string, access int, mode uint32) *Step {
	flags := int64(access | unix.O_CREAT | unix.O_EXCL | unix.O_CLOEXEC)
	return b.Do(SysOpenat, dir, Text(path), Flags(flags, openNames), Flags(int64(mode), modeNames)).Retry(unix.EINTR)
}

// Chmodat is fchmodat(2) below a directory.
func (b *Builder) Chmodat(dir Arg, path string, mode uint32) *Step {
	return b.Do(SysFchmodat, dir, Text(path), Int(int64(mode)).As(b.octal(mode)))
}

// octal writes the bits of a mode.
func (b *Builder) octal(mode uint32) string {
	digits := [5]byte{'0'}
	for i := range 4 {
		digits[4-i] = '0' + byte(mode>>(3*i)&7)
	}
	return b.Join(string(digits[:]))
}

// Renameat is renameat2(2) without flags, within a directory.
func (b *Builder) Renameat(dir Arg, from, to string) *Step {
	return b.Do(SysRenameat2, dir, Text(from), dir, Text(to), Int(0))
}

// Mkdirat is mkdirat(2).
func (b *Builder) Mkdirat(dir Arg, path string, mode uint32) *Step {
	return b.Do(SysMkdirat, dir, Text(path), Flags(int64(mode), modeNames))
}

// MakeFile is mknodat(2) of an empty regular file.
func (b *Builder) MakeFile(dir Arg, path string, mode uint32) *Step {
	return b.Do(SysMknodat, dir, Text(path), Flags(int64(unix.S_IFREG|mode), modeNames), Int(0))
}

// Symlinkat is symlinkat(2).
func (b *Builder) Symlinkat(target string, dir Arg, path string) *Step {
	return b.Do(SysSymlinkat, Text(target), dir, Text(path))
}

// Unlinkat is unlinkat(2); flags are AT_REMOVEDIR or 0.
func (b *Builder) Unlinkat(dir Arg, path string, flags int) *Step {
	return b.Do(SysUnlinkat, dir, Text(path), Flags(int64(flags), unlinkNames))
}

// Umask is umask(2), which yields the old mask and never fails.
func (b *Builder) Umask(mask Arg) *Step { return b.Do(SysUmask, mask).Tolerate() }

// MountPath is mount(2) of the path that a variable holds, onto itself.
//
//go:noinline
func (b *Builder) MountPath(path Var, flags uintptr) *Step {
	return b.Do(SysMount, Address(path), Address(path), Null(), Flags(int64(flags), mountNames), Null())
}

// Remount is mount(2) of the mount that a path leads to, with flags that may be a
// value.
func (b *Builder) Remount(path string, flags Arg) *Step { return b.RemountAt(Text(path), flags) }

// RemountAt is Remount of a path that may be an address.
func (b *Builder) RemountAt(path, flags Arg) *Step {
	return b.Do(SysMount, Text("none"), path, Null(), flags, Null())
}

// MountFlags passes flags of mount(2), MS_*.
func MountFlags(flags uintptr) Arg { return Flags(int64(flags), mountNames) }

// CloseRange is close_range(2), since Linux 5.9, of the descriptors from first
// on; onExec closes them when a program is executed, since Linux 5.11.
func (b *Builder) CloseRange(first, last int, onExec bool) *Step {
	flags := int64(0)
	if onExec {
		flags = unix.CLOSE_RANGE_CLOEXEC
	}
	end := Int(int64(last))
	if last < 0 {
		end = Int(1<<32 - 1).As("~0U")
	}
	return b.Do(SysCloseRange, Int(int64(first)), end, Flags(flags, closeRangeNames))
}

// Dup3 is dup3(2): descriptor to becomes another of from, not closed on exec.
func (b *Builder) Dup3(from Arg, to int) *Step {
	return b.Do(SysDup3, from, Int(int64(to)), Int(0)).Retry(unix.EBUSY, unix.EINTR)
}

// ExecveFD is execveat(2) of a descriptor itself, since Linux 3.19; it comes back
// only with an error.
func (b *Builder) ExecveFD(fd, argv, envp Arg) *Step {
	return b.Do(SysExecveat, fd, Text(""), argv, envp, Flags(unix.AT_EMPTY_PATH, atNames)).Retry(unix.ETXTBSY)
}

// IsTerminal is ioctl(2) with TCGETS, which only terminals have.
func (b *Builder) IsTerminal(fd int) *Step {
	settings := b.Buffer("termios", 64)
	return b.Do(SysIoctl, Int(int64(fd)), Int(unix.TCGETS).As("TCGETS"), Address(settings))
}

// Readlink is readlinkat(2). The variable, 0 at first, ends in a NUL byte if
// it is longer than the text.
func (b *Builder) Readlink(path string, into Var) *Step {
	return b.Do(SysReadlinkat, Cwd(), Text(path), Address(into), Int(int64(into.Size-1)))
}

// words puts eight-byte numbers together as they lie in memory.
//
//go:noinline
func (b *Builder) words(numbers ...uint64) string {
	b.texts.reserve(8 * len(numbers))
	start := len(b.texts.buffer)
	for _, n := range numbers {
		b.texts.buffer = binary.NativeEndian.AppendUint64(b.texts.buffer, n)
	}
	return b.texts.since(start)
}
