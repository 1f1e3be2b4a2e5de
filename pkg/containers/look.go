//go:build linux

package containers

import (
	"errors"
	"path"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// StartedAfter says whether the process was started after that time of the
// system's clock: then what was written at that time is about another process.
// Where the clock was set in between, it errs by as much.
func (p Process) StartedAfter(seconds, nanoseconds int64) bool {
	boot, ok := bootTime(readClocks)
	if p.Started == 0 || !ok {
		return false
	}
	started := boot + time.Duration(p.Started)*(time.Second/clockTicks)
	return started > time.Duration(seconds)*time.Second+time.Duration(nanoseconds)+slack
}

// bootTime is the time of the system's clock at which the machine started. Where
// the caller loses its CPU between two clocks the difference between them is
// wrong by as much, so the closest of several readings counts.
func bootTime(read func() (before, now, after time.Duration, ok bool)) (boot time.Duration, ok bool) {
	best := time.Duration(-1)
	for range 10 {
		before, now, after, ok := read()
		if !ok {
			return 0, false
		}
		if apart := after - before; best < 0 || apart < best {
			best, boot = apart, now-before
		}
		if best < time.Millisecond {
			break
		}
	}
	return boot, true
}

// readClocks reads the system's clock, and the time since the start of the machine before and after it.
func readClocks() (before, now, after time.Duration, ok bool) {
	var clocks [3]unix.Timespec
	for i, clock := range []int32{unix.CLOCK_BOOTTIME, unix.CLOCK_REALTIME, unix.CLOCK_BOOTTIME} {
		if unix.ClockGettime(clock, &clocks[i]) != nil {
			return 0, 0, 0, false
		}
	}
	return time.Duration(clocks[0].Nano()), time.Duration(clocks[1].Nano()), time.Duration(clocks[2].Nano()), true
}

// clockTicks is USER_HZ, the same on all architectures that Go knows.
const clockTicks = 100

// slack is for the clock of file systems, which stands still for a tick, at most
// 10 ms.
const slack = 20 * time.Millisecond

// view is what /proc tells about one process.
type view struct {
	Process
	dead   bool
	cgroup string
	// err is why Mount and Root are not known, nil if they are.
	err error
}

// Look reads what tells a process apart. What /proc keeps from the caller is
// zero; the error is for a process that does not exist.
func Look(pid int) (Process, error) {
	v, err := look("/", strconv.Itoa(pid))
	if err == nil && v.dead {
		err = unix.ESRCH
	}
	return v.Process, err
}

// look reads a process by the name of its directory in /proc, which is held
// open meanwhile: all of it is of one process, whoever gets its PID.
func look(root, name string) (view, error) {
	dir, err := openProc(root, name)
	if err != nil {
		return view{}, err
	}
	defer unix.Close(dir)
	stat, err := readAt(dir, "stat", maxProc)
	if err != nil {
		return view{}, err
	}
	var v view
	v.PID, _ = strconv.Atoi(name)
	v.Started, v.dead = parseStat(stat)
	v.cgroup, _ = readAt(dir, "cgroup", maxProc)
	v.Mount, v.err = mountNamespace(dir, "ns/mnt")
	if v.err == nil {
		v.Root, v.err = rootOf(dir)
	}
	if v.err != nil {
		v.Mount, v.Root = 0, File{}
	}
	return v, nil
}

func openProc(root, name string) (int, error) {
	return unix.Open(path.Join(root, "proc", name), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
}

// mountNamespace is the inode of a process's mount namespace, by its link.
func mountNamespace(dir int, link string) (uint64, error) {
	var text [64]byte
	n, err := unix.Readlinkat(dir, link, text[:])
	if err != nil {
		return 0, err
	}
	number, ok := strings.CutPrefix(string(text[:n]), "mnt:[")
	inode, err := strconv.ParseUint(strings.TrimSuffix(number, "]"), 10, 64)
	if !ok || err != nil {
		return 0, errors.New("not a mount namespace")
	}
	return inode, nil
}

// rootOf is a process's root directory. A file system that does not answer is
// not asked.
func rootOf(dir int) (File, error) {
	var x unix.Statx_t
	err := unix.Statx(dir, "root", unix.AT_STATX_DONT_SYNC, unix.STATX_INO, &x)
	if err == nil {
		return File{unix.Mkdev(x.Dev_major, x.Dev_minor), x.Ino}, nil
	}
	var st unix.Stat_t
	if err == unix.ENOSYS || err == unix.EPERM { // an old kernel, or a filter
		err = unix.Fstatat(dir, "root", &st, 0)
	}
	return File{uint64(st.Dev), st.Ino}, err
}

// executesOwn says whether a process runs a program of its own mount namespace.
// A runtime's helper does not, even where it is all set up but for its last
// execve(2): it still is the runtime, which lies outside or in memory. An init
// that a runtime brings along, such as docker-init, is bound into the namespace.
func executesOwn(root string, pid int) bool {
	dir, err := openProc(root, strconv.Itoa(pid))
	if err != nil {
		return false
	}
	defer unix.Close(dir)
	mounts, err := readAt(dir, "mountinfo", maxFile)
	if err != nil {
		return false
	}
	exe, err := unix.Openat(dir, "exe", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(exe)
	id, ok := mountOf(exe)
	return ok && hasMount(mounts, id)
}

// mountOf is the number of the mount that an open file lies on, see proc_pid_fdinfo(5).
func mountOf(fd int) (string, bool) {
	text, err := readFile("/proc/self/fdinfo/"+strconv.Itoa(fd), maxProc)
	if err != nil {
		return "", false
	}
	for line := range strings.Lines(text) {
		if id, ok := strings.CutPrefix(line, "mnt_id:"); ok {
			return strings.TrimSpace(id), true
		}
	}
	return "", false
}

// hasMount says whether the text of a /proc/PID/mountinfo has a mount.
func hasMount(mountinfo, id string) bool {
	for line := range strings.Lines(mountinfo) {
		if number, _, _ := strings.Cut(line, " "); number == id {
			return true
		}
	}
	return false
}
