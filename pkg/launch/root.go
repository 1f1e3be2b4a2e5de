//go:build linux

package launch

import (
	"strings"

	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// setPropagation cuts the new mount namespace off from the old one, or not.
func (p *plan) setPropagation() {
	flags, ok := p.s.Propagation.Flags()
	if !ok || !p.s.Unshare.Has(ns.Mount) {
		return
	}
	step := p.b.Mount("none", "/", "", flags, "").Because(propagationReason(p.s.Propagation))
	p.hint(step, unix.EINVAL, hintNoMountPoint)
	p.nameModule(step, "cannot change root filesystem propagation", hintModule)
}

func propagationReason(m mnt.Propagation) string {
	switch m {
	case mnt.Shared:
		return "mounts pass to and from new peers of this namespace"
	case mnt.Slave:
		return "mounts come in from outside, none go out"
	}
	return "no mount comes in from outside, none goes out"
}

// changeRoot is chroot(2); changeDirectory follows it.
func (p *plan) changeRoot() {
	if p.s.Root.Set {
		step := p.b.Chroot(p.s.Root.Value).Because("the root directory").Or("cannot change root directory to '", p.s.Root.Value, "'")
		if !p.s.Unshare.Has(ns.User) {
			p.hint(step, unix.EPERM, hintNeedsChroot)
		}
	}
}

// changeDirectory is chdir(2). chroot(2) leaves the working directory outside
// the new root: without a directory of its own it becomes the root, and a
// relative one is found from the old one.
func (p *plan) changeDirectory() {
	dir := "/"
	switch {
	case p.s.Dir.Set:
		dir = p.s.Dir.Value
	case !p.s.Root.Set:
		return
	}
	p.b.Chdir(dir).Because("the working directory").Or("cannot change directory to ", dir)
}

// mountProc mounts a proc file system that shows the new PID namespace.
func (p *plan) mountProc() {
	if !p.s.Proc.Set {
		return
	}
	dir := p.s.Proc.Value
	private := p.s.Propagation == mnt.Private || p.s.Propagation == ""
	if !p.s.Root.Set && !private {
		p.b.Mount("none", dir, "", unix.MS_PRIVATE|unix.MS_REC, "").Ignore(unix.EINVAL).
			Because("the new /proc must not show outside").Or("cannot change ", dir, " filesystem propagation")
	}
	step := p.b.Mount("proc", dir, "proc", mnt.ProcFlags, "").Because("a /proc of this PID namespace")
	p.hintProc(step)
	p.nameModule(step, p.b.Join("mount ", dir, " failed"), "")
}

// registerBeforeChroot registers an interpreter whose file is to be opened at
// once (flag F), while the old root is still there.
func (p *plan) registerBeforeChroot() {
	if p.s.registersEarly() {
		p.mountBinfmtOn(mnt.BinfmtDir)
		p.register(mnt.BinfmtDir)
	}
}

// registersEarly reports whether the interpreter's file lies in the old root.
func (s *Spec) registersEarly() bool {
	line := s.Interpreter.Value
	if line == "" || !s.Root.Set && s.Pivot == nil {
		return false
	}
	fields := strings.Split(line, line[:1])
	return strings.Contains(fields[len(fields)-1], "F")
}

// mountBinfmt mounts binfmt_misc, which belongs to the user namespace since
// Linux 6.7.
func (p *plan) mountBinfmt() {
	if p.s.Binfmt.Set {
		p.mountBinfmtOn(p.s.Binfmt.Value)
	}
}

func (p *plan) mountBinfmtOn(dir string) {
	step := p.b.Mount("binfmt_misc", dir, "binfmt_misc", mnt.ProcFlags, "").Because("interpreters of this user namespace")
	p.nameModule(step, p.b.Join("mount ", dir, " failed"), "")
}

// registerInterpreter registers an interpreter in the new root.
func (p *plan) registerInterpreter() {
	if !p.s.Interpreter.Set || !p.s.Binfmt.Set || p.s.registersEarly() {
		return
	}
	p.register(p.s.Binfmt.Value)
}

func (p *plan) register(dir string) {
	file := p.b.Join(strings.TrimSuffix(dir, "/"), "/register")
	p.writeFile(file, p.s.Interpreter.Value, "cannot open ", "write failed ", "the interpreter")
}
