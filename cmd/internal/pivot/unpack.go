package pivot

import (
	"errors"
	"io"
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
	err = rootfs.Fill(root, inv.Stdin)
	var unreadable *rootfs.UnreadableError
	switch {
	case errors.As(err, &unreadable):
		return &applet.Error{Text: "cannot unpack the archive: " + err.Error(), Hint: byTool(unreadable, err)}
	case errors.Is(err, rootfs.ErrEscapes):
		return &applet.Error{Text: "refused to unpack the archive: " + err.Error()}
	case errors.Is(err, syscall.EISDIR):
		hint := "a directory is an operand; of an image in one this works: tar -C " + input("DIR") + " -c . | pivot --rootfs-from - ..."
		return &applet.Error{Text: "cannot unpack the archive: it is a directory", Hint: hint}
	case err != nil:
		return worded("cannot unpack the archive: ", err)
	case isEmpty(root): // what a pipe has whose writer has failed
		return &applet.Error{Text: "cannot unpack the archive: there is nothing in it"}
	}
	return nil
}

// isEmpty says whether a directory has no entry.
func isEmpty(root *os.Root) bool {
	dir, err := root.Open(".")
	if err != nil {
		return false
	}
	defer dir.Close()
	_, err = dir.Readdirnames(1)
	return err == io.EOF
}

// byTool is the command line that unpacks what only another tool can read.
func byTool(e *rootfs.UnreadableError, err error) string {
	if e.Tool == "" || err != error(e) { // a layer of an image is no file
		return ""
	}
	return "this works: " + e.Tool + " " + input("FILE") + " | pivot --rootfs-from - ..."
}

// input is the path of standard input for a shell, or a word that stands for it.
func input(word string) string {
	file, err := os.Readlink("/proc/self/fd/0")
	if err != nil || !strings.HasPrefix(file, "/") || strings.ContainsFunc(file, quoted) {
		return word
	}
	return file
}

// quoted says whether a character would have to be quoted in a shell, or might.
func quoted(c rune) bool {
	letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
	return !letter && !strings.ContainsRune("/._-+,=@", c)
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
