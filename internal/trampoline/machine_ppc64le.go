package trampoline

import "golang.org/x/sys/unix"

// machine is the architecture in the image's ELF header, elf(5), and machineFlags
// what belongs to it.
const (
	machine      = unix.EM_PPC64
	machineFlags = 2 // version 2 of the ABI: the entry is an address
)
