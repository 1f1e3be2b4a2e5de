// Package ending tells a command of the signals that are to end it, so that it can
// roll back what it has done first.
//
// Package os/signal would do so too late: its handler wakes a goroutine, which runs
// when it is given a thread. Here the handler is a Go function that is called by the
// kernel, on whatever thread the signal comes to, and does nothing but note it. So a
// signal that came to the calling thread during a system call is known when that
// returns.
package ending

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// arrived has a 1 for each signal that has come.
var arrived [12]uint8

// signals are those by which people and supervisors end a command, and what notes
// them. A handler has neither a stack of Go's nor a goroutine: each is a single
// store, without a parameter, since the kernel passes none in Go's way. See [fault]
// for the later ones.
var signals = [...]struct {
	number  syscall.Signal
	handler func()
}{
	{unix.SIGINT, onInterrupt}, {unix.SIGTERM, onTerminate}, {unix.SIGHUP, onHangup}, {unix.SIGQUIT, onQuit},
	{unix.SIGABRT, onAbort}, {unix.SIGSEGV, onSegment}, {unix.SIGBUS, onBus}, {unix.SIGFPE, onFloat},
	{unix.SIGILL, onIllegal}, {unix.SIGTRAP, onTrap}, {unix.SIGSYS, onSystemCall}, {unix.SIGSTKFLT, onStack},
}

//go:nosplit
//go:norace
func onInterrupt() { arrived[0] = 1 }

//go:nosplit
//go:norace
func onTerminate() { arrived[1] = 1 }

//go:nosplit
//go:norace
func onHangup() { arrived[2] = 1 }

//go:nosplit
//go:norace
func onQuit() { arrived[3] = 1 }

//go:nosplit
//go:norace
func onAbort() { fault(4, uintptr(unix.SIGABRT)) }

//go:nosplit
//go:norace
func onSegment() { fault(5, uintptr(unix.SIGSEGV)) }

//go:nosplit
//go:norace
func onBus() { fault(6, uintptr(unix.SIGBUS)) }

//go:nosplit
//go:norace
func onFloat() { fault(7, uintptr(unix.SIGFPE)) }

//go:nosplit
//go:norace
func onIllegal() { fault(8, uintptr(unix.SIGILL)) }

//go:nosplit
//go:norace
func onTrap() { fault(9, uintptr(unix.SIGTRAP)) }

//go:nosplit
//go:norace
func onSystemCall() { fault(10, uintptr(unix.SIGSYS)) }

//go:nosplit
//go:norace
func onStack() { fault(11, uintptr(unix.SIGSTKFLT)) }

// runtimes are what the Go runtime does on a signal.
var runtimes [len(arrived)]action

// fault notes a signal that means a fault unless a process has sent it, and leaves it to the Go
// runtime from now on. What has faulted does so again when the handler returns, and
// the runtime makes a panic of that or ends; a process's kill(2) does not.
//
//go:nosplit
//go:norace
func fault(i int, sig uintptr) {
	arrived[i] = 1
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, sig, uintptr(unsafe.Pointer(&runtimes[i])), 0, maskSize, 0, 0)
}

// action is a struct sigaction of the kernel's: the handler is the first word on
// every architecture but mips, and what follows is kept as the runtime has it.
type action [8]uint64

func sigaction(sig syscall.Signal, change, old *action) bool {
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(change)), uintptr(unsafe.Pointer(old)), maskSize, 0, 0)
	return errno == 0
}

// maskSize is the length of the kernel's signal mask.
const maskSize = 8

// Note begins to note the signals, but for those that the caller had ignored.
func Note(ignored func(syscall.Signal) bool) {
	for i, s := range signals {
		var a action
		if ignored(s.number) || !sigaction(s.number, nil, &a) {
			continue
		}
		word := (*uintptr)(unsafe.Pointer(&a))
		if *word == ignoring {
			continue
		}
		runtimes[i] = a
		*word = entry(s.handler)
		sigaction(s.number, &a, nil)
	}
}

// ignoring is SIG_IGN.
const ignoring = 1

// entry is the address of a function's first instruction.
func entry(f func()) uintptr { return **(**uintptr)(unsafe.Pointer(&f)) }

// Arrived is a signal that has been noted, 0 for none.
func Arrived() syscall.Signal {
	for i := range signals {
		if note(i) {
			return signals[i].number
		}
	}
	return 0
}

// note reads what a handler may write at any moment.
//
//go:noinline
func note(i int) bool { return arrived[i] != 0 }

// glance is how long, in milliseconds, a file is waited for before the signals are
// looked at again: one may have come to another thread.
const glance = 100

// Readable waits until a file can be read, or has ended, or a signal has arrived.
func Readable(fd int) error {
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, glance)
		switch {
		case Arrived() != 0 || n > 0:
			return nil
		case err != nil && err != unix.EINTR:
			return err
		}
	}
}

// Forget lets the signals end the process again.
func Forget() {
	for _, s := range signals {
		var a action
		if sigaction(s.number, nil, &a) && *(*uintptr)(unsafe.Pointer(&a)) == entry(s.handler) {
			sigaction(s.number, &action{}, nil)
		}
	}
}

// By ends the process by a signal, as that does to a process which has not prepared
// for it. It comes back only where that ends nothing: in the first process of
// a PID namespace.
func By(sig syscall.Signal) {
	var byDefault action
	sigaction(sig, &byDefault, nil)
	var mask uint64 = 1 << (sig - 1)
	unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_UNBLOCK, uintptr(unsafe.Pointer(&mask)), 0, maskSize, 0, 0)
	unix.Kill(unix.Getpid(), sig)
}
