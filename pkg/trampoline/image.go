package trampoline

import (
	"encoding/binary"

	"github.com/nskit/nskit/internal/strerror"
	"github.com/nskit/nskit/pkg/program"
)

// The layout of an image, all of it one read-only executable segment:
//
//	  0  ELF header
//	 64  program headers: the segment, and a stack that is not executable
//	176  header: address of the first instruction, address and number of the
//	     error texts, a newline
//	192  interpreter
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
	codeOffset     = headerOffset + 16
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

// assembler turns a Program into an image.
type assembler struct {
	p         *program.Program
	imageFD   int
	addresses []uint32 // of the instructions
	steps     []byte
	data      []byte
	dataStart uint32
	texts     map[string]uint32
}

// assemble builds the image of a valid program. imageFD is the descriptor that
// the image will be executed from.
func assemble(p *program.Program, imageFD int, code []byte, machine uint16) []byte {
	a := &assembler{p: p, imageFD: imageFD, texts: map[string]uint32{}}
	next := uint32(loadAddress + align8(codeOffset+len(code)))
	first := next
	for _, s := range p.Steps {
		a.addresses = append(a.addresses, next)
		next += instructionLen + 8*uint32(len(s.Args))
	}
	a.dataStart = next
	for i, s := range p.Steps {
		a.step(i, s)
	}
	errors := a.bytes(append(strerror.Table(), "Unknown error\x00"...))

	image := make([]byte, 0, int(next-loadAddress)+len(a.data))
	image = append(image, make([]byte, headerOffset)...)
	image = order.AppendUint32(image, first)
	image = order.AppendUint32(image, errors)
	image = order.AppendUint32(image, uint32(strerror.Max)+1)
	image = append(image, '\n', 0, 0, 0)
	image = append(image, code...)
	image = append(image, make([]byte, align8(len(image))-len(image))...)
	image = append(append(image, a.steps...), a.data...)
	putELF(image, machine)
	return image
}

// step appends the instruction of one step.
func (a *assembler) step(i int, s *program.Step) {
	number, modes, args := s.Op.Number, uint16(0), []byte(nil)
	if s.Op.Local {
		number |= localBit
	}
	for n, arg := range s.Args {
		mode, word := a.arg(arg)
		modes |= mode << (2 * n)
		args = order.AppendUint64(args, word)
	}
	store := int32(scratch)
	if !s.Result.None() {
		store = s.Result.Offset
	}
	out := order.AppendUint16(a.steps, number)
	out = order.AppendUint16(out, modes)
	out = order.AppendUint32(out, a.target(s.Positive, i))
	out = order.AppendUint32(out, a.target(s.Zero, i))
	out = order.AppendUint32(out, a.negative(s, i))
	out = order.AppendUint32(out, a.exceptions(s, i))
	out = order.AppendUint32(out, a.failure(s))
	out = order.AppendUint32(out, uint32(store))
	out = order.AppendUint32(out, 0)
	a.steps = append(out, args...)
}

// arg returns how an argument is meant and the word that stands for it.
func (a *assembler) arg(arg program.Arg) (uint16, uint64) {
	switch arg.Kind {
	case program.KindInt, program.KindFlags:
		return modeWord, uint64(arg.Value)
	case program.KindVar:
		if arg.Var.Size == 4 {
			return modeValue32, uint64(int64(arg.Var.Offset))
		}
		return modeValue64, uint64(int64(arg.Var.Offset))
	case program.KindAddress:
		return modeAddress, uint64(int64(arg.Var.Offset))
	case program.KindText:
		return modeWord, uint64(a.text(arg.Data))
	case program.KindBytes:
		return modeWord, uint64(a.bytes([]byte(arg.Data)))
	case program.KindVector:
		return modeWord, uint64(a.vector(arg.Words))
	case program.KindArgv:
		return modeAddress, 8 + 8*uint64(arg.Value)
	case program.KindEnvp:
		return modeAddress, 8 + 8*uint64(len(a.p.Cmdline)+1)
	case program.KindImage:
		return modeWord, uint64(a.imageFD)
	}
	return modeWord, 0
}

// target is the address of a label, or of the step after the i-th.
func (a *assembler) target(l *program.Label, i int) uint32 {
	if l != nil {
		return a.addresses[l.Step]
	}
	if i+1 < len(a.addresses) {
		return a.addresses[i+1]
	}
	return a.addresses[i] // behind exit_group and execve, never reached
}

// negative is where an error leads; 0 reports it.
func (a *assembler) negative(s *program.Step, i int) uint32 {
	if s.Reports() {
		return 0
	}
	return a.target(s.Negative, i)
}

func (a *assembler) exceptions(s *program.Step, i int) uint32 {
	if len(s.Errors) == 0 {
		return 0
	}
	var list []byte
	for _, r := range s.Errors {
		list = order.AppendUint32(list, uint32(r.Errno))
		list = order.AppendUint32(list, a.target(r.To, i))
	}
	return a.bytes(order.AppendUint32(list, 0))
}

func (a *assembler) failure(s *program.Step) uint32 {
	var record []byte
	if s.Fail.Text == "" {
		record = make([]byte, 8)
	} else {
		message := a.p.Name + ": " + s.Fail.Text + ": "
		record = order.AppendUint32(nil, a.text(message))
		record = order.AppendUint32(record, uint32(len(message)))
	}
	record = order.AppendUint32(record, uint32(max(s.Fail.Code, 1)))
	return a.bytes(order.AppendUint32(record, a.hints(s.Fail.Hints)))
}

func (a *assembler) hints(hints []program.Hint) uint32 {
	if len(hints) == 0 {
		return 0
	}
	var list []byte
	for _, h := range hints {
		line := a.p.Name + ": hint: " + h.Text + "\n"
		list = order.AppendUint32(list, uint32(h.Errno))
		list = order.AppendUint32(list, a.text(line))
		list = order.AppendUint32(list, uint32(len(line)))
	}
	return a.bytes(append(list, make([]byte, 12)...))
}

// text places a C string, once however often it is used.
func (a *assembler) text(s string) uint32 {
	address, ok := a.texts[s]
	if !ok {
		address = a.bytes(append([]byte(s), 0))
		a.texts[s] = address
	}
	return address
}

// vector places a NULL-terminated vector of C strings.
func (a *assembler) vector(words []string) uint32 {
	list := make([]byte, 0, 8*(len(words)+1))
	for _, word := range words {
		list = order.AppendUint64(list, uint64(a.text(word)))
	}
	return a.bytes(order.AppendUint64(list, 0))
}

// bytes places constant data, aligned to eight bytes.
func (a *assembler) bytes(data []byte) uint32 {
	a.data = append(a.data, make([]byte, align8(len(a.data))-len(a.data))...)
	address := a.dataStart + uint32(len(a.data))
	a.data = append(a.data, data...)
	return address
}

func align8(n int) int { return (n + 7) &^ 7 }

// putELF fills in the ELF header and the program headers, see elf(5).
func putELF(image []byte, machine uint16) {
	size := uint64(len(image))
	copy(image, "\x7fELF\x02\x01\x01")
	order.PutUint16(image[16:], 2) // ET_EXEC
	order.PutUint16(image[18:], machine)
	order.PutUint32(image[20:], 1)                      // EV_CURRENT
	order.PutUint64(image[24:], loadAddress+codeOffset) // entry
	order.PutUint64(image[32:], 64)                     // program headers
	order.PutUint16(image[52:], 64)                     // size of this header
	order.PutUint16(image[54:], 56)                     // size of a program header
	order.PutUint16(image[56:], 2)

	load := image[64:]
	order.PutUint32(load[0:], 1) // PT_LOAD
	order.PutUint32(load[4:], 5) // readable, executable
	order.PutUint64(load[16:], loadAddress)
	order.PutUint64(load[24:], loadAddress)
	order.PutUint64(load[32:], size)
	order.PutUint64(load[40:], size)
	order.PutUint64(load[48:], 0x10000) // the largest page size of arm64

	stack := image[120:]
	order.PutUint32(stack[0:], 0x6474e551) // PT_GNU_STACK
	order.PutUint32(stack[4:], 6)          // readable, writable
	order.PutUint64(stack[48:], 16)
}
