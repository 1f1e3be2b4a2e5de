package veth

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/sys/mountinfo"
	"github.com/nskit/nskit/internal/rawfile"
	"golang.org/x/sys/unix"
)

// dockerDir is where Docker keeps the namespaces of its containers.
const dockerDir = "/run/docker/netns"

// Place is a network namespace of the system and how to get at it.
type Place struct {
	Inode uint64
	// PID is the lowest of its processes, 0 for none.
	PID int
	// Path is a file that it is mounted on, "" for none.
	Path string
	// Name is its name below /run/netns, "" for none.
	Name string
	// Own says that it is the caller's own.
	Own bool
}

// String is the shortest reference that leads to the namespace.
func (p *Place) String() string {
	switch {
	case p.Own:
		return "."
	case p.Name != "":
		return NS{Kind: ByName, Text: p.Name}.String()
	case p.PID != 0:
		return "pid:" + strconv.Itoa(p.PID)
	}
	return p.Path
}

// ref is the reference to open the place by. The inode is checked: a process
// may have ended, or a path changed its meaning, since the place was found.
func (p *Place) ref() NS {
	if p.Path != "" {
		return NS{Kind: ByPath, Text: p.Path, Inode: p.Inode}
	}
	return NS{Kind: ByPID, Number: p.PID, Inode: p.Inode}
}

// Places lists the network namespaces that a process is in or that are mounted
// somewhere, the caller's own first, then by name, and those that the session
// has open. Others that only a descriptor or a socket holds are not found, nor
// those of processes that the caller may not look at. Where there is no
// /proc, the error is [fs.ErrNotExist], and the list has what is known without it.
func (s *Session) Places() ([]*Place, error) {
	if !s.isOpen() {
		return nil, errClosed()
	}
	found := map[uint64]*Place{s.own.Inode: {Inode: s.own.Inode, Own: true}}
	err := addProcesses(found)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	addMounts(found)
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
	slices.SortFunc(places, comparePlaces)
	return places, err
}

// known is Places for what need not be complete.
func (s *Session) known() ([]*Place, error) {
	places, err := s.Places()
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
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
	if d := rank(a) - rank(b); d != 0 {
		return d
	}
	if a.Name == "" && a.PID != b.PID {
		return a.PID - b.PID
	}
	if d := strings.Compare(a.Name, b.Name); d != 0 {
		return d
	}
	return strings.Compare(a.Path, b.Path)
}

func at(found map[uint64]*Place, inode uint64) *Place {
	if found[inode] == nil {
		found[inode] = &Place{Inode: inode}
	}
	return found[inode]
}

// addProcesses finds the namespaces that processes are in. A process that ends
// meanwhile, or that may not be looked at, is left out.
func addProcesses(found map[uint64]*Place) error {
	if err := rawfile.StartPoller(); err != nil {
		return err
	}
	proc, err := os.Open("/proc")
	if err != nil {
		return err
	}
	defer proc.Close()
	names, err := proc.Readdirnames(-1)
	if err != nil {
		return err
	}
	self, dir := unix.Getpid(), int(proc.Fd())
	var text [64]byte
	empty := true
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		empty = false
		if pid == self {
			continue
		}
		n, err := unix.Readlinkat(dir, name+"/ns/net", text[:])
		if err != nil {
			continue
		}
		if inode, ok := parseNSLink(string(text[:n])); ok {
			if p := at(found, inode); p.PID == 0 || pid < p.PID {
				p.PID = pid
			}
		}
	}
	if empty {
		return &fs.PathError{Op: "find a process in", Path: "/proc", Err: unix.ENOENT}
	}
	return nil
}

// parseNSLink reads "net:[4026531840]".
func parseNSLink(text string) (uint64, bool) {
	number, ok := strings.CutPrefix(text, "net:[")
	if !ok {
		return 0, false
	}
	number, ok = strings.CutSuffix(number, "]")
	inode, err := strconv.ParseUint(number, 10, 64)
	return inode, ok && err == nil
}

// addMounts finds the namespaces that are mounted somewhere.
func addMounts(found map[uint64]*Place) {
	mounts, err := mountinfo.GetMounts(func(m *mountinfo.Info) (skip, stop bool) {
		return m.FSType != "nsfs", false
	})
	if err != nil {
		return // without a mount table there are still the processes
	}
	for _, m := range mounts {
		if inode, ok := parseNSLink(m.Root); ok {
			at(found, inode).addPath(m.Mountpoint)
		}
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
	ns, err := openNS(p.ref())
	switch {
	case errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) || errors.Is(err, unix.ENOMEM):
		return nil, err
	case err != nil:
		return nil, nil
	}
	// What a user sees of it is how it is written, not how it was opened.
	if ref, err := ParseNS(p.String()); err == nil {
		ns.Ref = ref
	}
	return s.adopt(ns), nil
}
