package prestart

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// siginfo is the kernel's siginfo_t, which begins with the number of the signal.
type siginfo struct {
	signal int32
	_      int32
	_      [15]uint64
}

// takePending takes the signals away that are pending because the caller has blocked
// them. The runtime unblocks some, SIGTERM among them, and would die of them.
func takePending() {
	var set uint64
	call(unix.SYS_RT_SIGPENDING, uintptr(unsafe.Pointer(&set)), sigsetSize, 0, 0)
	var now unix.Timespec
	for set &= saved.Mask; set != 0 && saved.pendingCount < len(saved.pending); saved.pendingCount++ {
		info := &saved.pending[saved.pendingCount]
		if _, ok := call(unix.SYS_RT_SIGTIMEDWAIT, uintptr(unsafe.Pointer(&set)), uintptr(unsafe.Pointer(info)), uintptr(unsafe.Pointer(&now)), sigsetSize); !ok {
			return
		}
	}
}

// Pending are the signals that were blocked and pending at the start and that the
// entry has taken away: their numbers, and what rt_sigqueueinfo(2) needs to send
// them once more.
func (s *State) Pending(yield func(signal int, info []byte) bool) {
	for i := range s.pendingCount {
		info := &s.pending[i]
		if !yield(int(info.signal), unsafe.Slice((*byte)(unsafe.Pointer(info)), unsafe.Sizeof(*info))) {
			return
		}
	}
}
