//go:build amd64 || arm64 || loong64 || ppc64le || riscv64 || s390x

package trampoline

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Supported says whether there is an interpreter for this architecture.
const Supported = true

// interpret carries out the instructions of an image; base is the initial stack
// pointer, from which all variables are counted.
//
// It and fail are Go only to look at: an image holds a copy of their machine code,
// which runs without a runtime and at another address. So they call nothing but what
// the header points to, and refer to no variable. Words are loaded and stored in
// place, because a function that does it is not inlined in every build.
// TestInterpreterIsSelfContained looks at what the compiler makes of them.
//
//go:nosplit
//go:norace
//go:nocheckptr
func interpret(base unsafe.Pointer, h *header) {
	var null unsafe.Pointer // addresses in an image are counted from here
	gate, failure := unsafe.Pointer(&h.gate), unsafe.Pointer(&h.fail)
	enter, failed := *(*gateFunc)(unsafe.Pointer(&gate)), *(*failFunc)(unsafe.Pointer(&failure))
	for n := -int(h.frame); n < 0; n += 8 { // variables are 0 at first
		*(*uintptr)(unsafe.Add(base, n)) = 0
	}
	words := (*[maxArgs]uintptr)(unsafe.Add(base, scratch))
	for at, tries := (*instruction)(unsafe.Add(null, h.first)), uint32(0); ; {
		for i, modes := 0, at.operation>>modesShift; i < 8*maxArgs; i, modes = i+8, modes>>2 {
			value := *(*uintptr)(unsafe.Add(unsafe.Pointer(at), instructionLen+i))
			if modes&3 != modeWord {
				value += uintptr(base)
			}
			if modes&3 == modeValue32 {
				value = uintptr(*(*uint32)(unsafe.Add(null, value)))
			} else if modes&3 == modeValue64 {
				value = *(*uintptr)(unsafe.Add(null, value))
			}
			*(*uintptr)(unsafe.Add(unsafe.Pointer(words), i)) = value
		}
		x, y := words[0], words[1]
		switch number := at.operation & 0xffff; number {
		case localBit: // program.OpMove, and in its order the others
		case localBit | 1:
			x += y
		case localBit | 2:
			x -= y
		case localBit | 3:
			x &= y
		case localBit | 4:
			x |= y
		case localBit | 5:
			x <<= y & 63
		case localBit | 6:
			x >>= y & 63
		default:
			x = enter(uintptr(number), x, y, words[2], words[3], words[4], words[5])
		}
		*(*uintptr)(unsafe.Add(base, int(at.result))) = x
		next := at.positive
		if x == 0 {
			next = at.zero
		} else if int(x) < 0 {
			next = failed(base, h, at, -x, tries)
		}
		tries++
		if again := at; unsafe.Pointer(again) != unsafe.Add(null, next) {
			at, tries = (*instruction)(unsafe.Add(null, next)), 0
		}
	}
}

// fail is what follows the error number of a step that was tried before so many
// times: the address of the next instruction. It does not come back where the
// failure is to be reported.
//
//go:nosplit
//go:norace
//go:nocheckptr
func fail(base unsafe.Pointer, h *header, at *instruction, errno uintptr, tries uint32) uint32 {
	var null unsafe.Pointer
	for i := uint32(0); i < at.exceptionCount; i++ {
		e := (*exception)(unsafe.Add(null, at.exceptions+i*exceptionLen))
		if uintptr(e.errno) == errno && e.next != 0 {
			return e.next
		}
		if uintptr(e.errno) == errno && tries < at.retries {
			return uint32(uintptr(unsafe.Pointer(at)))
		}
	}
	if at.negative != 0 {
		return at.negative
	}
	gate := unsafe.Pointer(&h.gate)
	enter := *(*gateFunc)(unsafe.Pointer(&gate))
	f := (*failure)(unsafe.Add(null, at.failure))
	if h.report != 0 {
		record := (*[2]uint32)(unsafe.Add(base, scratch))
		record[0], record[1] = uint32(errno), uint32(uintptr(unsafe.Pointer(at)))
		enter(unix.SYS_WRITE, uintptr(h.report), uintptr(unsafe.Pointer(record)), 8, 0, 0, 0)
	} else if f.text != 0 {
		message := unsafe.Add(null, h.errors)
		for n := min(errno, uintptr(h.errorCount)-1); n > 0; n-- {
			for *(*byte)(message) != 0 {
				message = unsafe.Add(message, 1)
			}
			message = unsafe.Add(message, 1)
		}
		length := uintptr(0)
		for *(*byte)(unsafe.Add(message, length)) != 0 {
			length++
		}
		vector := (*[maxArgs]uintptr)(unsafe.Add(base, scratch))
		vector[0], vector[1], vector[2], vector[3] = uintptr(f.text), uintptr(f.length), uintptr(message), length
		vector[4], vector[5] = uintptr(unsafe.Pointer(&h.newline)), 1
		enter(unix.SYS_WRITEV, 2, uintptr(unsafe.Pointer(vector)), 3, 0, 0, 0)
		for i := uint32(0); i < f.hintCount; i++ {
			h := (*hintLine)(unsafe.Add(null, f.hints+i*hintLen))
			if h.errno == 0 || uintptr(h.errno) == errno {
				enter(unix.SYS_WRITE, 2, uintptr(h.text), uintptr(h.length), 0, 0, 0)
			}
		}
	}
	for {
		enter(unix.SYS_EXIT_GROUP, uintptr(f.code), 0, 0, 0, 0, 0)
	}
}

// plain lies behind fail. It has hardly any code, unless the build adds some of its
// own to blocks or comparisons.
func plain(n int) bool {
	{
	}
	{
	}
	{
	}
	{
	}
	{
	}
	{
	}
	{
	}
	return n == 1 || n == 3
}

// plainEnd lies behind plain.
func plainEnd() {}
