package veth

import (
	"errors"
	"path/filepath"
	"strings"
	"time"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/trampoline"
	"golang.org/x/sys/unix"
)

// The open(2) of a path waits for every file system on its way that has to be asked.
// One that never answers, a FUSE mount whose daemon hangs, keeps whoever has asked for
// ever; not even SIGKILL ends that. So what the kernel knows is looked at first, and
// where it does not know, a child asks.

// errNoAnswer is what a path is refused with on whose way a file system hangs.
var errNoAnswer = errors.New("a file system on the way does not answer")

// untilAnswer is how long a file system has to answer.
const untilAnswer = 5 * time.Second

// openPath opens the file of a namespace that somebody has named.
func openPath(path string) (int, error) {
	place, err := openPlace(path)
	switch {
	case err == nil:
		other := notNamespace(place)
		unix.Close(place)
		if other {
			return -1, errNotNetNS // an open(2) could wait for it
		}
	case errors.Is(err, unix.EAGAIN) && !answers(path):
		return -1, errNoAnswer
	}
	return openFile(path)
}

// openPlace opens a path as a mere place (O_PATH) without asking a file system: where
// one has to be asked, the error is EAGAIN (RESOLVE_CACHED, Linux 5.12). /proc has to be,
// and always answers, unless the path leads on through it.
func openPlace(path string) (int, error) {
	if strings.HasPrefix(path, "/proc/") && !strings.Contains(path, "/root/") && !strings.Contains(path, "/cwd/") {
		return unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	}
	return unix.Openat2(unix.AT_FDCWD, path, &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: 0x20})
}

// notNamespace says that a place is on another file system than all namespaces are,
// without asking that one.
func notNamespace(place int) bool {
	var there, own unix.Statx_t
	if unix.Statx(unix.AT_FDCWD, "/proc/self/ns/net", unix.AT_STATX_DONT_SYNC, 0, &own) != nil ||
		unix.Statx(place, "", unix.AT_EMPTY_PATH|unix.AT_STATX_DONT_SYNC, 0, &there) != nil {
		return false // unknown
	}
	return there.Dev_major != own.Dev_major || there.Dev_minor != own.Dev_minor
}

// listable says that a directory is there and that listing it comes to an end: it is on
// the file system of the directory above, or its own has answered a child.
func listable(dir string) bool {
	own, err := openPlace(dir)
	if err != nil {
		return errors.Is(err, unix.EAGAIN) && answers(dir)
	}
	defer unix.Close(own)
	above, err := openPlace(filepath.Dir(dir))
	if err != nil {
		return answers(dir)
	}
	defer unix.Close(above)
	return sameDevice(own, above) || answers(dir)
}

// sameDevice says that two places are known to be on one file system, without asking it.
func sameDevice(a, b int) bool {
	var one, other unix.Statx_t
	return unix.Statx(a, "", unix.AT_EMPTY_PATH|unix.AT_STATX_DONT_SYNC, 0, &one) == nil &&
		unix.Statx(b, "", unix.AT_EMPTY_PATH|unix.AT_STATX_DONT_SYNC, 0, &other) == nil &&
		one.Dev_major == other.Dev_major && one.Dev_minor == other.Dev_minor
}

// answers has a child open a path, and says whether that comes to an end. A child that
// does not has no descriptor of this process. Without a /proc there is none, and nothing is known.
func answers(path string) bool {
	b := program.New("vethctl")
	b.Cmdline([]string{"vethctl"})
	b.Open(path, unix.O_RDONLY|unix.O_NONBLOCK).Tolerate()
	b.ExitGroup(program.Int(0))
	child, err := trampoline.Start(b.Program(), nil)
	if err != nil {
		return true
	}
	ended := make(chan bool, 1)
	go func() {
		_, _ = child.Wait() // how it has ended is no matter
		ended <- true
	}()
	select {
	case <-ended:
		return true
	case <-time.After(untilAnswer):
		_ = child.Kill()
		return false
	}
}
