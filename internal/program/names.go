//go:build linux

package program

import (
	"cmp"
	"math/bits"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Names gives the symbolic names of an argument's values.
type Names struct {
	// Signals says that values are signals.
	Signals bool
	// Bits says that values are sets of bits; otherwise a value has one name.
	Bits bool
	// Zero is how 0 is printed where Bits is set, "0" if empty.
	Zero string
	List []Named
}

// Named is a value with its name.
type Named struct {
	Value int64
	Name  string
}

// Format prints value by name: a bit that has none in hexadecimal, another value
// in decimal. Nil Names have no name at all.
func (n *Names) Format(value int64) string {
	if n == nil {
		return strconv.FormatInt(value, 10)
	}
	if n.Signals {
		return signalName(int(value))
	}
	if !n.Bits {
		for _, named := range n.List {
			if named.Value == value {
				return named.Name
			}
		}
		return strconv.FormatInt(value, 10)
	}
	var parts []string
	for _, named := range n.List {
		if named.Value != 0 && value&named.Value == named.Value {
			parts = append(parts, named.Name)
			value &^= named.Value
		}
	}
	if value != 0 {
		parts = append(parts, "0x"+strconv.FormatUint(uint64(value), 16))
	}
	if len(parts) == 0 {
		return cmp.Or(n.Zero, "0")
	}
	return strings.Join(parts, "|")
}

// The names of the flags that steps use.
var (
	cloneNames = &Names{Bits: true, List: []Named{
		{unix.CLONE_NEWUSER, "CLONE_NEWUSER"}, {unix.CLONE_NEWNS, "CLONE_NEWNS"}, {unix.CLONE_NEWPID, "CLONE_NEWPID"},
		{unix.CLONE_NEWUTS, "CLONE_NEWUTS"}, {unix.CLONE_NEWIPC, "CLONE_NEWIPC"}, {unix.CLONE_NEWNET, "CLONE_NEWNET"},
		{unix.CLONE_NEWCGROUP, "CLONE_NEWCGROUP"}, {unix.CLONE_NEWTIME, "CLONE_NEWTIME"},
	}}
	mountNames = &Names{Bits: true, List: []Named{
		{unix.MS_BIND, "MS_BIND"}, {unix.MS_REMOUNT, "MS_REMOUNT"}, {unix.MS_MOVE, "MS_MOVE"}, {unix.MS_REC, "MS_REC"},
		{unix.MS_PRIVATE, "MS_PRIVATE"}, {unix.MS_SLAVE, "MS_SLAVE"}, {unix.MS_SHARED, "MS_SHARED"}, {unix.MS_UNBINDABLE, "MS_UNBINDABLE"},
		{unix.MS_RDONLY, "MS_RDONLY"}, {unix.MS_NOSUID, "MS_NOSUID"}, {unix.MS_NODEV, "MS_NODEV"}, {unix.MS_NOEXEC, "MS_NOEXEC"},
		{unix.MS_NOSYMFOLLOW, "MS_NOSYMFOLLOW"},
	}}
	umountNames = &Names{Bits: true, List: []Named{{unix.MNT_FORCE, "MNT_FORCE"}, {unix.MNT_DETACH, "MNT_DETACH"}, {unix.UMOUNT_NOFOLLOW, "UMOUNT_NOFOLLOW"}}}
	openNames   = &Names{Bits: true, Zero: "O_RDONLY", List: []Named{
		{unix.O_WRONLY, "O_WRONLY"}, {unix.O_RDWR, "O_RDWR"}, {unix.O_PATH, "O_PATH"}, {unix.O_DIRECTORY, "O_DIRECTORY"},
		{unix.O_NOFOLLOW, "O_NOFOLLOW"}, {unix.O_CREAT, "O_CREAT"}, {unix.O_EXCL, "O_EXCL"}, {unix.O_CLOEXEC, "O_CLOEXEC"},
		{unix.O_NONBLOCK, "O_NONBLOCK"},
	}}
	dirfdNames = &Names{List: []Named{{unix.AT_FDCWD, "AT_FDCWD"}}}
	prctlNames = &Names{List: []Named{
		{unix.PR_SET_PDEATHSIG, "PR_SET_PDEATHSIG"}, {unix.PR_SET_NAME, "PR_SET_NAME"}, {unix.PR_SET_KEEPCAPS, "PR_SET_KEEPCAPS"},
		{unix.PR_CAP_AMBIENT, "PR_CAP_AMBIENT"}, {unix.PR_GET_SECCOMP, "PR_GET_SECCOMP"}, {unix.PR_SET_DUMPABLE, "PR_SET_DUMPABLE"},
		{unix.PR_CAPBSET_DROP, "PR_CAPBSET_DROP"}, {unix.PR_SET_NO_NEW_PRIVS, "PR_SET_NO_NEW_PRIVS"},
	}}
	lockNames    = &Names{List: []Named{{unix.LOCK_EX, "LOCK_EX"}}}
	ambientNames = &Names{List: []Named{{unix.PR_CAP_AMBIENT_RAISE, "PR_CAP_AMBIENT_RAISE"}}}
	maskNames    = &Names{List: []Named{{unix.SIG_BLOCK, "SIG_BLOCK"}, {unix.SIG_UNBLOCK, "SIG_UNBLOCK"}, {unix.SIG_SETMASK, "SIG_SETMASK"}}}
	waitNames    = &Names{Bits: true, List: []Named{{unix.WNOHANG, "WNOHANG"}, {unix.WUNTRACED, "WUNTRACED"}}}
	forkNames    = &Names{List: []Named{{int64(unix.SIGCHLD), "SIGCHLD"}, {unix.CLONE_FILES | int64(unix.SIGCHLD), "CLONE_FILES|SIGCHLD"}}}
	familyNames  = &Names{List: []Named{{unix.AF_INET, "AF_INET"}, {unix.AF_UNIX, "AF_UNIX"}}}
	socketNames  = &Names{Bits: true, List: []Named{{unix.SOCK_DGRAM, "SOCK_DGRAM"}, {unix.SOCK_CLOEXEC, "SOCK_CLOEXEC"}}}
	signalNames  = &Names{Signals: true}
	ioctlNames   = &Names{List: []Named{{unix.SIOCSIFFLAGS, "SIOCSIFFLAGS"}, {unix.NS_GET_USERNS, "NS_GET_USERNS"}, {unix.NS_GET_NSTYPE, "NS_GET_NSTYPE"}, {unix.SIOCGSKNS, "SIOCGSKNS"}}}
	fcntlNames   = &Names{List: []Named{{unix.F_SETFD, "F_SETFD"}, {unix.F_ADD_SEALS, "F_ADD_SEALS"}}}
	fdNames      = &Names{List: []Named{{unix.FD_CLOEXEC, "FD_CLOEXEC"}}}
	atNames      = &Names{Bits: true, List: []Named{{unix.AT_RECURSIVE, "AT_RECURSIVE"}, {unix.AT_EMPTY_PATH, "AT_EMPTY_PATH"},
		{unix.AT_SYMLINK_NOFOLLOW, "AT_SYMLINK_NOFOLLOW"}}}
	nsfsNames     = &Names{List: []Named{{unix.FD_NSFS_ROOT, "FD_NSFS_ROOT"}}}
	openTreeNames = &Names{Bits: true, List: []Named{
		{unix.OPEN_TREE_CLONE, "OPEN_TREE_CLONE"}, {OpenTreeNamespace, "OPEN_TREE_NAMESPACE"}, {unix.OPEN_TREE_CLOEXEC, "OPEN_TREE_CLOEXEC"},
		{unix.AT_RECURSIVE, "AT_RECURSIVE"}, {unix.AT_EMPTY_PATH, "AT_EMPTY_PATH"}, {unix.AT_SYMLINK_NOFOLLOW, "AT_SYMLINK_NOFOLLOW"},
	}}
	moveMountNames = &Names{Bits: true, List: []Named{
		{unix.MOVE_MOUNT_F_EMPTY_PATH, "MOVE_MOUNT_F_EMPTY_PATH"}, {unix.MOVE_MOUNT_T_EMPTY_PATH, "MOVE_MOUNT_T_EMPTY_PATH"},
	}}
	attrNames = &Names{Bits: true, List: []Named{
		{unix.MOUNT_ATTR_RDONLY, "MOUNT_ATTR_RDONLY"}, {unix.MOUNT_ATTR_NOSUID, "MOUNT_ATTR_NOSUID"},
		{unix.MOUNT_ATTR_NODEV, "MOUNT_ATTR_NODEV"}, {unix.MOUNT_ATTR_NOEXEC, "MOUNT_ATTR_NOEXEC"},
	}}
	memfdNames = &Names{Bits: true, List: []Named{
		{unix.MFD_CLOEXEC, "MFD_CLOEXEC"}, {unix.MFD_ALLOW_SEALING, "MFD_ALLOW_SEALING"}, {unix.MFD_EXEC, "MFD_EXEC"},
	}}
	sealNames = &Names{Bits: true, List: []Named{
		{unix.F_SEAL_SEAL, "F_SEAL_SEAL"}, {unix.F_SEAL_SHRINK, "F_SEAL_SHRINK"}, {unix.F_SEAL_GROW, "F_SEAL_GROW"}, {unix.F_SEAL_WRITE, "F_SEAL_WRITE"},
	}}
	statxNames      = &Names{Bits: true, List: []Named{{unix.AT_EMPTY_PATH, "AT_EMPTY_PATH"}}}
	unlinkNames     = &Names{Bits: true, List: []Named{{unix.AT_REMOVEDIR, "AT_REMOVEDIR"}}}
	closeRangeNames = &Names{Bits: true, List: []Named{{unix.CLOSE_RANGE_CLOEXEC, "CLOSE_RANGE_CLOEXEC"}}}
	fsopenNames     = &Names{Bits: true, List: []Named{{unix.FSOPEN_CLOEXEC, "FSOPEN_CLOEXEC"}}}
	fsmountNames    = &Names{Bits: true, List: []Named{{unix.FSMOUNT_CLOEXEC, "FSMOUNT_CLOEXEC"}}}
	fsconfigNames   = &Names{List: []Named{{unix.FSCONFIG_SET_STRING, "FSCONFIG_SET_STRING"}, {unix.FSCONFIG_CMD_CREATE, "FSCONFIG_CMD_CREATE"}}}
	modeNames       = &Names{List: []Named{
		{0o644, "0644"}, {0o755, "0755"}, {unix.S_IFREG | 0o644, "S_IFREG|0644"},
	}}
)

// signalName is a signal's name, as in signal(7).
func signalName(sig int) string {
	if name := unix.SignalName(unix.Signal(sig)); name != "" {
		return name
	}
	return strconv.Itoa(sig)
}

// signalSet writes a set of signals as strace(1) does.
func signalSet(set uint64) string {
	if bits.OnesCount64(set) > 32 {
		return "~" + signalSet(^set)
	}
	var names []string
	for sig := 1; sig <= 64; sig++ {
		if set&(1<<(sig-1)) != 0 {
			names = append(names, strings.TrimPrefix(signalName(sig), "SIG"))
		}
	}
	return "[" + strings.Join(names, " ") + "]"
}
