//go:build linux

package containers

// What is decided about a process that may be a container's: pure functions of
// what files and /proc say. A wrong process is worse than none.

// outside are the places that no container's process is in: those of the
// caller, and of the process that /proc calls number 1.
type outside []view

// lookOutside looks at them.
func lookOutside(root string) outside {
	var out outside
	for _, name := range []string{"self", "1"} {
		if v, err := look(root, name); err == nil && v.err == nil {
			out = append(out, v)
		}
	}
	return out
}

// apart says whether a process has a mount namespace and a root directory that
// are not those outside. A runtime's helper has not before it has unshared the
// one and changed the other.
func (out outside) apart(v view) bool { return out.unshared(v) && out.moved(v) }

func (out outside) unshared(v view) bool {
	for _, o := range out {
		if o.Mount == v.Mount {
			return false
		}
	}
	return v.Mount != 0
}

func (out outside) moved(v view) bool {
	for _, o := range out {
		if o.Root == v.Root {
			return false
		}
	}
	return v.Root != File{}
}

// setUp is apart for a container of a runtime: machined's may have the host's
// root directory for its own, and is registered when it has all it gets.
func (out outside) setUp(runtime string, v view) bool {
	return out.unshared(v) && (runtime == Machined || out.moved(v))
}

// verdict is what becomes of the word of a state file that a process is the
// init of a container.
type verdict uint8

const (
	// gone is for a process that has ended, is another's, or cannot be told.
	gone verdict = iota
	// confirmed is for one that is this container's and set up.
	confirmed
	// unproven is for one that is this container's by the time of its start or
	// its control group, but shares the mount namespace or the root directory of
	// the outside, or keeps them from the caller.
	unproven
)

// judge holds what a state file says of a container's init against the process.
// The time of its start proves it: runtimes write that down once the
// container is set up. Without that its control group has to name the container, or
// no other, and it has to be set up.
func judge(c Container, v view, out outside) verdict {
	group, member := FromCgroup(v.cgroup)
	member = member && group.bears(c)
	switch {
	case v.dead, c.Started != 0 && c.Started != v.Started, member && group.ID != c.ID:
		return gone
	case out.setUp(c.Runtime, v):
		return confirmed
	case c.Started != 0, member && v.err != nil:
		return unproven
	}
	return gone
}

// bears says whether a control group that names a container can be held
// against a state file: runtimes that draw identifiers at random share them.
func (r Ref) bears(c Container) bool {
	return isHash(r.ID) && isHash(c.ID) || r.Runtime == c.Runtime && c.Runtime != ""
}
