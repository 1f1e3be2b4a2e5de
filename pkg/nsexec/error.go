//go:build linux

package nsexec

import (
	"os/exec"
	"syscall"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/strerror"
)

// Error is why a command could not be started. It wraps the error number: errors.Is
// finds that, what package os makes of it (os.ErrNotExist, os.ErrPermission), and of a
// command that is not there exec.ErrNotFound.
type Error struct {
	// Op is the system call that has failed, or the helper: "execve", "unshare",
	// "newuidmap".
	Op string
	// Path is the file that it was about, "" for none.
	Path string
	// Errno is the error number; 0 for a helper that has ended with a failure and has
	// said why on the command's standard error.
	Errno syscall.Errno
	// What says in words what was tried, as unshare(1), nsenter(1) and pivot say it.
	What string
}

// Error is "nsexec: what: error text".
func (e *Error) Error() string {
	text := "nsexec: " + e.What
	if e.What == "" {
		text = "nsexec: " + e.Op
		if e.Path != "" {
			text += " " + e.Path
		}
	}
	if e.Errno == 0 {
		return text
	}
	return text + ": " + strerror.Text(e.Errno)
}

// Unwrap is the error number, nil for none.
func (e *Error) Unwrap() error {
	if e.Errno == 0 {
		return nil
	}
	return e.Errno
}

// Is finds exec.ErrNotFound in the failure of a command that is not there.
func (e *Error) Is(target error) bool {
	return target == exec.ErrNotFound && e.Op == program.SysExecve.Name && e.Errno == syscall.ENOENT
}

// failure is the error of a step that has failed.
func failure(p *program.Program, s *program.Step, errno syscall.Errno, file string) *Error {
	e := &Error{Op: "nsexec", Errno: errno}
	if s == nil {
		return e
	}
	e.What = s.Fail.Text
	origin := originOf(p, s)
	e.Op, e.Path = origin.Op.Name, pathOf(origin)
	if origin.Op == program.SysExecve && s.Op.Local && (s.Fail.Code == program.ExitNotFound || s.Fail.Code == program.ExitNotExecutable) {
		e.Path = file
	}
	return e
}

// originOf is the system call whose result a step reports that only compares or moves it.
func originOf(p *program.Program, s *program.Step) *program.Step {
	if !s.Op.Local || len(s.Args) == 0 {
		return s
	}
	kept, origin := s.Args[0].Var(), s
	for _, before := range p.Steps {
		if before == s {
			break
		}
		if !before.Op.Local && !kept.None() && before.Result.Offset == kept.Offset && !before.Result.None() {
			origin = before
		}
	}
	return origin
}

// pathOf is the last path among the arguments of a call.
func pathOf(s *program.Step) string {
	path := ""
	for _, a := range s.Args {
		if a.Kind() == program.KindText {
			path = a.Text()
		}
		if path != "" && s.Op == program.SysExecve {
			break
		}
	}
	if s.Op == program.SysMount && len(s.Args) > 1 {
		return s.Args[1].Text()
	}
	if s.Op == program.SysWrite || s.Op == program.SysSethostname {
		return ""
	}
	return path
}
