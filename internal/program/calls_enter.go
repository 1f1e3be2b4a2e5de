//go:build linux

package program

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Setns is setns(2). flags may be a value; fd may be a pidfd since Linux 5.8.
//
//go:noinline
func (b *Builder) Setns(fd, flags Arg) *Step { return b.Do(SysSetns, fd, flags) }

// someLen is more than the text that Some makes of all namespaces.
const someLen = 160

// Some passes those of the namespaces in flags that v holds.
func (b *Builder) Some(v Var, flags int) Arg {
	b.texts.reserve(someLen)
	start, between := len(b.texts.buffer), "some of "
	for i := range cloneNames.List {
		if named := &cloneNames.List[i]; int64(flags)&named.Value != 0 {
			b.texts.buffer = append(append(b.texts.buffer, between...), named.Name...)
			between = "|"
		}
	}
	return Value(v).As(b.texts.since(start))
}

// Fchdir is fchdir(2).
//
//go:noinline
func (b *Builder) Fchdir(fd Arg) *Step { return b.Do(SysFchdir, fd) }

// Fchmod is fchmod(2).
func (b *Builder) Fchmod(fd Arg, mode uint32) *Step {
	return b.Do(SysFchmod, fd, Int(int64(mode)))
}

// Flock is flock(2).
func (b *Builder) Flock(fd Arg, how int) *Step {
	return b.Do(SysFlock, fd, Flags(int64(how), lockNames)).Retry(unix.EINTR)
}

// CloseOnExec is fcntl(2) with FD_CLOEXEC.
func (b *Builder) CloseOnExec(fd Arg) *Step {
	return b.Do(SysFcntl, fd, Flags(unix.F_SETFD, fcntlNames), Flags(unix.FD_CLOEXEC, fdNames))
}

// Getcwd is getcwd(2) as the kernel has it: the path of a directory that
// cannot be reached from the root begins with "(unreachable)".
func (b *Builder) Getcwd(path Var) *Step {
	return b.Do(SysGetcwd, Address(path), Int(int64(path.Size)))
}

// PidfdGetfd is pidfd_getfd(2), since Linux 5.6; the copy is closed on exec.
func (b *Builder) PidfdGetfd(pidfd Arg, fd int) *Step {
	return b.Do(SysPidfdGetfd, pidfd, Int(int64(fd)), Int(0))
}

// OwningUserNamespace is ioctl(2) with NS_GET_USERNS, since Linux 4.9: a
// descriptor of the user namespace that owns the namespace fd, which for a user
// namespace is its parent. It is closed on exec.
func (b *Builder) OwningUserNamespace(fd Arg) *Step {
	return b.Do(SysIoctl, fd, Flags(unix.NS_GET_USERNS, ioctlNames))
}

// NamespaceType is ioctl(2) with NS_GET_NSTYPE, since Linux 4.11: the CLONE_NEW* of
// the kind of namespace that fd is.
func (b *Builder) NamespaceType(fd Arg) *Step {
	return b.Do(SysIoctl, fd, Flags(unix.NS_GET_NSTYPE, ioctlNames))
}

// NetworkNamespace is ioctl(2) with SIOCGSKNS, since Linux 4.10: a descriptor of
// the network namespace of a socket. It is closed on exec and needs CAP_NET_ADMIN
// in the owning user namespace.
func (b *Builder) NetworkNamespace(socket Arg) *Step {
	return b.Do(SysIoctl, socket, Flags(unix.SIOCGSKNS, ioctlNames))
}

// fileidNsfs is FILEID_NSFS of <linux/exportfs.h>.
const fileidNsfs = 0xf1

// OpenNamespaceByID is open_by_handle_at(2) of a namespace by its 64-bit
// identifier alone, since Linux 6.19.
func (b *Builder) OpenNamespaceByID(id uint64) *Step {
	var handle [24]byte // of any kind and any inode
	binary.NativeEndian.PutUint32(handle[0:], 16)
	binary.NativeEndian.PutUint32(handle[4:], fileidNsfs)
	binary.NativeEndian.PutUint64(handle[8:], id)
	shown := b.Join("{FILEID_NSFS, ns_id=", b.Utoa(id), "}")
	return b.Do(SysOpenByHandleAt, Flags(unix.FD_NSFS_ROOT, nsfsNames), bytesOf(b.Join(string(handle[:]), shown), len(handle)), Flags(unix.O_CLOEXEC, openNames))
}

// Undumpable is prctl(2) with PR_SET_DUMPABLE 0: the process's memory and
// descriptors are closed to ptrace(2) and /proc by others, until it executes
// another program.
func (b *Builder) Undumpable() *Step {
	return b.Do(SysPrctl, Flags(unix.PR_SET_DUMPABLE, prctlNames), Int(0), Int(0), Int(0), Int(0))
}
