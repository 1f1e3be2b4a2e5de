package pivot

import (
	"errors"
	"io"
	"os"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/pkg/rootfs"
)

// unpack unpacks an archive into the working directory.
func unpack(archive io.Reader) error {
	root, err := os.OpenRoot(".")
	if err != nil {
		return &applet.Error{Text: "cannot open the new root", Err: err}
	}
	defer root.Close()
	err = rootfs.Unpack(root, archive)
	switch {
	case errors.Is(err, rootfs.ErrEscapes):
		return &applet.Error{Text: "refused to unpack the archive: " + err.Error()}
	case err != nil:
		return &applet.Error{Text: "cannot unpack the archive: " + err.Error()}
	}
	return nil
}

// emptyOld empties the directory on standard input, if it lies in memory.
func emptyOld() error {
	if err := rootfs.Clear(os.NewFile(0, "the old root")); err != nil {
		return applet.Failf("%v", err)
	}
	return nil
}
