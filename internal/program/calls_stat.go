//go:build linux

package program

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Stat is a variable that holds a struct stat, as the kernel has it on this
// architecture.
type Stat struct {
	Var Var
	// Ino is the number of the file and Device that of its file system.
	Ino, Device Var
	// Mode is the type and mode of the file, UID and GID are its owners.
	Mode, UID, GID Var
}

// StatBuffer makes a variable for [Builder.StatAt].
func (b *Builder) StatBuffer(name string) Stat {
	var st unix.Stat_t
	v := b.Buffer(name, int(unsafe.Sizeof(st)))
	return Stat{v,
		v.Part(int32(unsafe.Offsetof(st.Ino)), int32(unsafe.Sizeof(st.Ino)), b.Join(name, ".st_ino")),
		v.Part(int32(unsafe.Offsetof(st.Dev)), int32(unsafe.Sizeof(st.Dev)), b.Join(name, ".st_dev")),
		v.Part(int32(unsafe.Offsetof(st.Mode)), int32(unsafe.Sizeof(st.Mode)), b.Join(name, ".st_mode")),
		v.Part(int32(unsafe.Offsetof(st.Uid)), int32(unsafe.Sizeof(st.Uid)), b.Join(name, ".st_uid")),
		v.Part(int32(unsafe.Offsetof(st.Gid)), int32(unsafe.Sizeof(st.Gid)), b.Join(name, ".st_gid"))}
}

// StatAt is newfstatat(2) below a directory; an empty path is the descriptor
// itself. Every kernel has it, and every filter of system calls lets it pass;
// statx(2) some refuse.
func (b *Builder) StatAt(dir Arg, path string, into Stat) *Step {
	flags := 0
	if path == "" {
		flags = unix.AT_EMPTY_PATH
	}
	return b.Do(SysNewfstatat, dir, Text(path), Address(into.Var), Flags(int64(flags), atNames))
}

// Lstat is StatAt of a path, whose last part is not followed if it is a link.
func (b *Builder) Lstat(path string, into Stat) *Step {
	return b.Do(SysNewfstatat, Cwd(), Text(path), Address(into.Var), Flags(unix.AT_SYMLINK_NOFOLLOW, atNames))
}

// Stat is StatAt of a path.
func (b *Builder) Stat(path string, into Stat) *Step { return b.StatAt(Cwd(), path, into) }

// Fstat is StatAt of a descriptor.
//
//go:noinline
func (b *Builder) Fstat(fd Arg, into Stat) *Step { return b.StatAt(fd, "", into) }

// StatxAttributes is statx(2) of a path, since Linux 4.11; attributes, made by
// AttributesBuffer, are STATX_ATTR_*.
func (b *Builder) StatxAttributes(path string, buffer Var) *Step {
	return b.Do(SysStatx, Cwd(), Text(path), Int(0), Int(0), Address(buffer))
}

// AttributesBuffer makes a variable for StatxAttributes, and names the part of it
// that holds the attributes.
func (b *Builder) AttributesBuffer(name string) (buffer, attributes Var) {
	var st unix.Statx_t
	buffer = b.Buffer(name, int(unsafe.Sizeof(st)))
	return buffer, buffer.Part(int32(unsafe.Offsetof(st.Attributes)), 8, b.Join(name, ".stx_attributes"))
}

// Statfs is a variable that holds a struct statfs.
type Statfs struct {
	Var Var
	// Type is that of the file system, *_MAGIC; Flags are those of the mount, ST_*.
	Type, Flags Var
}

// StatfsBuffer makes a variable for [Builder.Statfs].
func (b *Builder) StatfsBuffer(name string) Statfs {
	var st unix.Statfs_t
	v := b.Buffer(name, int(unsafe.Sizeof(st)))
	return Statfs{v,
		v.Part(int32(unsafe.Offsetof(st.Type)), int32(unsafe.Sizeof(st.Type)), b.Join(name, ".f_type")),
		v.Part(int32(unsafe.Offsetof(st.Flags)), int32(unsafe.Sizeof(st.Flags)), b.Join(name, ".f_flags"))}
}

// Statfs is statfs(2).
func (b *Builder) Statfs(path string, into Statfs) *Step { return b.StatfsAt(Text(path), into) }

// Fstatfs is fstatfs(2).
func (b *Builder) Fstatfs(fd Arg, into Statfs) *Step {
	return b.Do(SysFstatfs, fd, Address(into.Var)).Retry(unix.EINTR)
}

// StatfsAt is Statfs of a path that may be an address.
func (b *Builder) StatfsAt(path Arg, into Statfs) *Step {
	return b.Do(SysStatfs, path, Address(into.Var)).Retry(unix.EINTR)
}
