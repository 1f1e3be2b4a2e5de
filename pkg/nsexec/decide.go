//go:build linux

package nsexec

import (
	"os"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// decideSpec is the Program of a Command.
func decideSpec(s launch.Spec, report int, c *Cmd) *program.Program {
	s.Name, s.NoHints, s.Report = "nsexec", true, report
	s.KillChild, s.Forward = 0, nil
	s.Fork = s.Fork || s.Init || s.Unshare.Has(ns.PID) || s.Unshare.Has(ns.Time)
	s.Command, s.Env = c.command(), nil
	if c.Dir != "" {
		s.Dir = launch.Some(c.Dir)
	}
	if s.Pivot == nil {
		return launch.Unshare(&s, c.caller())
	}
	pivot := *s.Pivot
	pivot.Keep = nil
	for i, file := range c.ExtraFiles {
		if file != nil {
			pivot.Keep = append(pivot.Keep, 3+i)
		}
	}
	if c.own != nil {
		pivot.Keep = append(pivot.Keep, c.ownFD())
	}
	s.Pivot = &pivot
	return launch.Pivot(&s, c.caller())
}

// decideEntry is the Program of an Enter.
func decideEntry(from *launch.Entry, report int, c *Cmd) *program.Program {
	e := *from
	e.Join = append([]launch.Join(nil), from.Join...)
	e.Name, e.NoHints, e.Report = "nsexec", true, report
	e.KillChild, e.Forward = 0, nil
	e.Command, e.Env = c.command(), nil
	if c.Dir != "" {
		e.DirInside = launch.Some(c.Dir)
	}
	return launch.Enter(&e, c.caller())
}

// isOwnBinary reports whether a path means the caller's own binary, which it does not in
// the process that is on its way to the command.
func isOwnBinary(path string) bool {
	return path == "/proc/self/exe" || path == "/proc/thread-self/exe"
}

// ownBinary is where that lies.
func ownBinary() string {
	path, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return "/proc/self/exe"
	}
	return path
}

// holdOwn opens the caller's own binary if that is the command and no path leads to it.
func (c *Cmd) holdOwn() error {
	if !isOwnBinary(c.Path) {
		return nil
	}
	running, err := os.Stat("/proc/self/exe")
	if err != nil {
		return err
	}
	if there, err := os.Stat(ownBinary()); err == nil && os.SameFile(running, there) {
		return nil
	}
	fd, err := unix.Open("/proc/self/exe", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: "/proc/self/exe", Err: err}
	}
	c.own = os.NewFile(uintptr(fd), c.Path)
	return nil
}

// ownFD is the number of that file in the command.
func (c *Cmd) ownFD() int { return 3 + len(c.ExtraFiles) }
