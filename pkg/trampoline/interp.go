//go:build amd64 || arm64

package trampoline

import (
	"bytes"
	"unsafe"

	"github.com/nskit/nskit/internal/prestart"
)

// Supported says whether there is an interpreter for this architecture.
const Supported = true

// interpreter is only ever copied, never called.
//
//lint:ignore U1000 the image is made of its code
func interpreter()

// runInPlace enters the interpreter with a header and the stack as the kernel
// left it. It does not come back.
func runInPlace(header, stack uintptr)

// interpreterAddress is where the interpreter lies in memory.
func interpreterAddress() uintptr

// endMark stands behind the interpreter's last instruction.
const endMark = "nskitend"

// maxInterpreter is more than the interpreter's size in bytes.
const maxInterpreter = 4096

// interpreterCode returns the machine code of the interpreter, which is
// independent of its position.
func interpreterCode() []byte {
	code := unsafe.Slice((*byte)(prestart.Pointer(interpreterAddress())), maxInterpreter)
	end := bytes.Index(code, []byte(endMark))
	return code[:end]
}
