package trampoline

import "golang.org/x/sys/unix"

// machine is the architecture in the image's ELF header, elf(5).
const machine = unix.EM_X86_64
