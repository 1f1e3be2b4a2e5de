package prestart

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// deadly are the signals that the runtime unblocks in every thread, and ends by,
// whether the caller has them ignored or blocked; and SIGPIPE, with which it ends by
// itself after EPIPE. It leaves only SIGHUP and SIGINT ignored.
const deadly = 1<<(unix.SIGHUP-1) | 1<<(unix.SIGINT-1) | 1<<(unix.SIGQUIT-1) | 1<<(unix.SIGILL-1) |
	1<<(unix.SIGTRAP-1) | 1<<(unix.SIGABRT-1) | 1<<(unix.SIGBUS-1) | 1<<(unix.SIGFPE-1) | 1<<(unix.SIGSEGV-1) |
	1<<(unix.SIGPIPE-1) | 1<<(unix.SIGTERM-1) | stackFault | 1<<(unix.SIGSYS-1)

// quiet are the signals that end a process and that the runtime catches and does nothing
// upon. SIGXFSZ is not among them: what it says holds for nskit's own files.
const quiet = 1<<(unix.SIGUSR1-1) | 1<<(unix.SIGUSR2-1) | 1<<(unix.SIGALRM-1) | 1<<(unix.SIGVTALRM-1) |
	1<<(unix.SIGPROF-1) | 1<<(unix.SIGXCPU-1) | 1<<(unix.SIGIO-1) | 1<<(unix.SIGPWR-1) | (1<<64-1)&^(1<<34-1)

// postpone keeps quiet signals from the runtime's handlers: they are pending until an
// image has put the caller's mask back, and do then what the caller wants of them.
func postpone() {
	set := uint64(quiet)
	call(unix.SYS_RT_SIGPROCMASK, unix.SIG_BLOCK, uintptr(unsafe.Pointer(&set)), 0, sigsetSize)
}

// ignoreSignal is what os/signal.Ignore calls. The runtime's handler then drops the
// signal when a process sends it.
//
//go:linkname ignoreSignal os/signal.signal_ignore
func ignoreSignal(sig uint32)

// deafen has the signals that the caller has ignored or blocked dropped: by the kernel
// until the runtime has its handlers, and by these from then on.
func deafen() {
	ignore := sigaction{handler: sigIgn}
	for sig := uintptr(1); sig <= 64; sig++ {
		if (saved.ignored|saved.Mask)&deadly&(1<<(sig-1)) != 0 {
			call(unix.SYS_RT_SIGACTION, sig, uintptr(unsafe.Pointer(&ignore)), 0, sigsetSize)
			ignoreSignal(uint32(sig))
		}
	}
}

// KeepIgnored has the kernel drop what the caller has ignored, since the runtime's
// handler drops only what a process sends, not what a terminal does. Of faults it does not.
func KeepIgnored() {
	for sig := range uint32(32) {
		if saved.ignored&deadly&(1<<sig) != 0 {
			ignoreSignal(sig + 1)
		}
	}
}

// Deafened reports whether a signal is dropped only because the caller had blocked it.
func (s *State) Deafened(sig syscall.Signal) bool {
	return s.Mask&^s.ignored&deadly&(1<<(sig-1)) != 0
}
