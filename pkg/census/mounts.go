package census

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
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
}

// addMounts adds what is bound in the caller's mount namespace and, with
// AllMounts, in the others. live says that Proc shows the caller itself, so
// that the kernel can be asked about mounts directly.
func (s *Snapshot) addMounts(options Options, live bool) {
	asks := live && !options.NoNewCalls && hasListmount()
	var own []bind
	if asks {
		own = listBinds(0)
	} else {
		own = s.readBinds("self")
	}
	if len(own) == 0 && options.Want&AllMounts == 0 {
		return
	}
	c := s.collect()
	for _, b := range own {
		if options.Kinds.Has(b.kind) {
			space := c.namespace(b.kind, b.inode)
			space.Mounts = append(space.Mounts, b.path)
		}
	}
	if options.Want&AllMounts != 0 {
		s.addForeign(c, options.Kinds, asks)
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
func (s *Snapshot) addForeign(c *collector, kinds ns.Set, asks bool) {
	seen := map[Inode]bool{}
	if own, err := os.Readlink(filepath.Join(s.Proc, "self/ns/mnt")); err == nil {
		_, inode, _ := parseLink([]byte(own))
		seen[inode] = true
	}
	for i := 0; i < len(c.namespaces); i++ {
		space := c.namespaces[i] // a copy: the list grows below
		if space.Kind != ns.Mount || seen[space.Inode] {
			continue
		}
		seen[space.Inode] = true
		for _, b := range s.bindsOf(&space, asks) {
			if kinds.Has(b.kind) {
				to := c.namespace(b.kind, b.inode)
				to.Holders = append(to.Holders, Holder{How: ByMount, Path: b.path, Namespace: space.Inode})
			}
		}
	}
}

// bindsOf lists what is bound in another mount namespace.
func (s *Snapshot) bindsOf(space *Namespace, asks bool) []bind {
	if asks {
		if fd, err := s.Open(space); err == nil {
			id := mountNamespaceID(fd)
			unix.Close(fd)
			if id != 0 {
				return listBinds(id)
			}
		}
	}
	for _, pid := range s.Members(space) {
		if binds := s.readBinds(strconv.Itoa(pid)); binds != nil {
			return binds
		}
	}
	return nil
}

// readBinds reads a process's mount table; nil when it cannot be read.
func (s *Snapshot) readBinds(process string) []bind {
	text, err := rawfile.Read(filepath.Join(s.Proc, process, "mountinfo"))
	if err != nil {
		return nil
	}
	return parseBinds(text)
}

// parseBinds picks the namespaces out of a mount table, proc_pid_mountinfo(5).
// Only their lines are taken apart: a host with containers has thousands.
func parseBinds(table []byte) []bind {
	var lines []byte
	for line := range bytes.Lines(table) {
		if bytes.Contains(line, []byte(" - nsfs ")) {
			lines = append(lines, line...)
		}
	}
	infos, err := mountinfo.GetMountsFromReader(bytes.NewReader(lines), mountinfo.FSTypeFilter("nsfs"))
	binds := []bind{}
	if err != nil {
		return binds
	}
	for _, info := range infos {
		if kind, inode, ok := parseLink([]byte(info.Root)); ok {
			binds = append(binds, bind{kind, inode, info.Mountpoint})
		}
	}
	return binds
}

// Open opens a namespace through whatever holds it: one of its processes, a
// bind mount, somebody's descriptor, or its identifier. The caller closes the descriptor. It
// fails with ENOENT when nothing leads there any more, or nothing that the
// caller may use, and with EMFILE or ENFILE for a lack of descriptors.
func (s *Snapshot) Open(space *Namespace) (int, error) {
	if space == nil || space.Kind >= ns.KindCount {
		return -1, unix.ENOENT
	}
	for _, path := range s.ways(space) {
		switch fd, err := openInode(path, space.Inode); {
		case err == nil:
			return fd, nil
		case err == unix.EMFILE, err == unix.ENFILE:
			return -1, err
		}
	}
	for _, h := range space.Holders {
		if h.How == BySocket {
			owner := socketOwner{pid: h.PID, pidfd: -1}
			fd, err := owner.namespaceOf(h.FD)
			owner.close()
			if err == nil && inodeOf(fd) == space.Inode {
				return fd, nil
			}
			if err == nil {
				unix.Close(fd)
			}
		}
	}
	if space.ID != 0 {
		if fd, err := openIdentifier(space.ID, space.Kind.Flag(), space.Inode); err == nil {
			return fd, nil
		}
	}
	return -1, unix.ENOENT
}

// ways are the paths that should lead to a namespace.
func (s *Snapshot) ways(space *Namespace) []string {
	var paths []string
	link := func(pid int, name string) {
		paths = append(paths, filepath.Join(s.Proc, strconv.Itoa(pid), name))
	}
	if space.PID != 0 {
		link(space.PID, "ns/"+space.Kind.String())
	}
	for _, h := range space.Holders {
		switch h.How {
		case ByDescriptor:
			link(h.PID, "fd/"+strconv.Itoa(h.FD))
		case ByChildren:
			link(h.PID, "ns/"+space.Kind.String()+"_for_children")
		}
	}
	paths = slices.Concat(paths, space.Mounts)
	if space.Processes > 1 { // the lowest one may have ended
		for _, pid := range s.Members(space)[1:] {
			link(pid, "ns/"+space.Kind.String())
		}
	}
	return paths
}

// openInode opens path if it is the namespace with that inode, and fails with
// ENOENT if it is another.
func openInode(path string, inode Inode) (int, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return -1, err
	}
	if inodeOf(fd) != inode {
		unix.Close(fd)
		return -1, unix.ENOENT
	}
	return fd, nil
}
