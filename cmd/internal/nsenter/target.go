package nsenter

import (
	"errors"
	"os"
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
	var look func() (containers.Process, error)
	switch {
	case t.kind == byFD:
		return byDescriptor(t.pid, i.own.looksFirst())
	case t.kind == byFile:
		look = func() (containers.Process, error) { return inFile(t.name) }
	case t.kind == byContainer:
		look = func() (containers.Process, error) { return i.own.container(t.name, env) }
	case t.kind == byPID && i.own.looksFirst():
		look = func() (containers.Process, error) { return containers.Process{PID: t.pid}, nil }
	default:
		return i.plainTarget(), nil
	}
	if i.shared.Explain {
		p, err := look()
		return &launch.Target{PID: p.PID, Inode: t.inode, Seen: seen(p)}, err
	}
	target, err := i.own.await(func() (*launch.Target, error) { return held(look) })
	if target != nil && i.own.wait.Set && t.kind == byFile {
		target.Seen = nil // it may have been seen before it was set up
	}
	if errors.Is(err, unix.ESRCH) && t.kind == byPID {
		return i.plainTarget(), nil // who reads something of it first will say what is missing
	}
	if target != nil {
		target.Inode = t.inode
	}
	return target, err
}

// held finds a process and holds it. It is looked for a second time once it is
// held: what names it must still mean the same.
func held(look func() (containers.Process, error)) (*launch.Target, error) {
	p, err := look()
	if err != nil {
		return nil, err
	}
	fd, err := ns.Hold(p.PID)
	switch {
	case errors.Is(err, unix.ESRCH):
		return nil, &applet.Error{Text: "target process " + strconv.Itoa(p.PID), Err: unix.ESRCH}
	case err != nil: // a kernel before Linux 5.3, or a filter: the PID has to do
		return &launch.Target{PID: p.PID, Seen: seen(p)}, nil
	}
	again, err := look()
	switch {
	case err != nil:
	case again.PID != p.PID:
		err = &changedError{"the target changed from process " + strconv.Itoa(p.PID) + " to " + strconv.Itoa(again.PID) + " while it was looked for"}
	case again != p:
		err = &changedError{"process " + strconv.Itoa(p.PID) + " changed while it was looked for"}
	}
	if err != nil { // --wait looks again, and holds another one then
		os.NewFile(uintptr(fd), "target").Close()
		return nil, err
	}
	return &launch.Target{PID: p.PID, FD: &fd, Read: true, Seen: seen(p)}, nil
}

// seen is what has to be the same when the process is entered; nil for one that
// was not looked at.
func seen(p containers.Process) *launch.Seen {
	if p == (containers.Process{PID: p.PID}) {
		return nil
	}
	return &launch.Seen{Mount: p.Mount, Device: p.Root.Device, Root: p.Root.Inode}
}

// byDescriptor finds the process that one of the caller's descriptors holds.
func byDescriptor(fd int, read bool) (*launch.Target, error) {
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
	return &launch.Target{PID: pid, FD: &fd, Keep: true, Read: read}, nil
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

// inFile finds the process that a PID file names, as it is now.
func inFile(name string) (containers.Process, error) {
	text, err := rawfile.ReadUpTo(name, maxPIDFile)
	if err != nil {
		return containers.Process{}, &applet.Error{Text: "cannot read " + name, Err: err}
	}
	pid, ok := pidIn(string(text))
	if !ok && len(text) == 0 {
		return containers.Process{}, &applet.Error{Text: name + " does not hold one process ID", Err: errEmpty}
	}
	if !ok {
		return containers.Process{}, applet.Failf("%s does not hold one process ID", name)
	}
	p, err := containers.Look(pid)
	if err != nil { // gone: the Program says so
		return containers.Process{PID: pid}, nil
	}
	var file unix.Stat_t
	if unix.Stat(name, &file) == nil && p.StartedAfter(file.Mtim.Unix()) {
		return p, &applet.Error{Text: "process " + strconv.Itoa(pid) + " is not the one that " + name + " was written for: it started later",
			Hint: "the one in the file has ended; if only the clock was set, name the process itself"}
	}
	return p, nil
}

// maxPIDFile is more than a process ID with blanks around it.
const maxPIDFile = 4096

// pidIn reads the text of a PID file: one number, and blanks around it.
func pidIn(text string) (int, bool) {
	text = strings.TrimSpace(text)
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	pid, err := parsePID(text)
	return pid, err == nil
}

// container finds the init of a container.
func (o *options) container(name string, env []string) (containers.Process, error) {
	places := containers.UserPlaces(func(name string) string {
		value, _ := prestart.Getenv(env, name)
		return value
	})
	c, err := containers.Find(places, name)
	if err != nil {
		return containers.Process{}, err
	}
	if !c.Apart && c.Mount != 0 && o.entersFiles() {
		return containers.Process{}, applet.Failf("container '%s', process %d, has the mount namespace or the root directory of the caller", name, c.PID)
	}
	return c.Process(), nil
}

// entersFiles says whether the target's mount namespace or one of its
// directories is asked for.
func (o *options) entersFiles() bool {
	_, mount := o.join(ns.Mount)
	return o.all || mount && !o.kinds[ns.Mount].named && o.kinds[ns.Mount].id == 0 || o.root.ofTarget() || o.wd.ofTarget()
}
