package trampoline

import "golang.org/x/sys/unix"

// machine is the architecture in the image's ELF header, elf(5), and machineFlags
// what belongs to it.
const (
	machine      = unix.EM_X86_64
	machineFlags = 0
)
