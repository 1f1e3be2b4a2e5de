//go:build linux

package program

import "golang.org/x/sys/unix"

// Op is a system call or an operation on variables. Numbers of system calls
// differ between architectures; an Op holds those of the one it is built for.
type Op struct {
	Name string
	// Number is the system call's number, or the operation's if Local is set.
	Number uint16
	// Local marks an operation that does not enter the kernel.
	Local bool
}

// The operations on variables. Each yields a result that is routed like that
// of a system call, so they also serve to compare.
var (
	// OpMove yields its first argument.
	OpMove = Op{"=", 0, true}
	// OpAdd yields the sum.
	OpAdd = Op{"+", 1, true}
	// OpSub yields the difference: zero for equal values.
	OpSub = Op{"-", 2, true}
	// OpAnd yields the bits set in both.
	OpAnd = Op{"&", 3, true}
	// OpOr yields the bits set in either.
	OpOr = Op{"|", 4, true}
	// OpShiftLeft yields the first shifted by the second, in bits.
	OpShiftLeft = Op{"<<", 5, true}
	// OpShiftRight is its opposite, filling with zeros.
	OpShiftRight = Op{">>", 6, true}
)

// operations is the number of operations on variables.
const operations = 7

// The system calls a Program is made of.
var (
	SysCapget         = Op{Name: "capget", Number: unix.SYS_CAPGET}
	SysCapset         = Op{Name: "capset", Number: unix.SYS_CAPSET}
	SysChdir          = Op{Name: "chdir", Number: unix.SYS_CHDIR}
	SysChroot         = Op{Name: "chroot", Number: unix.SYS_CHROOT}
	SysClone          = Op{Name: "clone", Number: unix.SYS_CLONE}
	SysClone3         = Op{Name: "clone3", Number: unix.SYS_CLONE3}
	SysClose          = Op{Name: "close", Number: unix.SYS_CLOSE}
	SysCloseRange     = Op{Name: "close_range", Number: unix.SYS_CLOSE_RANGE}
	SysDup3           = Op{Name: "dup3", Number: unix.SYS_DUP3}
	SysExecve         = Op{Name: "execve", Number: unix.SYS_EXECVE}
	SysExecveat       = Op{Name: "execveat", Number: unix.SYS_EXECVEAT}
	SysExitGroup      = Op{Name: "exit_group", Number: unix.SYS_EXIT_GROUP}
	SysFchdir         = Op{Name: "fchdir", Number: unix.SYS_FCHDIR}
	SysFchmod         = Op{Name: "fchmod", Number: unix.SYS_FCHMOD}
	SysFcntl          = Op{Name: "fcntl", Number: unix.SYS_FCNTL}
	SysFchmodat       = Op{Name: "fchmodat", Number: unix.SYS_FCHMODAT}
	SysFlock          = Op{Name: "flock", Number: unix.SYS_FLOCK}
	SysFsconfig       = Op{Name: "fsconfig", Number: unix.SYS_FSCONFIG}
	SysFsmount        = Op{Name: "fsmount", Number: unix.SYS_FSMOUNT}
	SysFsopen         = Op{Name: "fsopen", Number: unix.SYS_FSOPEN}
	SysFstatfs        = Op{Name: "fstatfs", Number: unix.SYS_FSTATFS}
	SysGetcwd         = Op{Name: "getcwd", Number: unix.SYS_GETCWD}
	SysGetpid         = Op{Name: "getpid", Number: unix.SYS_GETPID}
	SysGetuid         = Op{Name: "getuid", Number: unix.SYS_GETUID}
	SysIoctl          = Op{Name: "ioctl", Number: unix.SYS_IOCTL}
	SysKill           = Op{Name: "kill", Number: unix.SYS_KILL}
	SysMemfdCreate    = Op{Name: "memfd_create", Number: unix.SYS_MEMFD_CREATE}
	SysMkdirat        = Op{Name: "mkdirat", Number: unix.SYS_MKDIRAT}
	SysMknodat        = Op{Name: "mknodat", Number: unix.SYS_MKNODAT}
	SysMount          = Op{Name: "mount", Number: unix.SYS_MOUNT}
	SysMountSetattr   = Op{Name: "mount_setattr", Number: unix.SYS_MOUNT_SETATTR}
	SysMoveMount      = Op{Name: "move_mount", Number: unix.SYS_MOVE_MOUNT}
	SysNewfstatat     = Op{Name: "newfstatat", Number: numberNewfstatat}
	SysOpenByHandleAt = Op{Name: "open_by_handle_at", Number: unix.SYS_OPEN_BY_HANDLE_AT}
	SysOpenTree       = Op{Name: "open_tree", Number: unix.SYS_OPEN_TREE}
	SysOpenat         = Op{Name: "openat", Number: unix.SYS_OPENAT}
	SysOpenat2        = Op{Name: "openat2", Number: unix.SYS_OPENAT2}
	SysPidfdGetfd     = Op{Name: "pidfd_getfd", Number: unix.SYS_PIDFD_GETFD}
	SysPidfdOpen      = Op{Name: "pidfd_open", Number: unix.SYS_PIDFD_OPEN}
	SysPipe2          = Op{Name: "pipe2", Number: unix.SYS_PIPE2}
	SysPivotRoot      = Op{Name: "pivot_root", Number: unix.SYS_PIVOT_ROOT}
	SysPpoll          = Op{Name: "ppoll", Number: unix.SYS_PPOLL}
	SysPread64        = Op{Name: "pread64", Number: unix.SYS_PREAD64}
	SysPrctl          = Op{Name: "prctl", Number: unix.SYS_PRCTL}
	SysPrlimit64      = Op{Name: "prlimit64", Number: unix.SYS_PRLIMIT64}
	SysRead           = Op{Name: "read", Number: unix.SYS_READ}
	SysReadlinkat     = Op{Name: "readlinkat", Number: unix.SYS_READLINKAT}
	SysSendfile       = Op{Name: "sendfile", Number: unix.SYS_SENDFILE}
	SysRenameat2      = Op{Name: "renameat2", Number: unix.SYS_RENAMEAT2}
	SysSetgid         = Op{Name: "setgid", Number: unix.SYS_SETGID}
	SysSetgroups      = Op{Name: "setgroups", Number: unix.SYS_SETGROUPS}
	SysSethostname    = Op{Name: "sethostname", Number: unix.SYS_SETHOSTNAME}
	SysSetns          = Op{Name: "setns", Number: unix.SYS_SETNS}
	SysSetuid         = Op{Name: "setuid", Number: unix.SYS_SETUID}
	SysSigaction      = Op{Name: "rt_sigaction", Number: unix.SYS_RT_SIGACTION}
	SysSigprocmask    = Op{Name: "rt_sigprocmask", Number: unix.SYS_RT_SIGPROCMASK}
	SysSigtimedwait   = Op{Name: "rt_sigtimedwait", Number: unix.SYS_RT_SIGTIMEDWAIT}
	SysSocket         = Op{Name: "socket", Number: unix.SYS_SOCKET}
	SysStatfs         = Op{Name: "statfs", Number: unix.SYS_STATFS}
	SysStatx          = Op{Name: "statx", Number: unix.SYS_STATX}
	SysSymlinkat      = Op{Name: "symlinkat", Number: unix.SYS_SYMLINKAT}
	SysTimerfdCreate  = Op{Name: "timerfd_create", Number: unix.SYS_TIMERFD_CREATE}
	SysTimerfdSettime = Op{Name: "timerfd_settime", Number: unix.SYS_TIMERFD_SETTIME}
	SysUmask          = Op{Name: "umask", Number: unix.SYS_UMASK}
	SysUmount2        = Op{Name: "umount2", Number: unix.SYS_UMOUNT2}
	SysUnlinkat       = Op{Name: "unlinkat", Number: unix.SYS_UNLINKAT}
	SysUnshare        = Op{Name: "unshare", Number: unix.SYS_UNSHARE}
	SysWait4          = Op{Name: "wait4", Number: unix.SYS_WAIT4}
	SysWrite          = Op{Name: "write", Number: unix.SYS_WRITE}
	SysWritev         = Op{Name: "writev", Number: unix.SYS_WRITEV}
)
