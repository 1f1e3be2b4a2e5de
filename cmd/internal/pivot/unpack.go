package pivot

import (
	"errors"
	"os"
	"strings"
	"syscall"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/pkg/rootfs"
)

// unpack unpacks an archive into the working directory.
func unpack(inv *applet.Invocation) error {
	if err := rawfile.StartPoller(); err != nil {
		return &applet.Error{Text: "cannot unpack the archive", Err: err}
	}
	root, err := os.OpenRoot(".")
	if err != nil {
		return &applet.Error{Text: "cannot open the new root", Err: err}
	}
	defer root.Close()
	err = rootfs.Unpack(root, inv.Stdin)
	switch {
	case errors.Is(err, rootfs.ErrEscapes):
		return &applet.Error{Text: "refused to unpack the archive: " + err.Error()}
	case err != nil:
		return worded("cannot unpack the archive: ", err)
	}
	return nil
}

// worded ends in the C library's text where the error's own ends in Go's.
func worded(what string, err error) error {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return &applet.Error{Text: what + err.Error()}
	}
	return &applet.Error{Text: what + strings.TrimSuffix(err.Error(), ": "+errno.Error()), Err: errno}
}

// emptyOld empties the directory on standard input, if it lies in memory.
func emptyOld(*applet.Invocation) error {
	if err := rootfs.Clear(os.NewFile(0, "the old root")); err != nil {
		return worded("", err)
	}
	return nil
}
