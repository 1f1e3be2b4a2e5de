//go:build !amd64 && !arm64

package trampoline

import "golang.org/x/sys/unix"

// Supported says whether there is an interpreter for this architecture.
const Supported = false

// machine is the architecture in the image's ELF header, elf(5).
const machine = unix.EM_NONE

func interpreterCode() []byte { return nil }

func runInPlace(header, stack uintptr) {}
