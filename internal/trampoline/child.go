package trampoline

import (
	"os"

	"github.com/nskit/nskit/internal/program"
)

// Child is a Program as a child process executes it, for a caller that starts the
// process itself: package nsexec.
type Child struct {
	// Path is what the child executes.
	Path string
	// Files are its descriptors behind those that the caller hands on.
	Files []*os.File

	addresses []uint32
	first     int
	steps     []*program.Step
}

// NewChild makes what a child needs to carry out p that is handed number descriptors
// before Child.Files. Where a step fails it says nothing but writes a record to the
// descriptor report: eight bytes, see [Child.Step]. The errors are those of [Exec]. The
// caller closes the files.
func NewChild(p *program.Program, number, report int) (*Child, error) {
	w := &Workspace{report: uint32(report)}
	path, files, err := imageFiles(w, p, number)
	if err != nil {
		return nil, err
	}
	return &Child{path, files, w.assembler.addresses, len(w.assembler.addresses) - len(p.Steps), p.Steps}, nil
}

// Give makes the child's user the owner of what it executes, where that is another than the
// caller's: a Program that enters namespaces makes its own image inexecutable.
func (c *Child) Give(uid, gid uint32) error {
	return c.Files[len(c.Files)-1].Chown(int(uid), int(gid))
}

// Close gives up the files, which the child has by then.
func (c *Child) Close() { closeAll(c.Files) }

// Step is what a record is about: the error number in its first four bytes is that of
// the step whose address is in the others, nil for none.
func (c *Child) Step(address uint32) *program.Step {
	for i, a := range c.addresses[c.first:] {
		if a == address {
			return c.steps[i]
		}
	}
	return nil
}
