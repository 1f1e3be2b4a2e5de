package prestart

import (
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// unpin gives the calling thread back the CPUs that the process was started
// on, and its timers their precision. Threads that exist already keep their
// single CPU; call it before work is spread.
func unpin() {
	if saved.AffinityLen > 0 {
		unix.RawSyscall(unix.SYS_SCHED_SETAFFINITY, 0, uintptr(saved.AffinityLen), uintptr(unsafe.Pointer(&saved.Affinity)))
		unix.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_TIMERSLACK, uintptr(saved.TimerSlack), 0)
	}
}

// UnpinAll gives every thread of the process back the CPUs that it was started
// on, for a command that is going to use them all. Threads that come later have
// what the thread that makes them has. Without /proc it is the calling thread alone.
func UnpinAll() {
	unpin()
	if saved.AffinityLen <= 0 {
		return
	}
	for _, task := range tasks() {
		if tid, err := strconv.Atoi(task); err == nil {
			unix.RawSyscall(unix.SYS_SCHED_SETAFFINITY, uintptr(tid), uintptr(saved.AffinityLen), uintptr(unsafe.Pointer(&saved.Affinity)))
		}
	}
}

// tasks are the names of the process's threads. os.ReadDir would sort them: 14 KB of the binary.
func tasks() (names []string) {
	fd, err := unix.Open("/proc/self/task", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	buffer := make([]byte, 4096)
	for {
		n, err := unix.ReadDirent(fd, buffer)
		if err != nil || n <= 0 {
			break
		}
		_, _, names = unix.ParseDirent(buffer[:n], -1, names)
	}
	unix.Close(fd)
	return names
}
