//go:build amd64 || arm64 || loong64 || ppc64le || riscv64 || s390x

package trampoline

import (
	"unsafe"

	"github.com/nskit/nskit/internal/prestart"
)

// gateFunc and failFunc are the gate and fail as interpret calls them.
type (
	gateFunc func(number, a, b, c, d, e, f uintptr) uintptr
	failFunc func(base unsafe.Pointer, h *header, at *instruction, errno uintptr, tries uint32) uint32
)

// start is where the process of an image begins: it makes room for the variables
// below the initial stack pointer and calls interpret.
//
//lint:ignore U1000 an image is made of its code
func start()

// gate makes a system call for interpret. The words lie where Go passes
// arguments; the result is the kernel's, an error a negative number.
//
//lint:ignore U1000 an image is made of its code
func gate()

// codeAddresses is where start and gate lie in memory; it lies behind them itself.
func codeAddresses() (start, gate, end uintptr)

// runInPlace begins as start does, with a header anywhere and the stack as the
// kernel left it. It does not come back.
func runInPlace(h *header, stack uintptr)

// maxCode is more than the interpreter's code has bytes, also when it is compiled
// without optimization.
const maxCode = 8 << 10

// codeParts is where the code lies in this process.
func codeParts() (p parts) {
	p.start, p.gate, p.startEnd = codeAddresses()
	interpret, fail, plain := interpret, fail, plain
	p.interpret, p.fail, p.failEnd = entry(unsafe.Pointer(&interpret)), entry(unsafe.Pointer(&fail)), entry(unsafe.Pointer(&plain))
	return p
}

// entry is the address of the code of the function whose value lies at f.
func entry(f unsafe.Pointer) uintptr { return **(**uintptr)(f) }

// code is machine code from one address to another.
func code(from, to uintptr) []byte {
	return unsafe.Slice((*byte)(prestart.Pointer(from)), to-from)
}

// toCopy is the code that images get.
func toCopy() parts {
	if borrowed.start != 0 {
		return borrowed
	}
	return codeParts()
}

// copyable reports whether the interpreter's code can be copied. Its functions must
// lie in the order in which they are written, because each ends where the next one
// begins. A build that counts executions (go build -cover, go test -fuzz) has code of
// its own in every block, which refers to variables that an image has not.
func (p parts) copyable() bool {
	plain, plainEnd := plain, plainEnd
	size := entry(unsafe.Pointer(&plainEnd)) - entry(unsafe.Pointer(&plain))
	return p.start < p.gate && p.gate < p.startEnd && p.startEnd-p.start < maxCode &&
		p.interpret < p.fail && p.fail < p.failEnd && p.failEnd-p.interpret < maxCode && (p == borrowed || size <= 96)
}
