package check

import (
	"io"
	"os"
	"path/filepath"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/prestart"
)

// outcome is how a command ended and what it said on standard error.
type outcome struct {
	code int
	said string
}

// place is a directory for a new root that holds this program alone.
type place struct {
	dir string
}

// makePlace makes it where temporary files go; the program is bound over the empty
// file in it when a new root is tried.
func makePlace() (place, error) {
	dir, err := os.MkdirTemp("", "nskit-check-")
	if err != nil {
		return place{}, &applet.Error{Text: "cannot create a temporary directory", Err: err}
	}
	p := place{dir}
	for _, sub := range []string{"proc", "dev"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			p.remove()
			return place{}, err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "nskit"), nil, 0o755); err != nil {
		p.remove()
		return place{}, err
	}
	return p, nil
}

func (p place) remove() { _ = os.RemoveAll(p.dir) } // it is ours, and nothing is mounted outside the children

// argv is the command line of a question, which ends in this program's own --version.
func (p place) argv(self string, q probe) []string {
	argv := q.words()
	last := len(argv) - 1
	if argv[last] != newRoot {
		return append(argv, "--", self, "--version")
	}
	argv[last] = p.dir
	return append(append([]string{argv[0], "--bind", self + ":/nskit"}, argv[1:]...), "/nskit", "--version")
}

// failed is the outcome of a question that could not be asked.
func (q probe) failed(err error) outcome {
	return outcome{code: -1, said: q.line + ": " + err.Error()}
}

// try runs a question's command line and waits for it.
func (p place) try(self string, q probe) outcome {
	read, write, err := os.Pipe()
	if err != nil {
		return q.failed(err)
	}
	defer read.Close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err == nil {
		defer null.Close()
	} // without it the standard files are closed
	prestart.PrepareChild()
	child, err := os.StartProcess(self, p.argv(self, q), &os.ProcAttr{Files: []*os.File{null, null, write}})
	write.Close()
	if err != nil {
		return q.failed(err)
	}
	said, _ := io.ReadAll(io.LimitReader(read, 1<<16))
	state, err := child.Wait()
	if err != nil {
		return q.failed(err)
	}
	return outcome{state.ExitCode(), string(said)}
}
