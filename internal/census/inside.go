package census

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/internal/trampoline"
)

// maxInside is more than a child has to say.
const maxInside = 4096

// errInside is the error of a Program that has failed.
var errInside = errors.New("the Program failed")

// Inside has a child carry out a Program with a namespace open as descriptor 3, and returns
// what that writes to descriptor 1: what only somebody inside is told. The errors are those of
// [Snapshot.Open], of [trampoline.Start], and one for a Program that fails.
func (s *Snapshot) Inside(space *Namespace, p *program.Program) ([]byte, error) {
	fd, err := s.Open(space)
	if err != nil {
		return nil, err
	}
	if err := rawfile.StartPoller(); err != nil {
		unix.Close(fd)
		return nil, err
	}
	inside := os.NewFile(uintptr(fd), "namespace")
	defer inside.Close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	child, err := trampoline.Start(p, &os.ProcAttr{Files: []*os.File{null, w, null, inside}})
	w.Close()
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, maxInside))
	state, waited := child.Wait()
	if err == nil && waited == nil && !state.Success() {
		err = errInside
	}
	return text, errors.Join(err, waited)
}
