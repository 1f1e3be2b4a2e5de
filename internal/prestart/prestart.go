// Package prestart is what runs before the Go runtime.
//
// A binary that imports it and is linked with -ldflags "-E nskit_entry" begins
// with a few lines of assembly instead of the runtime's entry. They note what
// the runtime will change and cannot tell afterwards, and then make it start
// cheaply: on one CPU, so that it starts fewer threads, and with a soft limit
// of three open files, so that its probes of huge pages, cgroups and the mount
// table, which grows with the host, fail at once.
//
// [Restore] puts everything back before another program is executed. A binary
// linked without the flag runs as any Go program does, and Restore then knows
// only what the runtime itself remembers: nothing.
package prestart

import (
	"bytes"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What the entry writes, before any Go code runs; nothing changes it later.
var (
	stack       uintptr // the initial stack pointer
	mask        uint64
	ignored     uint64 // bit n-1 for signal n
	closed      uint64 // bits 0 to 2
	affinity    [128]uint64
	affinityLen int
	//lint:ignore U1000 the entry writes it
	single [16]uint64
	noFile unix.Rlimit
	//lint:ignore U1000 the entry writes it
	buffer [4]uint64
)

// sigIgnore is SIG_IGN.
const sigIgnore = 1

// Entered reports whether the binary was linked with the entry.
func Entered() bool { return stack != 0 }

// Envp is the address of the environment the kernel handed over, nil without
// the entry.
func Envp() unsafe.Pointer {
	if !Entered() {
		return nil
	}
	start := pointer(stack)
	argc := *(*int)(start)
	return unsafe.Add(start, 8+8*(argc+1))
}

// Environ is the environment as it was handed over: in order, with duplicates
// and with entries that hold no "=", which os.Environ loses. It is nil if the
// binary has no entry and there is no /proc.
func Environ() []string {
	envp := Envp()
	if envp == nil {
		return environFile()
	}
	var env []string
	for ; *(*unsafe.Pointer)(envp) != nil; envp = unsafe.Add(envp, 8) {
		env = append(env, unix.BytePtrToString(*(**byte)(envp)))
	}
	return env
}

func environFile() []string {
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

// Unpin gives the calling thread back the CPUs that the process was started
// on. Threads that exist already keep their single CPU; call it before work
// is spread.
func Unpin() {
	if affinityLen > 0 {
		unix.RawSyscall(unix.SYS_SCHED_SETAFFINITY, 0, uintptr(affinityLen), uintptr(unsafe.Pointer(&affinity)))
	}
}

// Restore puts back what the entry changed and what the runtime changed after
// it: CPU affinity, limit on open files, ignored signals, signal mask, closed
// standard descriptors. Call it on a locked thread, as the last thing before
// execve(2); nothing of Go works reliably afterwards.
func Restore() {
	if !Entered() {
		return
	}
	Unpin()
	unix.RawSyscall6(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_NOFILE, uintptr(unsafe.Pointer(&noFile)), 0, 0, 0)
	for sig := syscall.Signal(1); sig <= 64; sig++ {
		if ignored&(1<<(sig-1)) != 0 {
			action := [4]uint64{sigIgnore}
			unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&action)), 0, 8, 0, 0)
		}
	}
	unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&mask)), 0, 8, 0, 0)
	for fd := range 3 {
		if closed&(1<<fd) != 0 {
			unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0)
		}
	}
}

// Ignored reports whether the caller had a signal ignored.
func Ignored(sig syscall.Signal) bool { return ignored&(1<<(sig-1)) != 0 }

// pointer makes a pointer of an address outside Go's memory, which go vet
// cannot tell from a mistake in a direct conversion.
func pointer(address uintptr) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&address))
}

// PrepareChild lets the next child of this thread start with the limit on open
// files and the CPUs that this process was started with.
func PrepareChild() {
	if Entered() {
		Unpin()
		syscall.Setrlimit(unix.RLIMIT_NOFILE, &syscall.Rlimit{Cur: noFile.Cur, Max: noFile.Max})
	}
}
