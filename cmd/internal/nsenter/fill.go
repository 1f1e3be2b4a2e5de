package nsenter

import (
	"os"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/internal/userdb"
	"github.com/nskit/nskit/pkg/rootfs"
)

// internalFill is the option by which the applet calls itself, to make tools.
const internalFill = "--internal-tools"

// fill is what the applet's own Program calls it for: the working directory is to
// have the tools that are on descriptor 0. It runs outside the target.
func fill(inv *applet.Invocation) error {
	if err := rawfile.StartPoller(); err != nil {
		return &applet.Error{Text: "cannot set up the tools", Err: err}
	}
	name := inv.Args[1]
	kind, err := kindOf("/proc/self/fd/0")
	switch {
	case err != nil:
		return cannot("read ", name, err)
	case kind == static:
		return fillWithProgram(name)
	}
	root, err := os.OpenRoot(".")
	if err != nil {
		return &applet.Error{Text: "cannot open the tools' directory", Err: err}
	}
	defer root.Close()
	if err := rootfs.Fill(root, inv.Stdin); err != nil {
		return applet.Failf("cannot unpack %s: %v", name, err)
	}
	return nil
}

// fillWithProgram copies a program, and links to it the names that it has if it is
// many programs in one.
func fillWithProgram(name string) error {
	if err := os.Mkdir("bin", 0o755); err != nil {
		return cannot("make ", "bin", err)
	}
	file := "bin/" + name
	to, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return cannot("make ", file, err)
	}
	_, err = to.ReadFrom(os.Stdin)
	if closed := to.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return cannot("write ", file, err)
	}
	for _, link := range namesOf(file, name) {
		if err := os.Symlink(name, "bin/"+link); err != nil && !os.IsExist(err) {
			return cannot("link ", link, err)
		}
	}
	return nil
}

// namesOf asks a program of many names for them.
func namesOf(file, name string) []string {
	var args []string
	switch {
	case strings.Contains(name, "busybox"), strings.Contains(name, "nskit"):
		args = []string{name, "--list"}
	case strings.Contains(name, "toybox"):
		args = []string{name}
	default:
		return nil
	}
	var names []string
	for _, word := range strings.Fields(userdb.Run(file, args)) {
		if word = word[strings.LastIndexByte(word, '/')+1:]; word != "" && word != name && word != "." && word != ".." {
			names = append(names, word)
		}
	}
	return names
}
