//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// devices are bound from the old /dev: only real root can make device nodes.
var devices = [...]struct{ name, path string }{
	{"null", "/dev/null"}, {"zero", "/dev/zero"}, {"full", "/dev/full"},
	{"random", "/dev/random"}, {"urandom", "/dev/urandom"}, {"tty", "/dev/tty"},
}

// deviceLinks are what programs expect beside the devices.
var deviceLinks = [...]struct{ name, target string }{
	{"fd", "/proc/self/fd"}, {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"}, {"stderr", "/proc/self/fd/2"},
	{"ptmx", "pts/ptmx"},
}

// mountDev makes a minimal /dev. It is empty at first and nobody else's: names
// in it need no careful lookup.
func (r *rooting) mountDev(target string) {
	r.mountType("tmpfs", target, unix.MS_NOSUID|unix.MS_NOEXEC, "mode=0755", "a minimal /dev")
	at := r.mounted
	// The working directory is still what lies below the mount.
	r.openMounted(at, target)
	r.b.Fchdir(program.Value(at)).Or("cannot enter ", target)
	r.b.Close(program.Value(at)).Tolerate()
	for i := range devices {
		name := devices[i].name
		r.b.MakeFile(program.Cwd(), name, 0o644).Or("cannot make ", target, "/", name)
		r.bindDevice(i)
	}
	for i := range deviceLinks {
		r.b.Symlinkat(deviceLinks[i].target, program.Cwd(), deviceLinks[i].name).Or("cannot make ", target, "/", deviceLinks[i].name)
	}
	r.mountInDev(target, "pts", "devpts", unix.MS_NOSUID|unix.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620").Because("terminals of its own")
	r.mountInDev(target, "shm", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777").Because("shared memory")
	r.mountInDev(target, "mqueue", "mqueue", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "").
		Because("message queues, if the IPC namespace is ours").Tolerate()
	r.bindConsole()
}

// bindDevice shows a device of the host in the working directory.
func (r *rooting) bindDevice(i int) {
	path, name, there, done := devices[i].path, devices[i].name, r.b.Label("the host is there"), r.b.Label("device bound")
	if r.tries() {
		r.b.Move(r.tree, program.Value(r.tree)).IfNegative(there)
		orOlder(r.b.MoveMountTo(program.Value(r.devices[i]), program.Cwd(), name), there).IfZero(done).Because("the device of the host").Or("cannot bind ", path)
		r.b.Place(there)
	}
	r.b.Mount(path, name, "", unix.MS_BIND, "").Because("the device of the host").Or("cannot bind ", path)
	r.b.Place(done)
}

// openMounted opens what was just mounted on a destination.
func (r *rooting) openMounted(at program.Var, target string) {
	opened, old := r.b.Label("opened"), r.b.Label("no openat2")
	var buffer [16]string
	path := r.prefix(mnt.Components(buffer[:0], target))
	orOlder(r.b.Openat2(program.Value(r.root), path), old).Into(at).IfPositive(opened).IfZero(opened).Or("cannot open ", target)
	r.b.Place(old)
	// Every part of the way has been found not to be a link.
	r.b.Openat(program.Value(r.root), path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_DIRECTORY).Into(r.plain).Or("cannot open ", target)
	r.b.Move(at, program.Value(r.plain))
	r.b.Place(opened)
}

// mountInDev mounts a file system on a new directory of /dev.
func (r *rooting) mountInDev(target, name, fstype string, flags uintptr, data string) *program.Step {
	r.b.Mkdirat(program.Cwd(), name, 0o755).Or("cannot make ", target, "/", name)
	return r.b.Mount(fstype, name, fstype, flags, data).Or("mount ", target, "/", name, " failed")
}

// bindConsole makes the caller's terminal the console, if there is one.
func (r *rooting) bindConsole() {
	found, none, there := r.b.Label("terminal found"), r.b.Label("no terminal"), r.b.Label("the host is there")
	if r.tries() {
		r.b.Move(r.tree, program.Value(r.tree)).IfNegative(there)
		bound := r.b.Label("the devices are bound")
		r.b.Move(r.console, program.Value(r.console)).IfNegative(bound)
		r.b.MakeFile(program.Cwd(), "console", 0o644).Or("cannot make the console")
		r.b.MoveMountTo(program.Value(r.console), program.Cwd(), "console").Because("the console").Tolerate()
		r.b.Place(bound)
		if !r.s.Unshare.Has(ns.User) {
			r.setPropagation() // of the devices, which are peers of the host's
		}
		r.b.Goto(none)
		r.b.Place(there)
	} else {
		r.terminal = r.b.Buffer("terminal", 64)
	}
	r.findTerminal(found, none)
	r.b.Place(found)
	r.b.MakeFile(program.Cwd(), "console", 0o644).Or("cannot make the console")
	r.b.MountFrom(r.terminal, "console", unix.MS_BIND).Because("the console").Tolerate()
	r.b.Place(none)
}

// findTerminal reads the path of the caller's terminal, if there is one, while the old
// /proc is there.
func (r *rooting) findTerminal(found, none *program.Label) {
	for fd, path := range [...]string{"/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2"} {
		next := r.b.Label("next descriptor")
		r.b.IsTerminal(fd).IfNegative(next).Because("the console is the caller's terminal")
		r.b.Readlink(path, r.terminal).IfNegative(next).IfZero(next).IfPositive(found)
		r.b.Place(next)
	}
	r.b.Goto(none)
}
