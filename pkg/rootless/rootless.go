//go:build linux

// Package rootless makes a program root in a user namespace of its own, in place: the
// process keeps its PID, its parent, its descriptors and its arguments. It is what
// containers/storage's unshare.MaybeReexecUsingUserNamespace does, without cgo.
//
//	func main() {
//		if err := rootless.Become(); err != nil {
//			log.Fatal(err)
//		}
//		// root here, with all subordinate IDs
//	}
//
// The kernel makes user namespaces for processes of one thread alone, and a Go process
// has several before main. So Become executes a very small image (package trampoline),
// which makes the namespace, has newuidmap(1) and newgidmap(1) write the ID maps, and
// executes the program again, from the file that it runs from: not by /proc/self/exe, which
// is the image by then.
//
// The package is for programs' main functions (and for TestMain): it reads arguments and
// environment, and leaves the variable _NSKIT_ROOTLESS in the latter, which tells programs
// that are started inside who the user was outside. A library does not call it. Linux 4.18
// or later, and a /proc.
package rootless

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/internal/trampoline"
	"github.com/nskit/nskit/internal/userdb"
	"github.com/nskit/nskit/pkg/idmap"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// variable says who the user was outside: "UID GID", and behind them the descriptor that the
// program was executed from, if any.
const variable = "_NSKIT_ROOTLESS"

// ErrLoop says that the program was executed again and is not root: something has changed
// its user in the meantime.
var ErrLoop = errors.New("rootless: executed again, and not root")

// Become makes the process root in a new user and mount namespace. Inside, it is
// UID and GID 0, and all ranges of subordinate IDs that the user has (/etc/subuid and
// /etc/subgid, or getsubids(1) where nsswitch.conf(5) names another source) are mapped from
// 1 on. A user without such a range is root alone, with one ID.
//
// It returns nil in a process that is root, by this or otherwise. An error means that
// nothing has been done: it is [ErrLoop], what trampoline.Exec says, or
// [exec.ErrNotFound] for newuidmap(1) or newgidmap(1). What fails later ends the process with a
// message and exit code 1. Call Become first in main: all goroutines end, and what was written
// to a buffer is lost.
func Become() error {
	if uid, _, fd, ok := outside(); ok {
		if fd > 0 {
			closeOwn(fd)
			os.Setenv(variable, fmt.Sprint(uid, " ", OriginalGID()))
		}
		if os.Geteuid() != 0 {
			return ErrLoop
		}
		return nil
	}
	if os.Geteuid() == 0 {
		return nil
	}
	spec, err := decide()
	if err != nil {
		return err
	}
	caller := launch.Self()
	caller.Path = launch.Some(os.Getenv("PATH"))
	return fmt.Errorf("rootless: %w", trampoline.Exec(launch.Unshare(spec, caller)))
}

// IsRootless reports whether the user is unprivileged outside: before Become, and after it.
func IsRootless() bool { return OriginalUID() != 0 }

// OriginalUID is the user's ID outside: the effective one of a process that has not
// become root by Become.
func OriginalUID() int {
	if uid, _, _, ok := outside(); ok {
		return uid
	}
	return os.Geteuid()
}

// OriginalGID is the group's ID outside.
func OriginalGID() int {
	if _, gid, _, ok := outside(); ok {
		return gid
	}
	return os.Getegid()
}

// outside reads the variable.
func outside() (uid, gid, fd int, ok bool) { return parseMark(os.Getenv(variable)) }

// parseMark reads a value that decide has made; any other counts as none. fd is 0 for none.
func parseMark(text string) (uid, gid, fd int, ok bool) {
	fields := strings.Split(text, " ")
	if len(fields) != 2 && len(fields) != 3 {
		return 0, 0, 0, false
	}
	var numbers [3]int
	for i, field := range fields {
		n, err := strconv.ParseUint(field, 10, 32)
		if err != nil || i == 2 && n < 3 || int(n) < 0 {
			return 0, 0, 0, false
		}
		numbers[i] = int(n)
	}
	return numbers[0], numbers[1], numbers[2], true
}

// closeOwn closes the descriptor that the program was executed from, and no other.
func closeOwn(fd int) {
	running, err := os.Stat("/proc/self/exe")
	if err != nil {
		return
	}
	if there, err := os.Stat("/proc/self/fd/" + strconv.Itoa(fd)); err == nil && os.SameFile(running, there) {
		unix.Close(fd)
	}
}

// withMark is an environment with one variable of ours: of two the first would count.
func withMark(env []string, mark string) []string {
	env = slices.DeleteFunc(env, func(entry string) bool { return strings.HasPrefix(entry, variable+"=") })
	return append(env, variable+"="+mark)
}

// decide says what is to be made, and finds what that takes.
func decide() (*launch.Spec, error) {
	users, groups, err := maps()
	if err != nil {
		return nil, err
	}
	file, fd, err := binary()
	if err != nil {
		return nil, err
	}
	mark := fmt.Sprintf("%d %d", os.Getuid(), os.Getgid())
	if fd > 0 {
		mark += " " + strconv.Itoa(fd)
	}
	return &launch.Spec{
		Name: filepath.Base(os.Args[0]), Unshare: ns.SetOf(ns.User, ns.Mount), Users: users, Groups: groups,
		Env:     withMark(os.Environ(), mark),
		Command: launch.Command{File: file, Args: os.Args, Title: os.Args, Direct: true},
	}, nil
}

// binary is the file that this process runs from: by its path as long as that still leads
// to it, else by a descriptor that outlives execve(2).
func binary() (path string, fd int, err error) {
	const own = "/proc/self/exe"
	running, err := os.Stat(own)
	if err != nil {
		return "", 0, err
	}
	path, err = os.Readlink(own)
	if err != nil {
		return "", 0, err
	}
	if there, err := os.Stat(path); err == nil && os.SameFile(running, there) {
		return path, 0, nil
	}
	if fd, err = unix.Open(own, unix.O_PATH, 0); err != nil {
		return "", 0, &os.PathError{Op: "open", Path: own, Err: err}
	}
	return "/proc/self/fd/" + strconv.Itoa(fd), fd, nil
}

// maps are the user's own ID as 0, and all that are subordinate to it.
func maps() (users, groups launch.IDs, err error) {
	zero := launch.Some(uint32(0))
	users, groups = launch.IDs{Single: zero}, launch.IDs{Single: zero}
	user, ok := userdb.UserByID(uint32(os.Geteuid()))
	if !ok {
		user = userdb.User{UID: uint32(os.Geteuid()), Name: strconv.Itoa(os.Geteuid())}
	}
	uids, gids := subordinate("/etc/subuid", user), subordinate("/etc/subgid", user, "-g")
	if len(uids) == 0 || len(gids) == 0 {
		return users, groups, nil
	}
	for _, tool := range []string{"newuidmap", "newgidmap"} {
		if _, err := exec.LookPath(tool); err != nil {
			return users, groups, fmt.Errorf("rootless: subordinate IDs: %w", err)
		}
	}
	users.Blocks, groups.Blocks = behindRoot(uids), behindRoot(gids)
	return users, groups, nil
}

// subordinate are the ranges that a file gives to a user, or another source does.
func subordinate(file string, user userdb.User, option ...string) []idmap.Range {
	nsswitch, _ := rawfile.Read("/etc/nsswitch.conf") // without one the files count
	if userdb.OtherSource(string(nsswitch), "subid") {
		return idmap.Getsubids(userdb.Ask("getsubids", append(option, user.Name)...))
	}
	text, _ := rawfile.Read(file) // without one there are none
	return idmap.SubIDs(string(text), user.Name, user.UID)
}

// behindRoot maps ranges from 1 on.
func behindRoot(ranges []idmap.Range) []idmap.Block {
	var blocks []idmap.Block
	for _, r := range ranges {
		r.Inner++
		blocks = append(blocks, idmap.Block{Range: r})
	}
	return blocks
}
