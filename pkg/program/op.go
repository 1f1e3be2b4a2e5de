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

// Ops is the number of operations on variables.
const Ops = 7

// The system calls a Program is made of.
var (
	SysCapget       = Op{Name: "capget", Number: unix.SYS_CAPGET}
	SysCapset       = Op{Name: "capset", Number: unix.SYS_CAPSET}
	SysChdir        = Op{Name: "chdir", Number: unix.SYS_CHDIR}
	SysChroot       = Op{Name: "chroot", Number: unix.SYS_CHROOT}
	SysClone        = Op{Name: "clone", Number: unix.SYS_CLONE}
	SysClose        = Op{Name: "close", Number: unix.SYS_CLOSE}
	SysExecve       = Op{Name: "execve", Number: unix.SYS_EXECVE}
	SysExitGroup    = Op{Name: "exit_group", Number: unix.SYS_EXIT_GROUP}
	SysGetpid       = Op{Name: "getpid", Number: unix.SYS_GETPID}
	SysIoctl        = Op{Name: "ioctl", Number: unix.SYS_IOCTL}
	SysKill         = Op{Name: "kill", Number: unix.SYS_KILL}
	SysMount        = Op{Name: "mount", Number: unix.SYS_MOUNT}
	SysOpenat       = Op{Name: "openat", Number: unix.SYS_OPENAT}
	SysPidfdOpen    = Op{Name: "pidfd_open", Number: unix.SYS_PIDFD_OPEN}
	SysPipe2        = Op{Name: "pipe2", Number: unix.SYS_PIPE2}
	SysPpoll        = Op{Name: "ppoll", Number: unix.SYS_PPOLL}
	SysPrctl        = Op{Name: "prctl", Number: unix.SYS_PRCTL}
	SysRead         = Op{Name: "read", Number: unix.SYS_READ}
	SysSigaction    = Op{Name: "rt_sigaction", Number: unix.SYS_RT_SIGACTION}
	SysSigprocmask  = Op{Name: "rt_sigprocmask", Number: unix.SYS_RT_SIGPROCMASK}
	SysSigtimedwait = Op{Name: "rt_sigtimedwait", Number: unix.SYS_RT_SIGTIMEDWAIT}
	SysSetgid       = Op{Name: "setgid", Number: unix.SYS_SETGID}
	SysSetgroups    = Op{Name: "setgroups", Number: unix.SYS_SETGROUPS}
	SysSethostname  = Op{Name: "sethostname", Number: unix.SYS_SETHOSTNAME}
	SysSetuid       = Op{Name: "setuid", Number: unix.SYS_SETUID}
	SysSocket       = Op{Name: "socket", Number: unix.SYS_SOCKET}
	SysUmount2      = Op{Name: "umount2", Number: unix.SYS_UMOUNT2}
	SysUnshare      = Op{Name: "unshare", Number: unix.SYS_UNSHARE}
	SysWait4        = Op{Name: "wait4", Number: unix.SYS_WAIT4}
	SysWrite        = Op{Name: "write", Number: unix.SYS_WRITE}
)
