//go:build !amd64 && !arm64 && !loong64 && !ppc64le && !riscv64 && !s390x

package trampoline

import "golang.org/x/sys/unix"

// Supported says whether there is an interpreter for this architecture.
const Supported = false

const (
	machine      = unix.EM_NONE
	machineFlags = 0
)

func codeParts() (p parts) { return p }

func toCopy() (p parts) { return p }

func (parts) copyable() bool { return false }

func code(from, to uintptr) []byte { return nil }

func runInPlace(h *header, stack uintptr) {}
