package prestart

import (
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// UnpinAll gives every thread of the process back the CPUs that it was started
// on, for a command that is going to use them all. Threads that come later have
// what the thread that makes them has. Without /proc it does what Unpin does.
func UnpinAll() {
	Unpin()
	if saved.AffinityLen <= 0 {
		return
	}
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return
	}
	for _, task := range tasks {
		if tid, err := strconv.Atoi(task.Name()); err == nil {
			unix.RawSyscall(unix.SYS_SCHED_SETAFFINITY, uintptr(tid), uintptr(saved.AffinityLen), uintptr(unsafe.Pointer(&saved.Affinity)))
		}
	}
}
