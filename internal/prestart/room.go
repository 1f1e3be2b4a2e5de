//go:build amd64 || arm64 || loong64 || ppc64le || riscv64 || s390x

package prestart

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What the Go runtime takes to start, with something for the work behind it.
// TestRoom compares it with the runtime in use.
const (
	// addressSpace is reserved, most of it for two tables of 512 MiB; lsns has been
	// seen to end for lack of it with 1230 MiB.
	addressSpace = 1262 << 20
	// data is memory that can be written.
	data = 44 << 20
	// stack is what the runtime takes for granted.
	stack = 64 << 10
	// unlimited is more than any limit that says something.
	unlimited = 1 << 62
	// threads is how many it starts in small commands, at most.
	threads = 4
	// threadFlags are those with which the runtime starts a thread.
	threadFlags = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND | unix.CLONE_SYSVSEM | unix.CLONE_THREAD //lint:ignore U1000 only the entry uses it
)

// Short says what does not let the Go runtime start, "" if nothing is known. The
// runtime would end with pages of its own about it. It tries what the runtime is
// going to do, and is for before that, like all of this package.
func Short() string {
	switch {
	case limited(unix.RLIMIT_AS, unlimited) && !maps(addressSpace, unix.PROT_NONE):
		return "the limit on address space (ulimit -v) is too small: 1300000 KiB are enough"
	case limited(unix.RLIMIT_DATA, unlimited) && !maps(data, unix.PROT_READ|unix.PROT_WRITE):
		return "the limit on data (ulimit -d) is too small: 50000 KiB are enough"
	case limited(unix.RLIMIT_STACK, stack-1):
		return "the limit on the stack (ulimit -s) is too small: 64 KiB are enough"
	}
	switch startsThreads() {
	case 0:
		return ""
	case unix.EAGAIN:
		return "the limit on processes (ulimit -u, or pids.max of the control group) is too small: 8 more are enough"
	case unix.EINVAL: // clone(2): "children would be placed in a different PID namespace"
		return "its threads would be in another PID namespace (unshare --pid without --fork, or nsenter --pid with --no-fork)"
	}
	return "the kernel or a filter of system calls refuses threads (clone(2))"
}

// startsThreads says what error keeps the threads of the runtime from being had, all at the same
// time: none ends before the last one is there, and none is there any more when it
// returns. They must get no signal: they are on this stack, and have no other. Nothing
// is deferred: without optimization that takes the runtime.
func startsThreads() (refused syscall.Errno) {
	all, old := ^uint64(0), uint64(0)
	call(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&all)), uintptr(unsafe.Pointer(&old)), sigsetSize)
	var ids [threads]int
	for n := 0; n < threads && refused == 0; n++ {
		ids[n] = thread()
		if ids[n] < 0 {
			refused = syscall.Errno(-ids[n])
		}
	}
	saved.goOn = 1
	const wake = 129 // FUTEX_WAKE_PRIVATE of linux/futex.h
	call(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&saved.goOn)), wake, threads, 0)
	for n := 0; n < threads; n++ {
		for there := ids[n] > 0; there; {
			call(unix.SYS_SCHED_YIELD, 0, 0, 0, 0)
			_, there = call(unix.SYS_TKILL, uintptr(ids[n]), 0, 0, 0)
		}
	}
	call(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&old)), 0, sigsetSize)
	return refused
}

// limited says whether a limit is at most so much.
func limited(resource uintptr, most uint64) bool {
	var limit unix.Rlimit
	_, ok := call(unix.SYS_PRLIMIT64, 0, resource, 0, uintptr(unsafe.Pointer(&limit)))
	return ok && limit.Cur <= most
}

// maps says whether so much memory can be had. Nothing of it is touched.
func maps(size, protection uintptr) bool {
	at, ok := mapped(0, size, protection)
	if ok {
		call(unix.SYS_MUNMAP, at, size, 0, 0)
	}
	return ok
}
