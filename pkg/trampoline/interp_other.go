//go:build !amd64 && !arm64

package trampoline

// Supported says whether there is an interpreter for this architecture.
const Supported = false

// machine is EM_NONE of elf(5).
const machine = 0

func interpreterCode() []byte { return nil }

func runInPlace(header, stack uintptr) {}
