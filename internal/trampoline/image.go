package trampoline

import (
	"encoding/binary"
	"os"
	"unsafe"

	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/strerror"
	"golang.org/x/sys/unix"
)

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
	// copied says that the image is executed, and so is not the caller's binary.
	copied bool
	// known has the texts by themselves once they are many.
	known map[string]uint32
}

// manyTexts is from how many on texts are known by themselves.
const manyTexts = 192

// placed is a text and its address.
type placed struct {
	text    string
	address uint32
}

// imageRoom is what an image may have before the Go runtime starts.
const imageRoom = 60 << 10

// Workspace is memory for an image. As long as it suffices nothing is
// allocated; beyond, there is more.
type Workspace struct {
	// report is where failures are written to, see header.
	report    uint32
	assembler assembler
	addresses [128]uint32
	texts     [32]placed
	// out is the image's memory, small enough for one of as many steps as addresses has.
	out   []byte
	small [20 << 10]byte
}

// room is the memory for an image of so many steps.
func (w *Workspace) room(steps int) []byte {
	switch {
	case steps > len(w.addresses) && len(w.out) < imageRoom:
		w.out = prestart.Room[byte](imageRoom)[:imageRoom]
	case w.out == nil:
		w.out = w.small[:]
	}
	return w.out
}

// assemble builds the image of a valid program, to lie at base. The steps of
// the prologue are carried out first; they lead nowhere but on. imageFD is the
// descriptor that the image will be executed from. Without a copy of the code it
// is one that the interpreter in this binary will run, with a stub never more than
// what that one will.
func (w *Workspace) assemble(p *program.Program, prologue []*program.Step, base uint32, imageFD int, copied bool) []byte {
	at := codeParts()
	if copied && stub != "" {
		_, at = w.stub()
	}
	a, steps := &w.assembler, len(prologue)+len(p.Steps)
	out := w.room(steps)
	*a = assembler{p: p, prologue: prologue, base: base, imageFD: imageFD, copied: copied,
		addresses: w.addresses[:0], out: out[:headerOffset], texts: w.texts[:0]}
	if steps > len(w.addresses) {
		a.addresses = prestart.Room[uint32](steps)
	}
	a.out = append(a.out, make([]byte, headerLen)...)
	if copied && stub == "" {
		at = a.code(toCopy())
	}
	first := base + uint32(len(a.out))
	a.dataStart = a.place(p.Steps, a.place(prologue, first))
	if start := int(a.dataStart - base); start <= len(out) {
		a.data = out[start:start] // where it is to lie
	}
	for i, s := range prologue {
		a.step(i, s)
	}
	for i, s := range p.Steps {
		a.step(len(prologue)+i, s)
	}
	errors := uint32(uintptr(unsafe.Pointer(unsafe.StringData(strerror.Table))))
	if copied {
		errors = a.bytes(strerror.Table)
	}
	*(*header)(unsafe.Pointer(&a.out[headerOffset])) = header{first: first, errors: errors, errorCount: strerror.Count,
		frame: uint32(p.Frame), newline: [8]byte{'\n'}, gate: uint64(at.gate), interpret: uint64(at.interpret), fail: uint64(at.fail)}
	(*header)(unsafe.Pointer(&a.out[headerOffset])).report = w.report
	if usesImage(p) {
		(*header)(unsafe.Pointer(&a.out[headerOffset])).keep = 1
	}
	a.out = a.joined()
	putELF(a.out, uint64(at.start), loadAddress)
	return a.out
}

// joined is the whole image: the data lies behind the instructions already, unless
// one of the two had to move.
func (a *assembler) joined() []byte {
	whole := len(a.out) + len(a.data)
	if len(a.data) > 0 && whole <= cap(a.out) && &a.out[:whole][len(a.out)] == &a.data[0] {
		return a.out[:whole]
	}
	return append(a.out, a.data...)
}

// code appends a copy of the interpreter and returns where its parts will lie.
func (a *assembler) code(p parts) parts {
	start := a.copy(p.start, p.startEnd)
	interpret := a.copy(p.interpret, p.failEnd)
	return parts{start: start, gate: start + p.gate - p.start, interpret: interpret, fail: interpret + p.fail - p.interpret}
}

// copy appends machine code and returns its address.
func (a *assembler) copy(from, to uintptr) uintptr {
	start := uintptr(a.base) + uintptr(len(a.out))
	a.out = append(a.out, code(from, to)...)
	a.out = append(a.out, zeros[:align8(len(a.out))-len(a.out)]...)
	return start
}

// place gives each step its address and returns the one behind them.
func (a *assembler) place(steps []*program.Step, next uint32) uint32 {
	for _, s := range steps {
		a.addresses = append(a.addresses, next)
		next += uint32(instructionLen + 8*len(s.Args))
	}
	return next
}

const zeros = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// step appends the instruction of one step.
func (a *assembler) step(i int, s *program.Step) {
	in := instruction{operation: uint32(s.Op.Number), positive: a.target(s.Positive, i), zero: a.target(s.Zero, i), result: scratch, retries: program.Retries}
	if s.Op.Local {
		in.operation |= localBit
	}
	var words [maxArgs]uint64
	for n, arg := range s.Args {
		var mode uint32
		mode, words[n] = a.arg(arg)
		in.operation |= mode << (modesShift + 2*n)
	}
	if !s.Result.None() {
		in.result = s.Result.Offset
	}
	if s.Reports() {
		in.failure = a.failure(s.Fail)
	} else {
		in.negative = a.target(s.Negative, i)
	}
	in.exceptions, in.exceptionCount = a.exceptions(s, i)
	a.out = append(a.out, unsafe.Slice((*byte)(unsafe.Pointer(&in)), instructionLen)...)
	a.out = append(a.out, unsafe.Slice((*byte)(unsafe.Pointer(&words)), 8*len(s.Args))...)
}

// arg returns how an argument is meant and the word that stands for it.
func (a *assembler) arg(arg program.Arg) (uint32, uint64) {
	offset := uint64(int64(arg.Var().Offset))
	switch arg.Kind() {
	case program.KindInt, program.KindFlags:
		return modeWord, uint64(arg.Number())
	case program.KindVar:
		if arg.Var().Size == 4 {
			return modeValue32, offset
		}
		return modeValue64, offset
	case program.KindAddress:
		return modeAddress, offset
	case program.KindText:
		text := arg.Text()
		if a.copied && isOwnBinary(text) {
			text = ownBinary()
		}
		return modeWord, uint64(a.text(text))
	case program.KindBytes:
		return modeWord, uint64(a.bytes(arg.Bytes()))
	case program.KindSignals:
		a.align()
		a.data = binary.NativeEndian.AppendUint64(a.data, uint64(arg.Number()))
		return modeWord, uint64(a.end() - 8)
	case program.KindVector:
		return modeWord, uint64(a.vector(arg.Words()))
	case program.KindArgv:
		return modeAddress, uint64(8 + 8*arg.Number())
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

// exceptions places what follows single errors, first those after which the step is
// carried out again.
func (a *assembler) exceptions(s *program.Step, i int) (start, count uint32) {
	a.align()
	start = a.end()
	for _, r := range s.Errors {
		if r.Again {
			a.word(uint32(r.Errno))
			a.word(0)
		}
	}
	for _, r := range s.Errors {
		if !r.Again {
			a.word(uint32(r.Errno))
			a.word(a.target(r.To, i))
		}
	}
	return start, uint32(len(s.Errors))
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
	for _, word := range [...]uint32{text, length, uint32(max(f.Code, 1)), hints, uint32(len(f.Hints))} {
		a.word(word)
	}
	return start
}

// message places "NAME: TEXT: ".
func (a *assembler) message(text string) (address, length uint32) {
	length = uint32(len(a.p.Name) + len(": ") + len(text) + len(": "))
	return a.concat(a.p.Name, ": ", text, ": "), length
}

func (a *assembler) hints(hints []program.Hint) uint32 {
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
	return start
}

// isOwnBinary reports whether a path means the caller's own binary. In the process that
// carries the image out it would be the image, which would carry itself out for ever.
func isOwnBinary(path string) bool {
	return path == "/proc/self/exe" || path == "/proc/thread-self/exe"
}

// ownBinary is where that binary lies.
func ownBinary() string {
	path, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return "" // ENOENT, as without a /proc
	}
	return path
}

// text places a C string, once however often it is used.
func (a *assembler) text(s string) uint32 {
	if a.known != nil {
		return a.knownText(s)
	}
	for _, p := range a.texts {
		if p.text == s {
			return p.address
		}
	}
	if len(a.texts) == cap(a.texts) && len(a.texts) < manyTexts {
		a.texts = append(prestart.Room[placed](manyTexts), a.texts...)
	}
	if len(a.texts) == cap(a.texts) { // from here on memory comes from the heap
		a.known = map[string]uint32{}
		for _, p := range a.texts {
			a.known[p.text] = p.address
		}
		return a.knownText(s)
	}
	address := a.concat(s, "\x00")
	a.texts = append(a.texts, placed{s, address})
	return address
}

func (a *assembler) knownText(s string) uint32 {
	address, ok := a.known[s]
	if !ok {
		address = a.concat(s, "\x00")
		a.known[s] = address
	}
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
		a.data = binary.NativeEndian.AppendUint64(a.data, uint64(a.text(word)))
	}
	a.data = binary.NativeEndian.AppendUint64(a.data, 0)
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

func (a *assembler) word(n uint32) { a.data = binary.NativeEndian.AppendUint32(a.data, n) }

// end is the address of the next byte of data.
func (a *assembler) end() uint32 { return a.dataStart + uint32(len(a.data)) }

func (a *assembler) align() { a.data = append(a.data, zeros[:align8(len(a.data))-len(a.data)]...) }

func align8(n int) int { return (n + 7) &^ 7 }

// putELF fills in the ELF header and the program headers, see elf(5).
func putELF(image []byte, entry, base uint64) {
	size := uint64(len(image))
	clear(image[:headerOffset])
	copy(image, "\x7fELF\x02\x01\x01") // 64 bits, little-endian
	if binary.NativeEndian.Uint16(image[4:]) != 0x0102 {
		image[5] = 2 // big-endian
	}
	binary.NativeEndian.PutUint16(image[16:], unix.ET_EXEC)
	binary.NativeEndian.PutUint16(image[18:], machine)
	binary.NativeEndian.PutUint32(image[20:], unix.EV_CURRENT)
	binary.NativeEndian.PutUint64(image[24:], entry)
	binary.NativeEndian.PutUint64(image[32:], 64) // program headers
	binary.NativeEndian.PutUint32(image[48:], machineFlags)
	binary.NativeEndian.PutUint16(image[52:], 64) // size of this header
	binary.NativeEndian.PutUint16(image[54:], 56) // size of a program header
	binary.NativeEndian.PutUint16(image[56:], 2)

	load := image[64:]
	binary.NativeEndian.PutUint32(load[0:], unix.PT_LOAD)
	binary.NativeEndian.PutUint32(load[4:], unix.PF_R|unix.PF_X)
	binary.NativeEndian.PutUint64(load[16:], base)
	binary.NativeEndian.PutUint64(load[24:], base)
	binary.NativeEndian.PutUint64(load[32:], size)
	binary.NativeEndian.PutUint64(load[40:], size)
	binary.NativeEndian.PutUint64(load[48:], 0x10000) // the largest page size of all architectures

	stack := image[120:]
	binary.NativeEndian.PutUint32(stack[0:], unix.PT_GNU_STACK)
	binary.NativeEndian.PutUint32(stack[4:], unix.PF_R|unix.PF_W)
	binary.NativeEndian.PutUint64(stack[48:], 16)
}
