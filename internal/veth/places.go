package veth

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/order"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// dockerDir is where Docker keeps the namespaces of its containers.
const dockerDir = "/run/docker/netns"

// Place is a network namespace of the system and how to get at it.
type Place struct {
	Inode uint64
	// PID is the lowest of its processes but the caller, 0 for none.
	PID int
	// Path is a file that it is mounted on, or that else leads to it, "" for none.
	Path string
	// Name is its name below /run/netns, "" for none.
	Name string
	// Container is the one that it belongs to, "" for none or where it has a name.
	Container string
	// Holder is what keeps it alive where no process and no mount does: "fd 12/7",
	// "socket 12/8".
	Holder string
	// Own says that it is the caller's own.
	Own bool
	// Processes is how many processes were seen in it, and threads without their process.
	Processes int

	snapshot *census.Snapshot
	space    *census.Namespace
}

// String is the shortest reference that leads to the namespace; where there is
// none it is what keeps it alive.
func (p *Place) String() string {
	switch {
	case p.Own:
		return "."
	case p.Name != "":
		return NS{Kind: ByName, Text: p.Name}.String()
	case p.Container != "":
		return NS{Kind: ByContainer, Text: p.Container}.String()
	case p.PID != 0:
		return "pid:" + strconv.Itoa(p.PID)
	}
	return cmp.Or(p.Path, p.Holder)
}

// Places lists the network namespaces of the system, the caller's own first, then by
// name: those that a process or thread is in, that are mounted somewhere, that a
// descriptor or a socket holds, and those that the session has open. Not
// found are those of processes that the caller may not look at. Where there is
// no /proc, the error is [fs.ErrNotExist], and the list has what is known without it.
func (s *Session) Places() ([]*Place, error) {
	return s.places(census.Mounts | census.OnlyMounts | census.Threads | census.Descriptors | census.Sockets)
}

// known are the places that are the least work to find, for what need not be complete.
func (s *Session) known() ([]*Place, error) {
	places, err := s.places(census.Mounts)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return places, err
}

// places asks the census.
func (s *Session) places(want census.Want) ([]*Place, error) {
	if !s.isOpen() {
		return nil, errClosed()
	}
	if err := rawfile.StartPoller(); err != nil {
		return nil, err
	}
	take := s.options.Census
	if take == nil {
		take = func() (*census.Snapshot, error) {
			return census.Take(census.Options{Kinds: ns.SetOf(ns.Net), Want: want, Workers: 1})
		}
	}
	snapshot, err := take()
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		snapshot = &census.Snapshot{}
	}
	found := map[uint64]*Place{s.own.Inode: {Inode: s.own.Inode, Own: true}}
	for i := range snapshot.Namespaces {
		if space := &snapshot.Namespaces[i]; space.Kind == ns.Net {
			addSpace(found, snapshot, space)
		}
	}
	addLinks(found, netnsDir)
	addLinks(found, dockerDir)
	for inode, ns := range s.byInode {
		if found[inode] == nil {
			found[inode] = &Place{Inode: inode, Path: ns.String()}
		}
	}
	places := make([]*Place, 0, len(found))
	for _, p := range found {
		places = append(places, p)
	}
	s.nameContainers(places)
	order.Sort(places, func(a, b **Place) int { return comparePlaces(*a, *b) })
	return places, err
}

// comparePlaces orders places: own, named, by PID, by path.
func comparePlaces(a, b *Place) int {
	rank := func(p *Place) int {
		switch {
		case p.Own:
			return 0
		case p.Name != "":
			return 1
		case p.PID != 0:
			return 2
		}
		return 3
	}
	if a.Name != "" && b.Name != "" && !a.Own && !b.Own {
		return strings.Compare(a.Name, b.Name)
	}
	return cmp.Or(rank(a)-rank(b), a.PID-b.PID, strings.Compare(a.Path, b.Path), strings.Compare(a.Holder, b.Holder))
}

func at(found map[uint64]*Place, inode uint64) *Place {
	if found[inode] == nil {
		found[inode] = &Place{Inode: inode}
	}
	return found[inode]
}

// addSpace adds what the census knows of a namespace.
func addSpace(found map[uint64]*Place, snapshot *census.Snapshot, space *census.Namespace) {
	p := at(found, uint64(space.Inode))
	p.snapshot, p.space, p.PID, p.Processes = snapshot, space, space.PID, occupants(snapshot, space)
	if p.PID == snapshot.Self {
		p.PID = 0
		if others := snapshot.Members(space); len(others) > 1 {
			p.PID = others[1]
		}
	}
	for _, path := range space.Mounts {
		if !slices.Contains(space.Covered, path) { // else something else lies there
			p.addPath(path)
		}
	}
	if p.PID == 0 && p.Path == "" && !p.Own && len(space.Holders) > 0 {
		p.Holder, p.Path = space.Holders[0].String(), snapshot.Path(space)
	}
}

// addPath notes a path, the most telling of several.
func (p *Place) addPath(path string) {
	if name, ok := strings.CutPrefix(path, netnsDir+"/"); ok {
		p.Name, p.Path = name, path
	}
	if p.Path == "" || strings.HasPrefix(path, dockerDir) && p.Name == "" {
		p.Path = path
	}
}

// addLinks finds the namespaces that symbolic links in dir lead to.
func addLinks(found map[uint64]*Place, dir string) {
	if !listable(dir) {
		return
	}
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	defer d.Close()
	entries, _ := d.ReadDir(-1)
	for _, entry := range entries {
		if entry.Type()&os.ModeSymlink == 0 {
			continue
		}
		path := dir + "/" + entry.Name()
		if target, err := os.Readlink(path); err == nil && strings.HasPrefix(target, "/proc/") {
			if ns, err := openNS(NS{Kind: ByPath, Text: path}); err == nil {
				at(found, ns.Inode).addPath(path)
				ns.close()
			}
		}
	}
}

// reach opens a place; it returns nil when the place is gone or may not be
// entered, and an error when it could be but for a lack of descriptors.
func (s *Session) reach(p *Place) (*Namespace, error) {
	if ns, ok := s.byInode[p.Inode]; ok {
		return ns, nil
	}
	if p.space == nil {
		return nil, nil // a link to a process that has ended since
	}
	fd, err := p.snapshot.Open(p.space)
	switch {
	case errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) || errors.Is(err, unix.ENOMEM):
		return nil, err
	case err != nil:
		return nil, nil
	}
	reached := &Namespace{Inode: p.Inode, path: cmp.Or(p.Path, p.snapshot.Path(p.space)), fd: fd}
	// What a user sees of it is how it is written, not how it was opened.
	if reached.Ref, err = ParseNS(p.String()); err != nil {
		reached.Ref = NS{Kind: ByPath, Text: p.String()}
	}
	return s.adopt(reached), nil
}
