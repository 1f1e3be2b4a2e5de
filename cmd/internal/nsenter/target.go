package nsenter

import (
	"strconv"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/pkg/containers"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// find finds the process that --target names. Where its PID alone would have
// to stand for it over several looks, the process is held by a pidfd from the
// first on.
func (i *invocation) find(env []string) (*launch.Target, error) {
	t := i.own.target
	var pid func() (int, error)
	switch {
	case t.kind == byFD:
		return byDescriptor(t.pid)
	case t.kind == byFile:
		pid = func() (int, error) { return pidInFile(t.name) }
	case t.kind == byContainer:
		pid = func() (int, error) { return container(t.name, env) }
	case t.kind == byPID && i.own.looksFirst():
		pid = func() (int, error) { return t.pid, nil }
	default:
		return i.plainTarget(), nil
	}
	if i.shared.Explain {
		n, err := pid()
		return &launch.Target{PID: n, Inode: t.inode}, err
	}
	target, err := held(pid)
	if target != nil {
		target.Inode = t.inode
	}
	return target, err
}

// held finds a process and holds it. It is looked for a second time once it is
// held: what names it must still mean the same.
func held(find func() (int, error)) (*launch.Target, error) {
	pid, err := find()
	if err != nil {
		return nil, err
	}
	// A kernel before Linux 5.3 has none: then the PID has to do. A process
	// that is gone is reported when the Program does not find it.
	fd, err := ns.Hold(pid)
	if err != nil {
		return &launch.Target{PID: pid}, nil
	}
	again, err := find()
	if err == nil && again != pid {
		err = applet.Failf("the target changed from process %d to %d while it was looked for", pid, again)
	}
	return &launch.Target{PID: pid, FD: &fd, Read: true}, err
}

// byDescriptor finds the process that one of the caller's descriptors holds.
func byDescriptor(fd int) (*launch.Target, error) {
	name := strconv.Itoa(fd)
	text, err := rawfile.Read("/proc/self/fdinfo/" + name)
	if err != nil {
		return nil, &applet.Error{Text: "file descriptor " + name, Err: unix.EBADF}
	}
	pid, ok := pidOfFdinfo(string(text))
	switch {
	case !ok:
		return nil, applet.Failf("file descriptor %d is not a pidfd", fd)
	case pid < 0:
		return nil, &applet.Error{Text: "the process of file descriptor " + name + " has ended", Err: unix.ESRCH}
	case pid == 0:
		return nil, applet.Failf("the process of file descriptor %d is not in this PID namespace", fd)
	}
	return &launch.Target{PID: pid, FD: &fd, Keep: true}, nil
}

// pidOfFdinfo reads the Pid line of a pidfd, see pidfd_open(2): -1 stands for
// a process that has ended, 0 for one in another PID namespace.
func pidOfFdinfo(text string) (int, bool) {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, "Pid:"); ok {
			if pid, err := strconv.Atoi(strings.TrimSpace(value)); err == nil {
				return pid, true
			}
			break
		}
	}
	return 0, false
}

// pidInFile reads a PID file: its first line is the number.
func pidInFile(name string) (int, error) {
	text, err := rawfile.ReadUpTo(name, 4096)
	if err != nil {
		return 0, &applet.Error{Text: "cannot read " + name, Err: err}
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := parsePID(strings.TrimSpace(line))
	if err != nil {
		return 0, applet.Failf("%s does not begin with a process ID", name)
	}
	return pid, nil
}

// container finds the init of a container.
func container(name string, env []string) (int, error) {
	places := containers.UserPlaces(func(name string) string {
		value, _ := prestart.Getenv(env, name)
		return value
	})
	c, err := containers.Find(places, name)
	if err != nil {
		return 0, &applet.Error{Text: err.Error()}
	}
	return c.PID, nil
}
