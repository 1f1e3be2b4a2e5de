package odd

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// refusal is a set of system calls that a filter refuses.
type refusal struct {
	calls []uint32
	errno syscall.Errno // 0 kills the process
	// One argument's low half can be asked, with a mask: the calls are refused where it is
	// (or, with not, is not) the value.
	asks, not   bool
	index       uint32
	mask, value uint32
}

// filter is a seccomp filter: what it refuses, in the order in which it is asked. It allows
// all else, but for calls younger than the list of the profile that it stands for.
type filter struct {
	refusals []refusal
	// younger than newest is unknown; 0 is no limit.
	newest  uint32
	unknown syscall.Errno
	noNew   bool // no-new-privileges, too
}

// The calls that profiles refuse together.
var (
	mounting = []uint32{unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_OPEN_TREE, unix.SYS_MOVE_MOUNT, unix.SYS_FSOPEN,
		unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR}
	entering = []uint32{unix.SYS_UNSHARE, unix.SYS_SETNS}
	naming   = []uint32{unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME}
	prying   = []uint32{unix.SYS_PIDFD_GETFD, unix.SYS_KCMP, unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN}
	// recent are calls of Linux 4.18 to 5.14, which profiles of 2018 did not know.
	recent = []uint32{unix.SYS_PIDFD_OPEN, unix.SYS_PIDFD_SEND_SIGNAL, unix.SYS_CLONE3, unix.SYS_OPENAT2, unix.SYS_FACCESSAT2,
		unix.SYS_CLOSE_RANGE, unix.SYS_STATX, unix.SYS_RSEQ}
)

// newKinds are the flags of clone(2) and unshare(2) that make namespaces: CLONE_NEWTIME,
// 0x80, is none of clone's.
const newKinds = unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWCGROUP

// refuse makes a refusal of whole calls.
func refuse(errno syscall.Errno, sets ...[]uint32) refusal {
	r := refusal{errno: errno}
	for _, set := range sets {
		r.calls = append(r.calls, set...)
	}
	return r
}

// cloning refuses clone(2) with new namespaces, and clone3(2), whose flags no filter sees,
// as if it were missing.
func cloning(kinds uint32) []refusal {
	return []refusal{
		{calls: []uint32{unix.SYS_CLONE}, errno: unix.EPERM, asks: true, not: true, mask: kinds, value: 0},
		refuse(unix.ENOSYS, []uint32{unix.SYS_CLONE3}),
	}
}

// sockets refuses an address family.
func sockets(family uint32, errno syscall.Errno) refusal {
	return refusal{calls: []uint32{unix.SYS_SOCKET}, errno: errno, asks: true, mask: ^uint32(0), value: family}
}

// filters are what the profiles refuse of the calls that namespaces, mounts and processes
// need, after the lists that their makers publish.
var filters = map[string]filter{
	// Docker's default without CAP_SYS_ADMIN: docs.docker.com/engine/security/seccomp.
	"docker": {refusals: append(cloning(newKinds), refuse(unix.EPERM, mounting, entering, naming, prying)), newest: unix.SYS_FUTEX_WAITV, unknown: unix.ENOSYS},
	// The same for a container with CAP_SYS_ADMIN: all of it is allowed, but for pivot_root(2).
	"docker-admin": {refusals: []refusal{refuse(unix.EPERM, []uint32{unix.SYS_PIVOT_ROOT, unix.SYS_PIDFD_GETFD, unix.SYS_KCMP})}, newest: unix.SYS_FUTEX_WAITV, unknown: unix.ENOSYS},
	// Docker's of 2018, which knew no ENOSYS: whatever is younger is not permitted.
	"docker-old": {refusals: []refusal{
		{calls: []uint32{unix.SYS_CLONE}, errno: unix.EPERM, asks: true, not: true, mask: newKinds, value: 0},
		refuse(unix.EPERM, mounting, entering, naming, prying, recent),
	}, newest: unix.SYS_STATX, unknown: unix.EPERM},
	// As before, for a container with CAP_SYS_ADMIN.
	"docker-old-admin": {refusals: []refusal{
		refuse(unix.EPERM, []uint32{unix.SYS_PIVOT_ROOT}, prying, recent, mounting[3:]),
	}, newest: unix.SYS_STATX, unknown: unix.EPERM},
	// podman's, containers-common: namespaces and mounts are allowed, setns(2) and names are not.
	"podman": {refusals: []refusal{refuse(unix.EPERM, naming, prying, []uint32{unix.SYS_SETNS})}, newest: unix.SYS_FUTEX_WAITV, unknown: unix.ENOSYS},
	// A systemd service with @system-service, RestrictNamespaces=, RestrictAddressFamilies=,
	// ProtectHostname= and NoNewPrivileges=: systemd.exec(5).
	"systemd": {refusals: append(cloning(newKinds|unix.CLONE_NEWTIME&^0xff),
		refuse(unix.EPERM, mounting, naming, prying, []uint32{unix.SYS_CHROOT, unix.SYS_SETNS}),
		refusal{calls: []uint32{unix.SYS_UNSHARE}, errno: unix.EPERM, asks: true, not: true, mask: newKinds, value: 0},
		sockets(unix.AF_NETLINK, unix.EAFNOSUPPORT)), noNew: true},
	// RestrictNamespaces=~user: the other kinds are allowed.
	"systemd-no-user": {refusals: append(cloning(unix.CLONE_NEWUSER),
		refusal{calls: []uint32{unix.SYS_UNSHARE}, errno: unix.EPERM, asks: true, not: true, mask: unix.CLONE_NEWUSER, value: 0},
		refusal{calls: []uint32{unix.SYS_SETNS}, errno: unix.EPERM, asks: true, index: 1, mask: ^uint32(0), value: 0},
		refusal{calls: []uint32{unix.SYS_SETNS}, errno: unix.EPERM, asks: true, not: true, index: 1, mask: unix.CLONE_NEWUSER, value: 0})},
	// MemoryDenyWriteExecute=yes: nothing writable becomes executable.
	"systemd-mdwe": {refusals: []refusal{
		{calls: []uint32{unix.SYS_MMAP}, errno: unix.EPERM, asks: true, index: 2, mask: unix.PROT_EXEC | unix.PROT_WRITE, value: unix.PROT_EXEC | unix.PROT_WRITE},
		{calls: []uint32{unix.SYS_MPROTECT, unix.SYS_PKEY_MPROTECT}, errno: unix.EPERM, asks: true, index: 2, mask: unix.PROT_EXEC, value: unix.PROT_EXEC},
	}},
	// SystemCallFilter=~@mount without SystemCallErrorNumber=: the process is killed.
	"systemd-kill": {refusals: []refusal{refuse(0, mounting)}},
	// snap's default template: strict confinement.
	"snap": {refusals: []refusal{
		refuse(unix.EPERM, mounting, entering, naming, prying, recent[:4], []uint32{unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_PTRACE}),
		{calls: []uint32{unix.SYS_SETUID, unix.SYS_SETGID, unix.SYS_SETGROUPS}, errno: unix.EPERM, asks: true, not: true, mask: ^uint32(0), value: 0},
		sockets(unix.AF_NETLINK, unix.EPERM),
	}},
	// A kernel of 2018: what came since is missing.
	"linux-4.18": {refusals: []refusal{refuse(unix.ENOSYS, recent[:6], mounting[3:])}, newest: unix.SYS_RSEQ, unknown: unix.ENOSYS},
	// A container without executable memory files.
	"no-memfd": {refusals: []refusal{refuse(unix.EPERM, []uint32{unix.SYS_MEMFD_CREATE, unix.SYS_EXECVEAT})}},
	// Nobody may ask for limits, processors or capabilities.
	"no-questions": {refusals: []refusal{refuse(unix.EPERM, []uint32{unix.SYS_PRLIMIT64, unix.SYS_SCHED_SETAFFINITY, unix.SYS_SCHED_GETAFFINITY, unix.SYS_CAPGET})}},
}

// program assembles a filter for the kernel.
func (f filter) program() []unix.SockFilter {
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	answer := func(errno syscall.Errno) unix.SockFilter {
		value := uint32(unix.SECCOMP_RET_ERRNO) | uint32(errno)
		if errno == 0 {
			value = unix.SECCOMP_RET_KILL_PROCESS
		}
		return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: value}
	}
	// A jump's numbers are how many instructions it passes over, if so and if not.
	jump := func(test uint16, value uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | test | unix.BPF_K, Jt: yes, Jf: no, K: value}
	}
	const number, arguments = 0, 16 // of struct seccomp_data
	var code []unix.SockFilter
	for _, r := range f.refusals {
		for _, call := range r.calls {
			code = append(code, load(number))
			if !r.asks {
				code = append(code, jump(unix.BPF_JEQ, call, 0, 1), answer(r.errno))
				continue
			}
			same, different := uint8(0), uint8(1)
			if r.not {
				same, different = 1, 0
			}
			code = append(code, jump(unix.BPF_JEQ, call, 0, 4), load(arguments+8*r.index),
				unix.SockFilter{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: r.mask},
				jump(unix.BPF_JEQ, r.value, same, different), answer(r.errno))
		}
	}
	if f.newest != 0 {
		code = append(code, load(number), jump(unix.BPF_JGT, f.newest, 0, 1), answer(f.unknown))
	}
	return append(code, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
}

func executeFiltered(name string, command []string) error {
	runtime.LockOSThread() // a filter is a thread's, and the one that executes is left
	f, ok := filters[name]
	if !ok {
		return fmt.Errorf("none is called %s", name)
	}
	code := f.program()
	if f.noNew {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return err
		}
	}
	program := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	if _, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&program))); errno != 0 {
		return fmt.Errorf("seccomp: %w", errno)
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	return unix.Exec(path, command, os.Environ())
}
