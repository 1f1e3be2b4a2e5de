//go:build !amd64 && !arm64 && !loong64 && !ppc64le && !riscv64 && !s390x

package trampoline

import (
	"syscall"

	"github.com/nskit/nskit/internal/program"
)

// stub is set by the build; without an interpreter it counts for nothing.
var stub string

// Stub fails: there is no interpreter.
func Stub() ([]byte, error) { return nil, ErrUnsupported }

func (w *Workspace) stub() (file []byte, at parts) { return nil, at }

func (w *Workspace) openStub() (image, string, syscall.Errno) { return image{}, "", syscall.ENOSYS }

func stubImage(*Workspace, *program.Program, []*program.Step, int) (image, error) {
	return image{}, ErrUnsupported
}
