package trampoline

import (
	"encoding/binary"

	"github.com/nskit/nskit/internal/strerror"
	"github.com/nskit/nskit/pkg/program"
	"golang.org/x/sys/unix"
)

// The layout of an image, all of it one read-only executable segment:
//
//	  0  ELF header
//	 64  program headers: the segment, and a stack that is not executable
//	176  header: address of the first instruction, address and number of the
//	     error texts, size of the frame, a newline
//	200  interpreter
//	     instructions
//	     data: failures, exceptions, texts, vectors, error texts
//
// An instruction is 32 bytes and eight for each argument:
//
//	 0  number, bit 15 set for an operation on variables (16 bits)
//	 2  how each argument is meant, two bits each (16 bits)
//	 4  the next instruction for a positive result, 8 for zero, 12 for an
//	    error; 0 reports the failure
//	16  exceptions: pairs of error number and next instruction, ended by 0
//	20  failure: address and length of its text, exit code, address of hints,
//	    which are triples of error number, address and length, ended by an
//	    address of 0
//	24  where the result goes, counted from the initial stack pointer
//	32  arguments
const (
	loadAddress    = 0x400000
	headerOffset   = 176
	headerLen      = 24
	codeOffset     = headerOffset + headerLen
	instructionLen = 32
	localBit       = 1 << 15
	// scratch takes the results that nobody wants.
	scratch = -48
)

// The ways an argument can be meant.
const (
	modeWord = iota
	modeAddress
	modeValue32
	modeValue64
)

var order = binary.LittleEndian // of every architecture with an interpreter

// assembler turns a Program into an image that will lie at an address.
type assembler struct {
	p         *program.Program
	prologue  []*program.Step
	base      uint32
	imageFD   int
	addresses []uint32 // of the instructions
	out       []byte
	data      []byte
	dataStart uint32
	texts     []placed
}

// placed is a text and its address.
type placed struct {
	text    string
	address uint32
}

// Workspace is memory for an image. As long as it suffices nothing is
// allocated; beyond, memory comes from the heap.
type Workspace struct {
	assembler assembler
	addresses [416]uint32
	out       [36 << 10]byte
	data      [16 << 10]byte
	texts     [192]placed
}

// assemble builds the image of a valid program, to lie at base. The steps of
// the prologue are carried out first; they lead nowhere but on. imageFD is the
// descriptor that the image will be executed from. code is the interpreter,
// none for an image that the interpreter in this binary will run.
func (w *Workspace) assemble(p *program.Program, prologue []*program.Step, base uint32, imageFD int, code []byte) []byte {
	w.assembler = assembler{p: p, prologue: prologue, base: base, imageFD: imageFD,
		addresses: w.addresses[:0], out: w.out[:headerOffset], data: w.data[:0], texts: w.texts[:0]}
	a := &w.assembler
	next := base + uint32(align8(codeOffset+len(code)))
	first := next
	next = a.place(prologue, next)
	a.dataStart = a.place(p.Steps, next)

	a.out = append(a.out, make([]byte, headerLen)...)
	a.out = append(a.out, code...)
	a.out = append(a.out, zeros[:align8(len(a.out))-len(a.out)]...)
	for i, s := range prologue {
		a.step(i, s)
	}
	for i, s := range p.Steps {
		a.step(len(prologue)+i, s)
	}
	errors := a.bytes(strerror.Table)
	header := a.out[headerOffset:]
	order.PutUint32(header[0:], first)
	order.PutUint32(header[4:], errors)
	order.PutUint32(header[8:], strerror.Count)
	order.PutUint32(header[12:], uint32(p.Frame))
	header[16] = '\n'
	a.out = append(a.out, a.data...)
	putELF(a.out)
	return a.out
}

// place gives each step its address and returns the one behind them.
func (a *assembler) place(steps []*program.Step, next uint32) uint32 {
	for _, s := range steps {
		a.addresses = append(a.addresses, next)
		next += instructionLen + 8*uint32(len(s.Args))
	}
	return next
}

const zeros = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// step appends the instruction of one step.
func (a *assembler) step(i int, s *program.Step) {
	start := len(a.out)
	a.out = append(a.out, make([]byte, instructionLen)...)
	var modes uint16
	for n, arg := range s.Args {
		mode, word := a.arg(arg)
		modes |= mode << (2 * n)
		a.out = order.AppendUint64(a.out, word)
	}
	number := s.Op.Number
	if s.Op.Local {
		number |= localBit
	}
	store := int32(scratch)
	if !s.Result.None() {
		store = s.Result.Offset
	}
	out := a.out[start:]
	order.PutUint16(out[0:], number)
	order.PutUint16(out[2:], modes)
	order.PutUint32(out[4:], a.target(s.Positive, i))
	order.PutUint32(out[8:], a.target(s.Zero, i))
	if s.Reports() {
		order.PutUint32(out[20:], a.failure(s.Fail))
	} else {
		order.PutUint32(out[12:], a.target(s.Negative, i))
	}
	order.PutUint32(out[16:], a.exceptions(s, i))
	order.PutUint32(out[24:], uint32(store))
}

// arg returns how an argument is meant and the word that stands for it.
func (a *assembler) arg(arg program.Arg) (uint16, uint64) {
	offset := uint64(int64(arg.Var.Offset))
	switch arg.Kind {
	case program.KindInt, program.KindFlags:
		return modeWord, uint64(arg.Value)
	case program.KindVar:
		if arg.Var.Size == 4 {
			return modeValue32, offset
		}
		return modeValue64, offset
	case program.KindAddress:
		return modeAddress, offset
	case program.KindText:
		return modeWord, uint64(a.text(arg.Data))
	case program.KindBytes:
		return modeWord, uint64(a.bytes(arg.Data))
	case program.KindSignals:
		a.align()
		a.data = order.AppendUint64(a.data, uint64(arg.Value))
		return modeWord, uint64(a.end() - 8)
	case program.KindVector:
		return modeWord, uint64(a.vector(arg.Words))
	case program.KindArgv:
		return modeAddress, uint64(8 + 8*arg.Value)
	case program.KindEnvp:
		return modeAddress, 8 + 8*uint64(len(a.p.Cmdline)+1)
	case program.KindImage:
		return modeWord, uint64(a.imageFD)
	}
	return modeWord, 0
}

// target is the address of a label, or of the instruction after the i-th.
func (a *assembler) target(l *program.Label, i int) uint32 {
	if l != nil {
		return a.addresses[len(a.prologue)+l.Step]
	}
	if i+1 < len(a.addresses) {
		return a.addresses[i+1]
	}
	return a.addresses[i] // behind exit_group and execve, never reached
}

func (a *assembler) exceptions(s *program.Step, i int) uint32 {
	if len(s.Errors) == 0 {
		return 0
	}
	a.align()
	start := a.end()
	for _, r := range s.Errors {
		a.word(uint32(r.Errno))
		a.word(a.target(r.To, i))
	}
	a.word(0)
	return start
}

// failure places the record of a failure.
func (a *assembler) failure(f program.Failure) uint32 {
	var text, length uint32
	if f.Text != "" {
		text, length = a.message(f.Text)
	}
	hints := a.hints(f.Hints)
	a.align()
	start := a.end()
	a.word(text)
	a.word(length)
	a.word(uint32(max(f.Code, 1)))
	a.word(hints)
	return start
}

// message places "NAME: TEXT: ".
func (a *assembler) message(text string) (address, length uint32) {
	length = uint32(len(a.p.Name) + len(": ") + len(text) + len(": "))
	return a.concat(a.p.Name, ": ", text, ": "), length
}

func (a *assembler) hints(hints []program.Hint) uint32 {
	if len(hints) == 0 {
		return 0
	}
	var lines [program.MaxHints]uint32
	for i, h := range hints {
		lines[i] = a.concat(a.p.Name, h.Prefix(), h.Text, "\n")
	}
	a.align()
	start := a.end()
	for i, h := range hints {
		a.word(uint32(h.Errno))
		a.word(lines[i])
		a.word(uint32(len(a.p.Name) + len(h.Prefix()) + len(h.Text) + len("\n")))
	}
	a.data = append(a.data, zeros...)
	return start
}

// text places a C string, once however often it is used.
func (a *assembler) text(s string) uint32 {
	for _, p := range a.texts {
		if p.text == s {
			return p.address
		}
	}
	address := a.concat(s, "\x00")
	a.texts = append(a.texts, placed{s, address})
	return address
}

// vector places a NULL-terminated vector of C strings.
func (a *assembler) vector(words []string) uint32 {
	for _, word := range words {
		a.text(word)
	}
	a.align()
	start := a.end()
	for _, word := range words {
		a.data = order.AppendUint64(a.data, uint64(a.text(word)))
	}
	a.data = order.AppendUint64(a.data, 0)
	return start
}

// bytes places constant data, aligned to eight bytes.
func (a *assembler) bytes(data string) uint32 {
	a.align()
	return a.concat(data)
}

// concat places strings one behind the other.
func (a *assembler) concat(parts ...string) uint32 {
	start := a.end()
	for _, part := range parts {
		a.data = append(a.data, part...)
	}
	return start
}

func (a *assembler) word(n uint32) { a.data = order.AppendUint32(a.data, n) }

// end is the address of the next byte of data.
func (a *assembler) end() uint32 { return a.dataStart + uint32(len(a.data)) }

func (a *assembler) align() { a.data = append(a.data, zeros[:align8(len(a.data))-len(a.data)]...) }

func align8(n int) int { return (n + 7) &^ 7 }

// putELF fills in the ELF header and the program headers, see elf(5).
func putELF(image []byte) {
	size := uint64(len(image))
	clear(image[:headerOffset])
	copy(image, "\x7fELF\x02\x01\x01")
	order.PutUint16(image[16:], unix.ET_EXEC)
	order.PutUint16(image[18:], machine)
	order.PutUint32(image[20:], unix.EV_CURRENT)
	order.PutUint64(image[24:], loadAddress+codeOffset) // entry
	order.PutUint64(image[32:], 64)                     // program headers
	order.PutUint16(image[52:], 64)                     // size of this header
	order.PutUint16(image[54:], 56)                     // size of a program header
	order.PutUint16(image[56:], 2)

	load := image[64:]
	order.PutUint32(load[0:], unix.PT_LOAD)
	order.PutUint32(load[4:], unix.PF_R|unix.PF_X)
	order.PutUint64(load[16:], loadAddress)
	order.PutUint64(load[24:], loadAddress)
	order.PutUint64(load[32:], size)
	order.PutUint64(load[40:], size)
	order.PutUint64(load[48:], 0x10000) // the largest page size of arm64

	stack := image[120:]
	order.PutUint32(stack[0:], unix.PT_GNU_STACK)
	order.PutUint32(stack[4:], unix.PF_R|unix.PF_W)
	order.PutUint64(stack[48:], 16)
}
