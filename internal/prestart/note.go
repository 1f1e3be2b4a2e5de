package prestart

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What follows is called by the entry before the Go runtime starts, arm at first
// and the others before a start through the Go runtime.

// sigaction is the kernel's struct sigaction. Where there is a restorer it stands
// before the mask; both are empty but on amd64, which cannot do without.
type sigaction struct {
	handler, flags, restorer, mask uintptr
}

// sigIgn is SIG_IGN.
const sigIgn = 1

// sigsetSize is the size in bytes of the kernel's sets of signals.
const sigsetSize = 8

// call makes a system call and reports whether it has succeeded.
func call(number, a, b, c, d uintptr) (uintptr, bool) {
	result := Syscall(number, a, b, c, d, 0, 0)
	return result, Errno(result) == 0
}

// arm has a fault lead to the Go runtime, unless the caller has blocked it.
//
//lint:ignore U1000 the entry calls it
func arm() {
	call(unix.SYS_RT_SIGPROCMASK, 0, 0, uintptr(unsafe.Pointer(&saved.Mask)), sigsetSize)
	if saved.Mask&(1<<(unix.SIGSEGV-1)) != 0 {
		return
	}
	action := sigaction{handler: faultAddress(), flags: 0x40000000} // SA_NODEFER
	if runtime.GOARCH == "amd64" {
		action.flags |= 0x04000000 // SA_RESTORER
		action.restorer = action.handler
	}
	_, saved.armed = call(unix.SYS_RT_SIGACTION, uintptr(unix.SIGSEGV), uintptr(unsafe.Pointer(&action)), uintptr(unsafe.Pointer(&saved.segv)), sigsetSize)
}

// EndEarly takes back the last trace of the early attempt. Whatever faults from
// then on is a failure: it must be called before anything changes outside the
// process, which would otherwise be done twice.
func EndEarly() {
	if saved.armed {
		call(unix.SYS_RT_SIGACTION, uintptr(unix.SIGSEGV), uintptr(unsafe.Pointer(&saved.segv)), 0, sigsetSize)
	}
}

// note notes what the runtime is about to change, and has it start cheaply.
//
//lint:ignore U1000 the entry calls it
func note() {
	// No profile of allocations: nobody can read it, but the runtime finds that out
	// only after it has sampled the first one, in tables that take 2 % of the start.
	runtime.MemProfileRate = 0
	call(unix.SYS_RT_SIGPROCMASK, 0, 0, uintptr(unsafe.Pointer(&saved.Mask)), sigsetSize)
	var action sigaction
	for sig := uintptr(1); sig <= 64; sig++ {
		if _, ok := call(unix.SYS_RT_SIGACTION, sig, 0, uintptr(unsafe.Pointer(&action)), sigsetSize); ok && action.handler == sigIgn {
			saved.ignored |= 1 << (sig - 1)
		}
	}
	takePending()
	deafen()
	postpone()
	for fd := uintptr(0); fd < 3; fd++ {
		if _, ok := call(unix.SYS_FCNTL, fd, unix.F_GETFD, 0, 0); !ok {
			saved.closed |= 1 << fd
			standIn()
		}
	}
	pin()
	// Lazy timers, so that the runtime's monitor does not wake 50 times a millisecond.
	slack, _ := call(unix.SYS_PRCTL, unix.PR_GET_TIMERSLACK, 0, 0, 0)
	saved.TimerSlack = int(slack)
	call(unix.SYS_PRCTL, unix.PR_SET_TIMERSLACK, 2_000_000, 0, 0)
	limitFiles()
}

// Paths for standIn.
var (
	devNull = [...]byte{'/', 'd', 'e', 'v', '/', 'n', 'u', 'l', 'l', 0}
	root    = [...]byte{'/', 0}
)

// standIn opens something in place of a standard descriptor that is closed. The
// runtime dies where it can neither find it open nor open /dev/null.
func standIn() {
	cwd := unix.AT_FDCWD
	if _, ok := call(unix.SYS_OPENAT, uintptr(cwd), uintptr(unsafe.Pointer(&devNull)), unix.O_RDWR, 0); !ok {
		// Reading and writing fail, as if it were closed.
		call(unix.SYS_OPENAT, uintptr(cwd), uintptr(unsafe.Pointer(&root)), unix.O_PATH, 0)
	}
}

// pin leaves one CPU, so that the runtime starts fewer threads.
func pin() {
	n, ok := call(unix.SYS_SCHED_GETAFFINITY, 0, unsafe.Sizeof(saved.Affinity), uintptr(unsafe.Pointer(&saved.Affinity)), 0)
	if !ok || n == 0 {
		return
	}
	saved.AffinityLen = int(n)
	var cpu uint32
	call(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), 0, 0, 0)
	var single [16]uint64 // of 1,024 CPUs; beyond, another is chosen or the call fails
	single[cpu/64%16] = 1 << (cpu % 64)
	call(unix.SYS_SCHED_SETAFFINITY, 0, unsafe.Sizeof(single), uintptr(unsafe.Pointer(&single)), 0)
}

// limitFiles leaves no files for the runtime's probes of the machine.
func limitFiles() {
	_, ok := call(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_NOFILE, 0, uintptr(unsafe.Pointer(&saved.NoFile)))
	if !ok || collects() {
		return
	}
	limit := unix.Rlimit{Cur: min(saved.NoFile.Cur, 3), Max: saved.NoFile.Max}
	call(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_NOFILE, uintptr(unsafe.Pointer(&limit)), 0)
}

// collects says whether the collector may start so early that it needs a descriptor
// for its timers: with GOGC or GOMEMLIMIT. The runtime ends when it gets none.
func collects() bool {
	for v := Envp(); *(*unsafe.Pointer)(v) != nil; v = unsafe.Add(v, 8) {
		head := *(**[4]byte)(v)
		if string(head[:]) == "GOGC" || string(head[:]) == "GOME" {
			return true
		}
	}
	return false
}
