//go:build linux

package program

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Kind says how an argument is passed and printed.
type Kind uint8

const (
	// KindInt passes the number; printed in decimal.
	KindInt Kind = iota
	// KindFlags passes the number; printed by the names of its bits or values.
	KindFlags
	// KindVar passes the value of the variable: 32 bits unsigned if its size is 4, else 64.
	KindVar
	// KindAddress passes the address of the variable.
	KindAddress
	// KindText passes the address of a text ended by NUL.
	KindText
	// KindBytes passes the address of any bytes.
	KindBytes
	// KindSignals passes the address of a set of signals, whose bits are the number.
	KindSignals
	// KindVector passes the address of a NULL-terminated vector of words.
	KindVector
	// KindArgv passes the address of an entry of Program.Cmdline.
	KindArgv
	// KindEnvp passes the address of the environment.
	KindEnvp
	// KindImage passes the descriptor of the executing image itself.
	KindImage
	// KindNull passes 0; printed as NULL.
	KindNull
)

// Arg is one argument of a step. It is four words, because the compiler keeps no
// more in registers: an Arg of thirteen made the code that writes Programs three
// times as large. For the same reason the functions that make one are not inlined.
type Arg struct {
	// how is the Kind, and isShown if data is the printed form.
	how Kind
	// value is the number, or tells where the variable lies, or how many bytes of
	// data are passed.
	value int64
	// data is a text, or bytes and how they are printed, or the name of a variable;
	// for KindFlags and KindVector it begins where the names and the words lie.
	data string
}

// Kind says how the argument is passed.
func (a Arg) Kind() Kind { return a.how &^ isShown }

// isShown stands beside a Kind.
const isShown Kind = 1 << 7

func (a Arg) shown() bool { return a.how&isShown != 0 }

// Number is the number of KindInt and KindFlags, the set of KindSignals, and the index of KindArgv.
func (a Arg) Number() int64 { return a.value }

// Var is the variable of KindVar and KindAddress.
func (a Arg) Var() Var {
	if a.Kind() != KindVar && a.Kind() != KindAddress {
		return Var{}
	}
	return Var{Name: a.data, Offset: int32(a.value >> 32), Size: int32(a.value)}
}

// Text is the text of KindText.
func (a Arg) Text() string {
	if a.Kind() != KindText {
		return ""
	}
	return a.data
}

// Bytes are the bytes of KindBytes.
func (a Arg) Bytes() string {
	if a.Kind() != KindBytes {
		return ""
	}
	return a.data[:a.value]
}

// Words are the words of KindVector.
func (a Arg) Words() []string {
	if a.Kind() != KindVector {
		return nil
	}
	return unsafe.Slice((*string)(unsafe.Pointer(unsafe.StringData(a.data))), len(a.data))
}

// names are the names of KindFlags, nil for none.
func (a Arg) names() *Names {
	if a.how != KindFlags || a.data == "" {
		return nil
	}
	return (*Names)(unsafe.Pointer(unsafe.StringData(a.data)))
}

// variable makes an argument of v.
func variable(kind Kind, v Var) Arg {
	return Arg{how: kind, value: int64(v.Offset)<<32 | int64(uint32(v.Size)), data: v.Name}
}

// Int passes a number.
//
//go:noinline
func Int(n int64) Arg { return Arg{how: KindInt, value: n} }

// Flags passes a number that is printed by the names of its bits.
//
//go:noinline
func Flags(value int64, names *Names) Arg {
	if names == nil {
		return Arg{how: KindFlags, value: value}
	}
	return Arg{how: KindFlags, value: value, data: unsafe.String((*byte)(unsafe.Pointer(names)), 1)}
}

// Value passes what v holds.
//
//go:noinline
func Value(v Var) Arg { return variable(KindVar, v) }

// Address passes the address of v.
//
//go:noinline
func Address(v Var) Arg { return variable(KindAddress, v) }

// Text passes a text as a C string.
//
//go:noinline
func Text(s string) Arg { return Arg{how: KindText, data: s} }

// Bytes passes the address of constant bytes, printed as shown says.
func Bytes(data, shown string) Arg { return bytesOf(data+shown, len(data)) }

// bytesOf passes the first n bytes of a text, and prints the rest.
//
//go:noinline
func bytesOf(text string, n int) Arg {
	return Arg{how: KindBytes, value: int64(n), data: text}
}

// Vector passes a NULL-terminated vector of C strings.
func Vector(words ...string) Arg {
	return Arg{how: KindVector, data: unsafe.String((*byte)(unsafe.Pointer(unsafe.SliceData(words))), len(words))}
}

// Argv passes the command line from its n-th word on, without copying it: the
// words are those the image was executed with. -1 begins one slot earlier, see
// [ArgvSlot].
func Argv(n int) Arg { return Arg{how: KindArgv, value: int64(n)} }

// As replaces the printed form of an argument.
//
//go:noinline
func (a Arg) As(shown string) Arg {
	switch a.Kind() {
	case KindText:
		return Bytes(a.data+"\x00", shown)
	case KindBytes:
		return Bytes(a.Bytes(), shown)
	case KindVector:
		return a // it is what it says
	}
	a.data, a.how = shown, a.Kind()
	if shown != "" {
		a.how |= isShown
	}
	return a
}

// Signal passes a signal's number, printed by name.
func Signal(sig unix.Signal) Arg {
	return Flags(int64(sig), signalNames)
}

// SignalSet passes the address of a constant signal set. A Program with one that
// has anything but signals, 1 to 64, is refused by Validate.
func SignalSet(sigs []unix.Signal) Arg {
	var set uint64
	for _, sig := range sigs {
		if sig < 1 || sig > 64 {
			return Arg{how: KindNull + 1} // for Validate
		}
		set |= 1 << (sig - 1)
	}
	return Arg{how: KindSignals, value: int64(set)}
}

// CloneFlags passes namespaces by their CLONE_NEW* flags.
func CloneFlags(flags int) Arg { return Flags(int64(flags), cloneNames) }

// Cwd stands for the working directory where a descriptor of a directory is due.
func Cwd() Arg { return Flags(unix.AT_FDCWD, dirfdNames) }

// Envp passes the environment the image was executed with.
func Envp() Arg { return Arg{how: KindEnvp} }

// Image passes the descriptor of the image that carries out the program.
func Image() Arg { return Arg{how: KindImage} }

// Null passes a null pointer.
func Null() Arg { return Arg{how: KindNull} }

// ArgvSlot is the n-th entry of the argument vector as a variable: a step may
// overwrite it, which execvp(3) needs to put a shell in front. Entry -1 exists
// too, it is the word that held argc.
func ArgvSlot(n int) Var { return Var{Name: "argv", Offset: int32(8 + 8*n), Size: 8} }
