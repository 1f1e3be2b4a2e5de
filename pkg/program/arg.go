package program

import "golang.org/x/sys/unix"

// Kind says how an argument is passed and printed.
type Kind uint8

const (
	// KindInt passes Value; printed in decimal.
	KindInt Kind = iota
	// KindFlags passes Value; printed as names of Names.
	KindFlags
	// KindVar passes the value of Var: 32 bits unsigned if its size is 4, else 64.
	KindVar
	// KindAddress passes the address of Var.
	KindAddress
	// KindText passes the address of Data, a text ended by NUL.
	KindText
	// KindBytes passes the address of Data, which is any bytes.
	KindBytes
	// KindSignals passes the address of a set of signals, whose bits are Value.
	KindSignals
	// KindVector passes the address of a NULL-terminated vector of Words.
	KindVector
	// KindArgv passes the address of the Value-th entry of Program.Cmdline.
	KindArgv
	// KindEnvp passes the address of the environment.
	KindEnvp
	// KindImage passes the descriptor of the executing image itself.
	KindImage
	// KindNull passes 0; printed as NULL.
	KindNull
)

// Arg is one argument of a step.
type Arg struct {
	Kind  Kind
	Value int64
	Var   Var
	Data  string
	Words []string
	// Names are the names of the bits or values of KindFlags.
	Names *Names
	// Shown replaces the printed form where it is not empty.
	Shown string
}

// Int passes a number.
func Int(n int64) Arg { return Arg{Kind: KindInt, Value: n} }

// Flags passes a number that is printed by the names of its bits.
func Flags(value int64, names *Names) Arg { return Arg{Kind: KindFlags, Value: value, Names: names} }

// Value passes what v holds.
func Value(v Var) Arg { return Arg{Kind: KindVar, Var: v} }

// Address passes the address of v.
func Address(v Var) Arg { return Arg{Kind: KindAddress, Var: v} }

// Text passes a text as a C string.
func Text(s string) Arg { return Arg{Kind: KindText, Data: s} }

// Bytes passes the address of constant bytes, printed as shown says.
func Bytes(data, shown string) Arg { return Arg{Kind: KindBytes, Data: data, Shown: shown} }

// Vector passes a NULL-terminated vector of C strings.
func Vector(words ...string) Arg { return Arg{Kind: KindVector, Words: words} }

// Argv passes the command line from its n-th word on, without copying it: the
// words are those the image was executed with. -1 begins one slot earlier, see
// [ArgvSlot].
func Argv(n int) Arg { return Arg{Kind: KindArgv, Value: int64(n)} }

// As replaces the printed form of an argument.
func (a Arg) As(shown string) Arg { a.Shown = shown; return a }

// Signal passes a signal's number, printed by name.
func Signal(sig unix.Signal) Arg {
	return Arg{Kind: KindFlags, Value: int64(sig), Names: signalNames}
}

// SignalSet passes the address of a constant signal set. A Program with one that
// has anything but signals, 1 to 64, is refused by Validate.
func SignalSet(sigs []unix.Signal) Arg {
	var set uint64
	for _, sig := range sigs {
		if sig < 1 || sig > 64 {
			return Arg{Kind: KindNull + 1, Shown: "no signal"} // for Validate
		}
		set |= 1 << (sig - 1)
	}
	return Arg{Kind: KindSignals, Value: int64(set)}
}

// CloneFlags passes namespaces by their CLONE_NEW* flags.
func CloneFlags(flags int) Arg { return Flags(int64(flags), cloneNames) }

// Cwd stands for the working directory where a descriptor of a directory is due.
func Cwd() Arg { return Flags(unix.AT_FDCWD, dirfdNames) }

// Envp passes the environment the image was executed with.
func Envp() Arg { return Arg{Kind: KindEnvp} }

// Image passes the descriptor of the image that carries out the program.
func Image() Arg { return Arg{Kind: KindImage} }

// Null passes a null pointer.
func Null() Arg { return Arg{Kind: KindNull} }

// ArgvSlot is the n-th entry of the argument vector as a variable: a step may
// overwrite it, which execvp(3) needs to put a shell in front. Entry -1 exists
// too, it is the word that held argc.
func ArgvSlot(n int) Var { return Var{Name: "argv", Offset: int32(8 + 8*n), Size: 8} }
