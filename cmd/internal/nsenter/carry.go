package nsenter

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/internal/program"
)

// findCarried finds the program that is carried, as a shell would, and makes sure
// that it can be.
func (b *bringing) findCarried(env []string) (string, error) {
	file := b.carry
	if !strings.Contains(file, "/") {
		file = search(env, file)
	}
	if file == "" {
		fault := applet.Fail("failed to execute ", b.carry).With(unix.ENOENT)
		fault.Code = program.ExitNotFound
		return "", fault
	}
	kind, err := kindOf(file)
	if err != nil {
		fault := applet.Fail("failed to execute ", file).With(err)
		fault.Code = program.ExitNotExecutable
		if err == unix.ENOENT {
			fault.Code = program.ExitNotFound
		}
		return "", fault
	}
	if kind != static {
		fault := applet.Fail("cannot carry ", file, ": it is ", kind.words())
		fault.Code = program.ExitNotExecutable
		fault.Hinting("--tools shows programs together with what they need: --tools=/ the host's own")
		return "", fault
	}
	return absolute(file)
}

// search finds a program in PATH, "" for none.
func search(env []string, name string) string {
	dirs, _ := prestart.Getenv(env, "PATH")
	for dir := range strings.SplitSeq(dirs, ":") {
		file := path.Join(dir, name)
		if !strings.Contains(file, "/") {
			file = "./" + file // the working directory
		}
		var st unix.Stat_t
		if unix.Stat(file, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFREG && unix.Faccessat(unix.AT_FDCWD, file, unix.X_OK, unix.AT_EACCESS) == nil {
			return file
		}
	}
	return ""
}
