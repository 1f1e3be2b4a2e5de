package trampoline

import "unsafe"

// The layout of an image, all of it one read-only executable segment:
//
//	ELF header and program headers: the segment, and a stack that is not executable
//	header
//	code: start, gate, interpret, fail
//	instructions, each with six words for its arguments
//	data: failures, exceptions, texts, vectors, error texts
//
// Numbers have the byte order of the machine, addresses in the image 32 bits.
const (
	loadAddress  = 0x400000
	elfLen       = 64
	segmentLen   = 56
	headerOffset = elfLen + 2*segmentLen
	codeOffset   = headerOffset + headerLen
)

// header is what start hands to interpret.
type header struct {
	// first is the address of the first instruction, errors that of the texts of
	// all errors, ended by NUL each; the last of errorCount stands for the unknown.
	first, errors, errorCount uint32
	// frame is the size of all variables in bytes.
	frame   uint32
	newline [8]byte
	// gate, interpret and fail are where code lies.
	gate, interpret, fail uint64
	// keep is 1 if a stub leaves the descriptor of this open.
	keep uint32
	// report is a descriptor that failures are written to in place of a message, eight
	// bytes each: error number and address of the instruction; 0 for none.
	report uint32
}

// instruction is one step. Its arguments follow it, a word each.
type instruction struct {
	// operation is the number of the system call, or localBit and that of the
	// operation on variables, and from modesShift on two bits for each argument.
	operation uint32
	// The instruction that follows a positive result, zero, and an error; 0
	// reports the failure.
	positive, zero, negative uint32
	// exceptions is the address of so many error numbers that something else
	// follows; result is where the result goes, from the initial stack pointer.
	exceptions, exceptionCount, failure uint32
	result                              int32
	// retries is how often the instruction is carried out again at most.
	retries, _ uint32
}

// exception is the instruction that follows an error number; 0 is the same one again.
type exception struct{ errno, next uint32 }

// failure is what is said when a step fails.
type failure struct {
	// text and length are those of the words before the error's; no text is printed
	// if there is none.
	text, length uint32
	code         uint32
	// hints is the address of so many hintLines.
	hints, hintCount uint32
}

// hintLine is a line for one error number, or for all if that is 0.
type hintLine struct{ errno, text, length uint32 }

const (
	headerLen      = int(unsafe.Sizeof(header{}))
	instructionLen = int(unsafe.Sizeof(instruction{}))
	exceptionLen   = uint32(unsafe.Sizeof(exception{}))
	hintLen        = uint32(unsafe.Sizeof(hintLine{}))
	maxArgs        = 6
	localBit       = 1 << 15
	modesShift     = 16
	// scratch is where the arguments of the step at hand are put together; it also
	// takes the results that nobody wants.
	scratch = -8 * maxArgs
)

// The ways an argument can be meant.
const (
	modeWord = iota
	modeAddress
	modeValue32
	modeValue64
)

// parts are the addresses of the code that an image has, and where each half ends.
type parts struct{ start, gate, startEnd, interpret, fail, failEnd uintptr }

// borrowed is the code of another binary. Only a test whose own code cannot be copied
// has it: to fuzz, the compiler counts executions.
var borrowed parts
