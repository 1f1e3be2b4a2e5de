package trampoline

import "golang.org/x/sys/unix"

// machine is the architecture in the image's ELF header, elf(5), and machineFlags
// what belongs to it.
const (
	machine      = unix.EM_S390
	machineFlags = 0
)
