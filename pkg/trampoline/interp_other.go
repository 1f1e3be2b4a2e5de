//go:build !amd64 && !arm64

package trampoline

import "golang.org/x/sys/unix"

// Supported says whether there is an interpreter for this architecture.
const Supported = false

// machine is the architecture in the image's ELF header, elf(5).
const machine = unix.EM_NONE

func codeParts() (p parts) { return p }

func toCopy() (p parts) { return p }

func (parts) copyable() bool { return false }

func code(from, to uintptr) []byte { return nil }

func runInPlace(h *header, stack uintptr) {}
