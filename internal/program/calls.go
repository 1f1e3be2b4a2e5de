//go:build linux

package program

import (
	"encoding/binary"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// sigsetSize is the size in bytes of a kernel signal set on every architecture
// that nskit has an interpreter for.
const sigsetSize = 8

// zeros is as long as the longest structure that is passed empty.
const zeros = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// Unshare is unshare(2); flags are CLONE_NEW*.
func (b *Builder) Unshare(flags int) *Step { return b.Do(SysUnshare, Flags(int64(flags), cloneNames)) }

// Mount is mount(2); an empty fstype or data is passed as NULL.
func (b *Builder) Mount(source, target, fstype string, flags uintptr, data string) *Step {
	return b.Do(SysMount, Text(source), Text(target), textOrNull(fstype), Flags(int64(flags), mountNames), textOrNull(data))
}

// MountWith is mount(2) with flags that may be a value.
func (b *Builder) MountWith(source, target, fstype string, flags Arg) *Step {
	return b.Do(SysMount, Text(source), Text(target), Text(fstype), flags, Null())
}

// Umount2 is umount2(2); flags are MNT_* or UMOUNT_NOFOLLOW.
func (b *Builder) Umount2(target string, flags int) *Step {
	return b.Do(SysUmount2, Text(target), Flags(int64(flags), umountNames))
}

// Chroot is chroot(2).
func (b *Builder) Chroot(path string) *Step { return b.Do(SysChroot, Text(path)) }

// Chdir is chdir(2).
func (b *Builder) Chdir(path string) *Step { return b.Do(SysChdir, Text(path)) }

// Open is openat(2) with AT_FDCWD; O_CLOEXEC is added.
func (b *Builder) Open(path string, flags int) *Step {
	return b.Do(SysOpenat, Cwd(), Text(path), Flags(int64(flags|unix.O_CLOEXEC), openNames), Int(0)).Retry(unix.EINTR)
}

// Write is write(2) of a constant text.
func (b *Builder) Write(fd Arg, text string) *Step {
	return b.WriteFrom(fd, Text(text), Int(int64(len(text))))
}

// WriteFrom is write(2) of so many bytes at an address.
func (b *Builder) WriteFrom(fd, from, size Arg) *Step {
	return b.Do(SysWrite, fd, from, size).Retry(unix.EINTR)
}

// Read is read(2) of as many bytes as the variable has.
func (b *Builder) Read(fd Arg, into Var) *Step {
	return b.Do(SysRead, fd, Address(into), Int(int64(into.Size))).Retry(unix.EINTR)
}

// ReadOne is read(2) of one byte, which becomes the value of a variable of
// eight.
func (b *Builder) ReadOne(fd Arg, into Var) *Step {
	return b.Read(fd, into.Part(lowest(1), 1, into.Name))
}

// WriteOne is write(2) of one byte, the lowest of a variable of eight.
func (b *Builder) WriteOne(fd Arg, from Var) *Step {
	return b.WriteFrom(fd, Address(from.Part(lowest(1), 1, from.Name)), Int(1))
}

// ReadTo is read(2) of so many bytes to an address.
func (b *Builder) ReadTo(fd, to, size Arg) *Step {
	return b.Do(SysRead, fd, to, size).Retry(unix.EINTR)
}

// BigEndian says that the highest byte of a number lies first in memory.
const BigEndian = runtime.GOARCH == "s390x"

// lowest is where in a word of memory the lowest of its bytes, so many, begin.
func lowest(bytes int32) int32 {
	if BigEndian {
		return 8 - bytes
	}
	return 0
}

// Pread is pread64(2) to an address, from an offset in the file.
func (b *Builder) Pread(fd, to, size, offset Arg) *Step {
	return b.Do(SysPread64, fd, to, size, offset).Retry(unix.EINTR)
}

// SetBytes sets a variable to eight bytes as they lie in memory, of which those
// of text are the first and the others 0.
func (b *Builder) SetBytes(to Var, text string) *Step {
	var word [8]byte
	copy(word[:], text)
	return b.Move(to, Int(int64(binary.NativeEndian.Uint64(word[:]))).As(strconv.Quote(text)))
}

// Close is close(2).
//
//go:noinline
func (b *Builder) Close(fd Arg) *Step { return b.Do(SysClose, fd) }

// Pipe is pipe2(2) with O_CLOEXEC: it returns both ends, first the one to read.
func (b *Builder) Pipe(name string) (*Step, Var, Var) {
	ends := b.Var(name)
	s := b.Do(SysPipe2, Address(ends), Flags(unix.O_CLOEXEC, openNames))
	return s, ends.Part(0, 4, b.Join(name, "[0]")), ends.Part(4, 4, b.Join(name, "[1]"))
}

// Fork is fork(2), by clone(2) because not every architecture has the former.
// The result is zero in the child; lead one of the two elsewhere.
//
//go:noinline
func (b *Builder) Fork() *Step { return b.clone(int64(unix.SIGCHLD)) }

// ForkSharingFiles is Fork with CLONE_FILES: what either process opens or closes, the
// other has open or closed.
func (b *Builder) ForkSharingFiles() *Step { return b.clone(unix.CLONE_FILES | int64(unix.SIGCHLD)) }

//go:noinline
func (b *Builder) clone(flags int64) *Step {
	if runtime.GOARCH == "s390x" { // clone(2) has the stack first there
		return b.Do(SysClone, Null(), Flags(flags, forkNames), Null(), Null(), Null())
	}
	return b.Do(SysClone, Flags(flags, forkNames), Null(), Null(), Null(), Null())
}

// The flags of clone3(2) that fork(2) has not, and PIDFD_GET_INFO of <linux/pidfd.h> with the
// least structure that it fills.
const (
	cloneAutoreap = 1 << 34 // CLONE_AUTOREAP, since Linux 7.1
	cloneAutokill = 1 << 36 // CLONE_PIDFD_AUTOKILL, since Linux 7.1
	pidfdGetInfo  = 0xc040ff0b
	pidfdInfoExit = 1 << 3 // PIDFD_INFO_EXIT, since Linux 6.15
	pidfdInfoSize = 64
)

// ForkTied is Fork by clone3(2) of a child that the kernel kills when the last descriptor is
// closed that pidfd is the first of, as when this process ends; since Linux 7.1. It needs
// CAP_SYS_ADMIN in the user namespace. wait(2) knows nothing of such a child: see AwaitTied.
func (b *Builder) ForkTied(pidfd Var) *Step {
	const size = 88
	args := b.Buffer("clone_args", size)
	b.Move(args.Part(0, 8, "clone_args.flags"), Int(unix.CLONE_PIDFD|cloneAutoreap|cloneAutokill).As("CLONE_PIDFD|CLONE_AUTOREAP|CLONE_PIDFD_AUTOKILL"))
	b.Move(args.Part(8, 8, "clone_args.pidfd"), Address(pidfd.Part(lowest(4), 4, pidfd.Name)))
	return b.Do(SysClone3, Address(args), Int(size))
}

// AwaitTied waits for the end of a ForkTied child, and yields its status as wait(2) does, or fails.
func (b *Builder) AwaitTied(pidfd, status Var, failed string) {
	pollfd, info := b.Var("pollfd"), b.Buffer("pidfd_info", pidfdInfoSize)
	mask := info.Part(0, 8, "pidfd_info.mask")
	if BigEndian {
		b.WithInt(&OpShiftLeft, pidfd, 32).Into(pollfd)
	} else {
		b.Move(pollfd, Value(pidfd))
	}
	again := b.Here("wait again")
	b.Do(SysPpoll, Address(pollfd), Int(1), Null(), Null(), Int(sigsetSize)).On(unix.EINTR, again).Because("until it has ended and is gone").Or(failed)
	b.Move(mask, Int(pidfdInfoExit).As("PIDFD_INFO_EXIT"))
	b.Do(SysIoctl, Value(pidfd), Int(pidfdGetInfo).As("PIDFD_GET_INFO"), Address(info)).Because("how it has ended").Or(failed)
	b.Move(status, Value(info.Part(60, 4, "pidfd_info.exit_code")))
}

// ForkSibling is Fork of a process whose parent is that of the calling one.
func (b *Builder) ForkSibling() *Step {
	flags := Flags(int64(unix.SIGCHLD)|unix.CLONE_PARENT, forkNames)
	if runtime.GOARCH == "s390x" {
		return b.Do(SysClone, Null(), flags, Null(), Null(), Null())
	}
	return b.Do(SysClone, flags, Null(), Null(), Null(), Null())
}

// Getpid is getpid(2).
func (b *Builder) Getpid() *Step { return b.Do(SysGetpid).Tolerate() }

// Wait4 is wait4(2) without resource usage, begun again after a signal. The status
// becomes the value of a variable of eight bytes, of which the kernel writes four.
//
//go:noinline
func (b *Builder) Wait4(pid Arg, status Var, flags int) *Step {
	if status.Size == 8 {
		status = status.Part(lowest(4), 4, status.Name)
	}
	again := b.Here("wait again")
	return b.Do(SysWait4, pid, Address(status), Flags(int64(flags), waitNames), Null()).On(unix.EINTR, again)
}

// ExitGroup is exit_group(2).
//
//go:noinline
func (b *Builder) ExitGroup(code Arg) *Step { return b.Do(SysExitGroup, code) }

// Getuid is getuid(2).
func (b *Builder) Getuid() *Step { return b.Do(SysGetuid).Tolerate() }

// Kill is kill(2).
//
//go:noinline
func (b *Builder) Kill(pid, sig Arg) *Step { return b.Do(SysKill, pid, sig) }

// Setgroups is setgroups(2) with no groups at all.
func (b *Builder) Setgroups() *Step { return b.Do(SysSetgroups, Int(0), Null()) }

// Setgid is setgid(2).
func (b *Builder) Setgid(gid uint32) *Step { return b.Do(SysSetgid, Int(int64(gid))) }

// Setuid is setuid(2).
func (b *Builder) Setuid(uid uint32) *Step { return b.SetuidTo(Int(int64(uid))) }

// SetuidTo is Setuid to what may be a value. The kernel can lack memory for a
// moment.
func (b *Builder) SetuidTo(uid Arg) *Step { return b.Do(SysSetuid, uid).Retry(unix.EAGAIN) }

// Sethostname is sethostname(2).
func (b *Builder) Sethostname(name string) *Step {
	return b.Do(SysSethostname, Text(name), Int(int64(len(name))))
}

// PidfdOpen is pidfd_open(2), since Linux 5.3; the descriptor is closed on exec.
func (b *Builder) PidfdOpen(pid int) *Step { return b.Do(SysPidfdOpen, Int(int64(pid)), Int(0)) }

// ParentDeathSignal is prctl(2) with PR_SET_PDEATHSIG. A later change of
// credentials takes the setting back.
func (b *Builder) ParentDeathSignal(sig unix.Signal) *Step {
	return b.Do(SysPrctl, Flags(unix.PR_SET_PDEATHSIG, prctlNames), Signal(sig))
}

// SetName is prctl(2) with PR_SET_NAME; the kernel cuts it to 15 bytes.
func (b *Builder) SetName(name string) *Step {
	return b.Do(SysPrctl, Flags(unix.PR_SET_NAME, prctlNames), Text(name))
}

// SeccompMode is prctl(2) with PR_GET_SECCOMP: 2 where a filter of system calls is in
// force, 0 where none is.
func (b *Builder) SeccompMode() *Step {
	return b.Do(SysPrctl, Flags(unix.PR_GET_SECCOMP, prctlNames), Int(0), Int(0), Int(0), Int(0))
}

// KeepCaps is prctl(2) with PR_SET_KEEPCAPS: the next setuid(2) leaves the
// permitted capabilities.
func (b *Builder) KeepCaps() *Step {
	return b.Do(SysPrctl, Flags(unix.PR_SET_KEEPCAPS, prctlNames), Int(1), Int(0), Int(0), Int(0))
}

// OpenFilesLimit is prlimit64(2) with RLIMIT_NOFILE of the calling process: the
// limit becomes what set holds, and got receives what it was; the zero Var leaves
// either out. Both have 16 bytes, first those of the soft limit.
func (b *Builder) OpenFilesLimit(set, got Var) *Step {
	return b.Do(SysPrlimit64, Int(0), Int(unix.RLIMIT_NOFILE).As("RLIMIT_NOFILE"), addressOrNull(set), addressOrNull(got))
}

// DropBounding is prctl(2) with PR_CAPBSET_DROP.
func (b *Builder) DropBounding(capability Arg) *Step {
	return b.Do(SysPrctl, Flags(unix.PR_CAPBSET_DROP, prctlNames), capability, Int(0), Int(0), Int(0))
}

// NoNewPrivs is prctl(2) with PR_SET_NO_NEW_PRIVS, since Linux 3.5.
func (b *Builder) NoNewPrivs() *Step {
	return b.Do(SysPrctl, Flags(unix.PR_SET_NO_NEW_PRIVS, prctlNames), Int(1), Int(0), Int(0), Int(0))
}

// RaiseAmbient is prctl(2) with PR_CAP_AMBIENT_RAISE, since Linux 4.3.
func (b *Builder) RaiseAmbient(capability Arg) *Step {
	return b.Do(SysPrctl, Flags(unix.PR_CAP_AMBIENT, prctlNames), Flags(unix.PR_CAP_AMBIENT_RAISE, ambientNames), capability, Int(0), Int(0))
}

// DefaultAction is rt_sigaction(2) with SIG_DFL; sig may be a value.
func (b *Builder) DefaultAction(sig Arg) *Step {
	return b.Do(SysSigaction, sig, bytesOf(zeros+"{SIG_DFL}", len(zeros)), Null(), Int(sigsetSize))
}

// Sigprocmask is rt_sigprocmask(2) with a constant set; old receives the mask
// as it was, unless it is the zero Var.
func (b *Builder) Sigprocmask(how int, sigs []unix.Signal, old Var) *Step {
	return b.Do(SysSigprocmask, Flags(int64(how), maskNames), SignalSet(sigs), addressOrNull(old), Int(sigsetSize))
}

// RestoreMask is rt_sigprocmask(2) with a mask that Sigprocmask kept.
func (b *Builder) RestoreMask(mask Var) *Step {
	return b.Do(SysSigprocmask, Flags(unix.SIG_SETMASK, maskNames), Address(mask), Null(), Int(sigsetSize))
}

// Unblock is rt_sigprocmask(2) with SIG_UNBLOCK and a set that was computed.
func (b *Builder) Unblock(set Var) *Step {
	return b.Do(SysSigprocmask, Flags(unix.SIG_UNBLOCK, maskNames), Address(set), Null(), Int(sigsetSize))
}

// Sigtimedwait is rt_sigtimedwait(2) without a limit: it yields the number of
// the next signal of the set, which must be blocked. info receives a siginfo_t
// of 128 bytes, unless it is the zero Var.
func (b *Builder) Sigtimedwait(sigs []unix.Signal, info Var) *Step {
	again := b.Here("wait again")
	return b.Do(SysSigtimedwait, SignalSet(sigs), addressOrNull(info), Null(), Int(sigsetSize)).On(unix.EINTR, again)
}

// Pause is ppoll(2) of descriptors for POLLIN, negative ones left out: positive when
// one is readable, zero after so many milliseconds, less than a thousand.
func (b *Builder) Pause(milliseconds int64, fds ...Var) *Step {
	list := b.Buffer("pollfds", 8*len(fds)) // each an int and two shorts
	for i, fd := range fds {
		entry := list.Part(int32(8*i), 8, "pollfds["+b.Itoa(int64(i))+"]")
		if BigEndian {
			b.WithInt(&OpShiftLeft, fd, 32).Into(entry)
			b.WithInt(&OpOr, entry, unix.POLLIN<<16).Into(entry)
			continue
		}
		b.WithInt(&OpAnd, fd, 1<<32-1).Into(entry)
		b.WithInt(&OpOr, entry, unix.POLLIN<<32).Into(entry)
	}
	limit := b.words(0, uint64(milliseconds)*1000000)
	return b.Do(SysPpoll, Address(list), Int(int64(len(fds))), bytesOf(b.Join(limit, "{", b.Itoa(milliseconds), " ms}"), len(limit)), Null(), Int(sigsetSize)).Retry(unix.EINTR)
}

// Timer is timerfd_create(2): a descriptor that becomes readable when SetTimer says so.
func (b *Builder) Timer() *Step {
	return b.Do(SysTimerfdCreate, Int(unix.CLOCK_MONOTONIC).As("CLOCK_MONOTONIC"), Int(unix.TFD_CLOEXEC).As("TFD_CLOEXEC"))
}

// SetTimer is timerfd_settime(2): once, so many nanoseconds from now on.
func (b *Builder) SetTimer(timer Arg, nanoseconds int64) *Step {
	spec := b.words(0, 0, uint64(nanoseconds/1e9), uint64(nanoseconds%1e9))
	shown := b.Join("{it_value={", b.Itoa(nanoseconds/1e9), " s, ", b.Itoa(nanoseconds%1e9), " ns}}")
	return b.Do(SysTimerfdSettime, timer, Int(0), bytesOf(b.Join(spec, shown), len(spec)), Null())
}

// PollNow is ppoll(2) of one descriptor for POLLIN without waiting: positive
// when it is readable, zero when not, also for a negative descriptor.
func (b *Builder) PollNow(fd Var) *Step {
	pollfd := b.Var("pollfd") // an int and two shorts
	if BigEndian {
		b.WithInt(&OpShiftLeft, fd, 32).Into(pollfd)
		b.WithInt(&OpOr, pollfd, unix.POLLIN<<16).Into(pollfd)
	} else {
		b.WithInt(&OpOr, fd, unix.POLLIN<<32).Into(pollfd)
	}
	return b.Do(SysPpoll, Address(pollfd), Int(1), bytesOf(zeros+"{0}", len(zeros)), Null(), Int(sigsetSize)).Retry(unix.EINTR)
}

// Socket is socket(2) for datagrams of a family; SOCK_CLOEXEC is added.
func (b *Builder) Socket(family int) *Step {
	return b.Do(SysSocket, Flags(int64(family), familyNames), Flags(unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, socketNames), Int(0)).Retry(unix.ENOBUFS)
}

// RaiseLoopback is ioctl(2) with SIOCSIFFLAGS, see netdevice(7), for "lo".
func (b *Builder) RaiseLoopback(fd Arg) *Step {
	// struct ifreq: the name and the flags.
	flags := "\x41\x00"
	if BigEndian {
		flags = "\x00\x41"
	}
	request := b.Join("lo", zeros[:unix.IFNAMSIZ-len("lo")], flags, zeros[:22])
	return b.Do(SysIoctl, fd, Flags(unix.SIOCSIFFLAGS, ioctlNames), bytesOf(b.Join(request, "{ifr_name=lo, ifr_flags=IFF_UP|IFF_RUNNING}"), len(request)))
}

// Capget is capget(2), version 3, of the calling process. caps has 24 bytes:
// effective, permitted and inheritable set, first their lower 32 bits.
func (b *Builder) Capget(caps Var) *Step { return b.Do(SysCapget, capHeader(), Address(caps)) }

// Capset is capset(2), the opposite of Capget.
func (b *Builder) Capset(caps Var) *Step { return b.Do(SysCapset, capHeader(), Address(caps)) }

func capHeader() Arg {
	const little, big, shown = "\x22\x05\x08\x20\x00\x00\x00\x00", "\x20\x08\x05\x22\x00\x00\x00\x00", "{_LINUX_CAPABILITY_VERSION_3, 0}"
	if BigEndian {
		return bytesOf(big+shown, len(big))
	}
	return bytesOf(little+shown, len(little))
}

// Execve is execve(2), which comes back only with an error. A file that somebody
// is still writing, or that a fork of theirs holds, is tried again.
func (b *Builder) Execve(path string, argv, envp Arg) *Step {
	return b.ExecveAt(Text(path), argv, envp)
}

// ExecveAt is Execve of a path that may be an address.
func (b *Builder) ExecveAt(path, argv, envp Arg) *Step {
	return b.Do(SysExecve, path, argv, envp).Retry(unix.ETXTBSY)
}

func textOrNull(s string) Arg {
	if s == "" {
		return Null()
	}
	return Text(s)
}

func addressOrNull(v Var) Arg {
	if v.None() {
		return Null()
	}
	return Address(v)
}
