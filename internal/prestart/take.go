package prestart

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Room is an empty list with room for n elements. Before the Go runtime starts its memory is
// taken from the kernel, and never given back: what few command lines need is not reserved
// for all of them, which limits of address space count. Elsewhere it is an ordinary list.
func Room[T any](n int) []T {
	if at := take(uintptr(n) * unsafe.Sizeof(*new(T))); at != nil {
		return unsafe.Slice((*T)(at), n)[:0]
	}
	return make([]T, 0, n)
}

// Lend has Room take its memory from so much that the garbage collector does not know, for tests
// of what allocates.
func Lend(memory []byte) {
	saved.free = uintptr(unsafe.Pointer(unsafe.SliceData(memory)))
	saved.freeEnd = saved.free + uintptr(len(memory))
}

// takenAt is where memory is asked for: an image's addresses have 32 bits.
const takenAt = 0x20000000

// takenAtOnce is the size of what is asked for.
const takenAtOnce = 192 << 10

// take takes memory that is all zero, nil where there is none.
//
//go:noinline
func take(size uintptr) unsafe.Pointer {
	size = (size + 15) &^ 15
	if saved.freeEnd-saved.free < size {
		if !saved.armed {
			return nil
		}
		at, ok := mapped(takenAt, max(size, takenAtOnce), unix.PROT_READ|unix.PROT_WRITE)
		if !ok {
			return nil // and the Go runtime says what is missing
		}
		saved.free, saved.freeEnd = at, at+max(size, takenAtOnce)
	}
	saved.free += size
	return Pointer(saved.free - size)
}

// mapped asks for memory near an address.
func mapped(near, size, protection uintptr) (uintptr, bool) {
	nowhere := -1
	words := [6]uintptr{near, size, protection, unix.MAP_PRIVATE | unix.MAP_ANONYMOUS, uintptr(nowhere), 0}
	inMemory := words
	if runtime.GOARCH == "s390x" { // mmap(2) wants them there
		words[0] = uintptr(unsafe.Pointer(&inMemory))
	}
	at := Syscall(sysMmap, words[0], words[1], words[2], words[3], words[4], words[5])
	return at, Errno(at) == 0
}
