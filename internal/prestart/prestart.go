// Package prestart is what runs before the Go runtime.
//
// A binary that is linked with -ldflags "-E nskit_entry" begins with a few
// lines of assembly instead of the runtime's entry. They do two things.
//
// First they call the function nskit_early, which the binary has to define in
// assembly. It runs Go code before there is a Go: on the initial stack, with
// the process as the kernel made it, one thread, and no memory allocation. A
// common command line is answered there without starting the runtime at all.
// Code that needs more than that need not know: an allocation, a panic,
// whatever touches the runtime, faults, and the fault leads to the Go runtime,
// with all variables as they were at first. Only speed depends on not
// allocating. What the code must not do is to change anything outside the
// process's memory before it is sure to succeed.
//
// Then, where that function comes back, they note what the runtime is about to
// change and cannot tell afterwards, and make it start cheaply: on one CPU, so
// that it starts fewer threads; with lazy timers, so that its monitor sleeps;
// and with a soft limit of three open files, so that its probes of huge pages,
// cgroups and the mount table, which grows with the host, fail at once. Package
// trampoline puts all of it back before another program runs.
//
// A binary linked without the flag runs as any Go program does, only slower,
// and [Saved] knows nothing.
package prestart

import (
	"bytes"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// State is what the entry has noted of the caller's state. Nothing changes it
// once Go code runs.
type State struct {
	// Mask is the signal mask, bit n-1 for signal n.
	Mask uint64
	// ignored has the ignored signals, closed the closed descriptors from 0 to 2.
	ignored, closed uint64
	// NoFile is RLIMIT_NOFILE.
	NoFile unix.Rlimit
	// TimerSlack is in nanoseconds.
	TimerSlack int
	// AffinityLen is the length in bytes of the CPU mask at the start of Affinity.
	AffinityLen int
	Affinity    [128]uint64
	// pendingCount signals were blocked and pending.
	pendingCount int
	pending      [64]siginfo
}

// memory is all that the entry writes to. It lies in one place, and what a start without
// the Go runtime needs lies first: each page costs a page fault.
type memory struct {
	// stack is the initial stack pointer.
	stack uintptr
	// armed says that a fault leads to the Go runtime, segv is the action for
	// SIGSEGV as it was.
	armed bool
	segv  sigaction
	// free and freeEnd are where memory lies that was taken and not yet handed out.
	free, freeEnd uintptr
	// storage is a thread's local storage. nobody stands for the goroutine that Go code has: it must be
	// as large as runtime.g (472 bytes in Go 1.26) and is all zero, so that its stack has no limit.
	storage [8]uint64   //lint:ignore U1000 only the entry uses it
	nobody  [128]uint64 //lint:ignore U1000 only the entry uses it
	// goOn is what a thread of startsThreads waits for.
	goOn uint32
	State
}

// saved is written by the entry.
var saved memory

// Saved is the caller's state, nil without the entry.
func Saved() *State {
	if saved.stack == 0 {
		return nil
	}
	return &saved.State
}

// Ignores reports whether the caller had a signal ignored.
func (s *State) Ignores(sig syscall.Signal) bool { return s.ignored&(1<<(sig-1)) != 0 }

// Closed reports whether a standard descriptor was closed.
func (s *State) Closed(fd int) bool { return s.closed&(1<<fd) != 0 }

// Stack is the initial stack pointer, 0 without the entry: argc lies there, and
// argument vector and environment above.
func Stack() uintptr { return saved.stack }

// Envp is the address of the environment the kernel handed over, nil without
// the entry.
func Envp() unsafe.Pointer {
	if saved.stack == 0 {
		return nil
	}
	start := Pointer(saved.stack)
	argc := *(*int)(start)
	return unsafe.Add(start, 8+8*(argc+1))
}

// Executed is the path that execve(2) was given for this process, "" without
// the entry. It may be relative to the working directory of that moment.
func Executed() string {
	if saved.stack == 0 {
		return ""
	}
	return text((*byte)(Pointer(auxiliary(atExecfn))))
}

// Words is how many strings the argument vector and the environment have together.
func Words() int {
	n := 0
	for v := Envp(); *(*unsafe.Pointer)(v) != nil; v = unsafe.Add(v, 8) {
		n++
	}
	return *(*int)(Pointer(saved.stack)) + n
}

// Vectors appends the argument vector and the environment to a list and returns both.
// The strings are the kernel's own bytes.
func Vectors(list []string) (argv, env []string) {
	argv = appendStrings(list, unsafe.Add(Pointer(saved.stack), 8))
	env = appendStrings(argv, Envp())[len(argv):]
	return argv[:len(argv):len(argv)], env
}

// appendStrings appends the C strings of a NULL-terminated vector.
func appendStrings(list []string, vector unsafe.Pointer) []string {
	for ; *(*unsafe.Pointer)(vector) != nil; vector = unsafe.Add(vector, 8) {
		list = append(list, text(*(**byte)(vector)))
	}
	return list
}

// text is a C string.
func text(start *byte) string {
	length := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(start), length)) != 0 {
		length++
	}
	return unsafe.String(start, length)
}

// Environ is the environment as it was handed over: in order, with duplicates
// and with entries that hold no "=", which os.Environ loses. It is nil if the
// binary has no entry and there is no /proc.
func Environ() []string {
	if envp := Envp(); envp != nil {
		return appendStrings(nil, envp)
	}
	text, err := os.ReadFile("/proc/self/environ")
	if err != nil || len(text) == 0 {
		return nil
	}
	var env []string
	for _, entry := range bytes.Split(text[:len(text)-1], []byte{0}) {
		env = append(env, string(entry))
	}
	return env
}

// Getenv looks a variable up as getenv(3) does: the first entry counts.
func Getenv(env []string, name string) (string, bool) {
	for _, entry := range env {
		if len(entry) > len(name) && entry[len(name)] == '=' && entry[:len(name)] == name {
			return entry[len(name)+1:], true
		}
	}
	return "", false
}

// AllowFiles raises the soft limit on open files again that the entry has
// lowered. Package syscall does so at start, but not where the hard limit is 4.
func AllowFiles() {
	if Saved() != nil && saved.NoFile.Max <= 4 {
		unix.RawSyscall6(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_NOFILE, uintptr(unsafe.Pointer(&saved.NoFile)), 0, 0, 0)
	}
}

// PrepareChild gives this process back the limit on open files, and this thread
// its CPUs, that a child started next is to inherit.
func PrepareChild() {
	if Saved() != nil {
		unpin()
		syscall.Setrlimit(unix.RLIMIT_NOFILE, &syscall.Rlimit{Cur: saved.NoFile.Cur, Max: saved.NoFile.Max})
	}
}

// Pointer makes a pointer of an address outside Go's memory, which go vet
// cannot tell from a mistake in a direct conversion.
func Pointer(address uintptr) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&address))
}
