//go:build linux

package containers

import (
	"path"
	"strconv"

	"github.com/nskit/nskit/internal/rawfile"
	"golang.org/x/sys/unix"
)

// Index tells which container a process is in, for many processes: the state
// files are read once.
type Index struct {
	root string
	out  outside
	all  []entry
	// inits are the processes of running containers, and mounts their mount
	// namespaces: places in all.
	inits  map[int]int
	mounts map[uint64]int
}

// NewIndex reads the state files; what cannot be read has no containers.
func NewIndex(at Places) *Index {
	x := &Index{root: at.root(), out: lookOutside(at.root()), inits: map[int]int{}, mounts: map[uint64]int{}}
	x.all, _ = list(at, x.out)
	for i, e := range x.all {
		if e.PID != 0 {
			x.inits[e.PID] = i
		}
		if e.PID != 0 && e.Apart {
			x.mounts[e.Mount] = i
		}
	}
	return x
}

// Of returns the container that a process is in. The state files come first: a
// container's init, and who shares its mount namespace. Then its control group
// counts, if the process is set up and no file knows the container as stopped:
// such a container need not have a name. A process that was started at another
// time than the caller knows is not looked at; 0 stands for any time.
func (x *Index) Of(p Process) (Container, bool) {
	if !x.mayKnow(p.PID) {
		return Container{}, false
	}
	v, err := look(x.root, strconv.Itoa(p.PID))
	if err != nil || p.Started != 0 && p.Started != v.Started {
		return Container{}, false
	}
	if i, ok := x.inits[v.PID]; ok && x.all[i].Started == v.Started {
		return x.all[i].Container, true
	}
	if i, ok := x.mounts[v.Mount]; ok {
		return x.all[i].Container, true
	}
	ref, ok := FromCgroup(v.cgroup)
	if !ok || !x.out.setUp(ref.Runtime, v) {
		return Container{}, false
	}
	return x.member(ref)
}

// mayKnow is false for a process that is in no container, as most are: with few calls, which may be about
// different processes where the PID is another one's meanwhile.
func (x *Index) mayKnow(pid int) bool {
	if _, ok := x.inits[pid]; ok {
		return true
	}
	proc := path.Join(x.root, "proc", strconv.Itoa(pid))
	if len(x.mounts) > 0 {
		mount, err := mountNamespace(unix.AT_FDCWD, proc+"/ns/mnt")
		if _, ok := x.mounts[mount]; ok && err == nil {
			return true
		}
	}
	cgroup, err := rawfile.Read(proc + "/cgroup")
	_, ok := FromCgroup(string(cgroup))
	return ok && err == nil
}

// member is the container that a control group names. One that the state files
// do not know is called by its identifier.
func (x *Index) member(ref Ref) (Container, bool) {
	for _, e := range x.all {
		if e.ID != ref.ID || !ref.bears(e.Container) {
			continue
		}
		if e.knows == namesOnly || e.PID != 0 {
			return e.Container, true
		}
		return Container{}, false
	}
	return Container{Name: ref.ID, ID: ref.ID, Runtime: ref.Runtime}, true
}

// Name is what to call a container: its name, or the qualified one where another
// container has the same.
func (x *Index) Name(c Container) string {
	count := 0
	for _, e := range x.all {
		if e.Name == c.Name {
			count++
		}
	}
	return c.shown(count > 1)
}
