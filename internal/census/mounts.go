package census

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"

	"github.com/moby/sys/mountinfo"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// bind is a namespace that is bound to a path.
type bind struct {
	kind  ns.Kind
	inode Inode
	path  string
	// covered says that something else is mounted over it.
	covered bool
}

// filter says which namespaces are of interest, nil for all.
type filter func(ns.Kind, Inode) bool

// mountTable is what is of interest of a mount namespace.
type mountTable struct {
	wanted filter
	found  []bind
	mounts []uint64
	// parents are the mounts that others are mounted on; nil where it does not
	// matter: hundreds of such maps are more than all the rest.
	parents map[uint64]bool
}

func (t *mountTable) wants(kind ns.Kind, inode Inode) bool {
	return t.wanted == nil || t.wanted(kind, inode)
}

// parent notes that something is mounted on a mount, if that is of interest.
func (t *mountTable) parent(mount uint64) {
	if t.parents != nil {
		t.parents[mount] = true
	}
}

func (t *mountTable) add(mount uint64, b bind) {
	t.found, t.mounts = append(t.found, b), append(t.mounts, mount)
}

// binds are the binds, when all mounts are known: nothing can be mounted on a
// namespace but over all of it.
func (t *mountTable) binds() []bind {
	for i := range t.found {
		t.found[i].covered = t.parents[t.mounts[i]]
	}
	return append([]bind{}, t.found...)
}

// addMounts adds what is bound in the caller's mount namespace and, with
// AllMounts or OnlyMounts, in the others. live says that Proc shows the caller
// itself, so that the kernel can be asked about mounts directly.
func (s *Snapshot) addMounts(options Options, live bool) {
	asks := live && !options.NoNewCalls && hasListmount()
	wanted := func(kind ns.Kind, _ Inode) bool { return options.Kinds.Has(kind) }
	var own []bind
	if asks {
		own = listBinds(0, &mountTable{wanted: wanted, parents: map[uint64]bool{}})
	} else {
		own = s.readBinds("self", &mountTable{wanted: wanted, parents: map[uint64]bool{}})
	}
	if len(own) == 0 && options.Want&(AllMounts|OnlyMounts) == 0 {
		return
	}
	c := s.collect()
	for _, b := range own {
		space := c.namespace(b.kind, b.inode)
		space.Mounts = append(space.Mounts, b.path)
		if b.covered {
			space.Covered = append(space.Covered, b.path)
		}
	}
	switch {
	case options.Want&AllMounts != 0:
		s.addForeign(c, wanted, asks)
	case options.Want&OnlyMounts != 0:
		s.addForeign(c, func(kind ns.Kind, inode Inode) bool {
			_, known := c.index[inode]
			return options.Kinds.Has(kind) && !known
		}, asks)
	}
	c.sort()
	s.Namespaces = c.namespaces
}

// collect starts a collector with what is known already.
func (s *Snapshot) collect() *collector {
	c := &collector{namespaces: s.Namespaces, index: make(map[Inode]int32, len(s.Namespaces))}
	for i := range s.Namespaces {
		c.index[s.Namespaces[i].Inode] = int32(i)
	}
	return c
}

// addForeign adds the bind mounts of all mount namespaces but the caller's own.
// What is found there can be a mount namespace that leads further.
func (s *Snapshot) addForeign(c *collector, wanted filter, asks bool) {
	seen := map[Inode]bool{}
	if own, err := os.Readlink(filepath.Join(s.Proc, "self/ns/mnt")); err == nil {
		_, inode, _ := parseLink([]byte(own))
		seen[inode] = true
	}
	for i := 0; i < len(c.namespaces); i++ {
		if c.namespaces[i].Kind != ns.Mount || seen[c.namespaces[i].Inode] {
			continue
		}
		space := c.namespaces[i] // a copy, on the heap: the list grows below
		seen[space.Inode] = true
		for _, b := range s.bindsOf(&space, wanted, asks) {
			to := c.namespace(b.kind, b.inode)
			to.Holders = append(to.Holders, Holder{How: ByMount, Path: b.path, Namespace: space.Inode})
		}
	}
}

// bindsOf lists what is bound in another mount namespace.
func (s *Snapshot) bindsOf(space *Namespace, wanted filter, asks bool) []bind {
	if asks {
		if fd, err := s.Open(space); err == nil {
			id := mountNamespaceID(fd)
			unix.Close(fd)
			if id != 0 {
				return listBinds(id, &mountTable{wanted: wanted})
			}
		}
	}
	for directory := range s.residents(space) {
		if binds := s.readBinds(directory, &mountTable{wanted: wanted}); binds != nil {
			return binds
		}
	}
	return nil
}

// readBinds reads the mount table of a process or thread; nil when it cannot be read.
func (s *Snapshot) readBinds(directory string, t *mountTable) []bind {
	text, err := rawfile.Read(filepath.Join(s.Proc, directory, "mountinfo"))
	if err != nil {
		return nil
	}
	return parseBinds(text, t)
}

// parseBinds picks the namespaces out of a mount table, proc_pid_mountinfo(5).
// Only their lines are taken apart: a host with containers has thousands.
func parseBinds(table []byte, t *mountTable) []bind {
	var lines []byte
	for line := range bytes.Lines(table) {
		if _, rest, ok := bytes.Cut(line, []byte{' '}); ok {
			number, _, _ := bytes.Cut(rest, []byte{' '})
			if parent, ok := parseDigits(number); ok {
				t.parent(parent)
			}
		}
		if bytes.Contains(line, []byte(" - nsfs ")) {
			lines = append(lines, line...)
		}
	}
	infos, err := mountinfo.GetMountsFromReader(bytes.NewReader(lines), mountinfo.FSTypeFilter("nsfs"))
	if err != nil {
		return []bind{}
	}
	for _, info := range infos {
		if kind, inode, ok := parseLink([]byte(info.Root)); ok && t.wants(kind, inode) {
			t.add(uint64(info.ID), bind{kind: kind, inode: inode, path: info.Mountpoint})
		}
	}
	return t.binds()
}

// MountCount is how many mounts a mount namespace has, as far as they can be
// reached from its root directory; false when nobody tells the caller. It costs forty short calls
// and one for each 512 mounts or, before Linux 6.11, the mount table of a process.
func (s *Snapshot) MountCount(space *Namespace) (int, bool) {
	if space == nil || space.Kind != ns.Mount {
		return 0, false
	}
	if s.Self == os.Getpid() {
		if fd, err := s.Open(space); err == nil {
			id := mountNamespaceID(fd)
			unix.Close(fd)
			if n, ok := countMounts(id); id != 0 && ok {
				return n, true
			}
		}
	}
	for directory := range s.residents(space) {
		if text, err := rawfile.Read(filepath.Join(s.Proc, directory, "mountinfo")); err == nil && len(text) > 0 {
			return bytes.Count(text, []byte{'\n'}), true
		}
	}
	return 0, false
}

// residents are the directories of the processes and threads in a namespace.
func (s *Snapshot) residents(space *Namespace) func(yield func(directory string) bool) {
	return func(yield func(string) bool) {
		for _, pid := range s.Members(space) {
			if !yield(strconv.Itoa(pid)) {
				return
			}
		}
		for _, h := range space.Holders {
			if h.How == ByThread && !yield(h.directory()) {
				return
			}
		}
	}
}
