package testkit

import (
	"fmt"

	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// callNames has the system calls that are seen of nskit and its helpers.
var callNames = map[uint64]string{
	unix.SYS_ACCEPT4: "accept4", unix.SYS_ACCESS: "access", unix.SYS_ARCH_PRCTL: "arch_prctl", unix.SYS_BIND: "bind", unix.SYS_BRK: "brk",
	unix.SYS_CAPGET: "capget", unix.SYS_CAPSET: "capset", unix.SYS_CHDIR: "chdir", unix.SYS_CHMOD: "chmod",
	unix.SYS_CHROOT: "chroot", unix.SYS_CLOCK_NANOSLEEP: "clock_nanosleep", unix.SYS_CLONE: "clone", unix.SYS_CLONE3: "clone3",
	unix.SYS_CLOSE: "close", unix.SYS_CLOSE_RANGE: "close_range", unix.SYS_CONNECT: "connect", unix.SYS_COPY_FILE_RANGE: "copy_file_range", unix.SYS_DUP: "dup", unix.SYS_DUP2: "dup2", unix.SYS_DUP3: "dup3",
	unix.SYS_EPOLL_CREATE1: "epoll_create1", unix.SYS_EPOLL_CTL: "epoll_ctl", unix.SYS_EPOLL_PWAIT: "epoll_pwait",
	unix.SYS_EVENTFD2: "eventfd2", unix.SYS_EXECVE: "execve", unix.SYS_EXECVEAT: "execveat", unix.SYS_EXIT: "exit", unix.SYS_EXIT_GROUP: "exit_group",
	unix.SYS_FACCESSAT: "faccessat", unix.SYS_FACCESSAT2: "faccessat2", unix.SYS_FADVISE64: "fadvise64", unix.SYS_FALLOCATE: "fallocate",
	unix.SYS_FCHDIR: "fchdir", unix.SYS_FCHMOD: "fchmod", unix.SYS_FCHMODAT: "fchmodat", unix.SYS_FCHMODAT2: "fchmodat2", unix.SYS_FCHOWN: "fchown", unix.SYS_FCHOWNAT: "fchownat", unix.SYS_FCNTL: "fcntl",
	unix.SYS_FLOCK: "flock", unix.SYS_FSCONFIG: "fsconfig", unix.SYS_FSETXATTR: "fsetxattr", unix.SYS_FSMOUNT: "fsmount", unix.SYS_FSOPEN: "fsopen", unix.SYS_FSTAT: "fstat", unix.SYS_FSTATFS: "fstatfs", unix.SYS_FTRUNCATE: "ftruncate",
	unix.SYS_FUTEX: "futex", unix.SYS_GETCWD: "getcwd", unix.SYS_GETCPU: "getcpu", unix.SYS_GETDENTS64: "getdents64", unix.SYS_GETEGID: "getegid", unix.SYS_GETEUID: "geteuid",
	unix.SYS_GETGID: "getgid", unix.SYS_GETGROUPS: "getgroups", unix.SYS_GETPID: "getpid", unix.SYS_GETPPID: "getppid", unix.SYS_GETRANDOM: "getrandom", unix.SYS_GETRLIMIT: "getrlimit",
	unix.SYS_GETSOCKNAME: "getsockname", unix.SYS_GETSOCKOPT: "getsockopt", unix.SYS_GETTID: "gettid", unix.SYS_GETUID: "getuid", unix.SYS_GETXATTR: "getxattr", unix.SYS_IOCTL: "ioctl", unix.SYS_KILL: "kill",
	unix.SYS_LINKAT: "linkat", unix.SYS_LSEEK: "lseek", unix.SYS_LSTAT: "lstat", unix.SYS_MADVISE: "madvise", unix.SYS_MEMFD_CREATE: "memfd_create", unix.SYS_MINCORE: "mincore", unix.SYS_MKDIR: "mkdir",
	unix.SYS_MKDIRAT: "mkdirat", unix.SYS_MKNOD: "mknod", unix.SYS_MKNODAT: "mknodat", unix.SYS_MMAP: "mmap", unix.SYS_MOUNT: "mount",
	unix.SYS_MOUNT_SETATTR: "mount_setattr", unix.SYS_MOVE_MOUNT: "move_mount", unix.SYS_MPROTECT: "mprotect", unix.SYS_MUNMAP: "munmap",
	unix.SYS_NANOSLEEP: "nanosleep", unix.SYS_NEWFSTATAT: "newfstatat", unix.SYS_OPEN: "open", unix.SYS_OPENAT: "openat", unix.SYS_OPENAT2: "openat2",
	unix.SYS_OPEN_BY_HANDLE_AT: "open_by_handle_at", unix.SYS_OPEN_TREE: "open_tree", unix.SYS_PIDFD_GETFD: "pidfd_getfd", unix.SYS_PIDFD_OPEN: "pidfd_open",
	unix.SYS_PIDFD_SEND_SIGNAL: "pidfd_send_signal", unix.SYS_PIPE2: "pipe2", unix.SYS_PIVOT_ROOT: "pivot_root", unix.SYS_POLL: "poll", unix.SYS_PPOLL: "ppoll", unix.SYS_PRCTL: "prctl",
	unix.SYS_PREAD64: "pread64", unix.SYS_PRLIMIT64: "prlimit64", unix.SYS_READ: "read", unix.SYS_READLINK: "readlink", unix.SYS_READLINKAT: "readlinkat", unix.SYS_RECVFROM: "recvfrom",
	unix.SYS_RECVMSG: "recvmsg", unix.SYS_RENAMEAT: "renameat", unix.SYS_RENAMEAT2: "renameat2", unix.SYS_RMDIR: "rmdir", unix.SYS_RSEQ: "rseq",
	unix.SYS_RT_SIGACTION: "rt_sigaction", unix.SYS_RT_SIGPENDING: "rt_sigpending", unix.SYS_RT_SIGPROCMASK: "rt_sigprocmask", unix.SYS_RT_SIGRETURN: "rt_sigreturn", unix.SYS_RT_SIGTIMEDWAIT: "rt_sigtimedwait",
	unix.SYS_SCHED_GETAFFINITY: "sched_getaffinity", unix.SYS_SCHED_SETAFFINITY: "sched_setaffinity", unix.SYS_SCHED_YIELD: "sched_yield", unix.SYS_SENDFILE: "sendfile", unix.SYS_SENDMSG: "sendmsg", unix.SYS_SENDTO: "sendto",
	unix.SYS_SETGID: "setgid", unix.SYS_SETGROUPS: "setgroups", unix.SYS_SETHOSTNAME: "sethostname", unix.SYS_SETNS: "setns", unix.SYS_SETREGID: "setregid", unix.SYS_SETRESGID: "setresgid", unix.SYS_SETRESUID: "setresuid", unix.SYS_SETREUID: "setreuid", unix.SYS_SETRLIMIT: "setrlimit",
	unix.SYS_SETSOCKOPT: "setsockopt", unix.SYS_SETUID: "setuid", unix.SYS_SET_ROBUST_LIST: "set_robust_list", unix.SYS_SET_TID_ADDRESS: "set_tid_address",
	unix.SYS_SIGALTSTACK: "sigaltstack", unix.SYS_SOCKET: "socket", unix.SYS_STAT: "stat", unix.SYS_STATFS: "statfs", unix.SYS_STATX: "statx", unix.SYS_SYMLINKAT: "symlinkat",
	unix.SYS_TGKILL: "tgkill", unix.SYS_TKILL: "tkill", unix.SYS_UMASK: "umask", unix.SYS_UMOUNT2: "umount2", unix.SYS_UNAME: "uname", unix.SYS_UNLINK: "unlink", unix.SYS_UNLINKAT: "unlinkat",
	unix.SYS_UNSHARE: "unshare", unix.SYS_UTIMENSAT: "utimensat", unix.SYS_VFORK: "vfork", unix.SYS_WAIT4: "wait4", unix.SYS_WAITID: "waitid", unix.SYS_WRITE: "write", unix.SYS_WRITEV: "writev",
}

// fcntlNames are the second arguments of fcntl(2).
var fcntlNames = map[uint64]string{
	unix.F_DUPFD_CLOEXEC: "F_DUPFD_CLOEXEC", unix.F_GETFD: "F_GETFD", unix.F_SETFD: "F_SETFD", unix.F_GETFL: "F_GETFL",
	unix.F_SETFL: "F_SETFL", unix.F_ADD_SEALS: "F_ADD_SEALS",
}

// OpenTreeNamespace is the name of an open_tree(2) that makes a mount namespace, which kernels
// before Linux 7.0 do not: every nskit that tries it has another way.
const OpenTreeNamespace = "open_tree OPEN_TREE_NAMESPACE"

// callName is the name of a call by its number and its second and third arguments.
func callName(number, second, third uint64) string {
	name, ok := callNames[number]
	if !ok {
		return fmt.Sprintf("call %d", number)
	}
	switch {
	case number == unix.SYS_FCNTL:
		return name + " " + fcntlNames[second]
	case number == unix.SYS_OPEN_TREE && third&program.OpenTreeNamespace != 0:
		return OpenTreeNamespace
	}
	return name
}
