package census

import (
	"bytes"
	"cmp"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/internal/order"
	"github.com/nskit/nskit/pkg/ns"
)

// Use is a way in which a process uses a file system.
type Use uint8

const (
	// AsDirectory is the working directory.
	AsDirectory Use = iota
	// AsRoot is the root directory.
	AsRoot
	// AsProgram is the file that is run.
	AsProgram
	// AsFile is an open descriptor.
	AsFile
	// AsMapping is a mapped file.
	AsMapping
)

// User is a process that uses a mount, which keeps it busy.
type User struct {
	PID int
	Use Use
	// FD is the lowest descriptor of an AsFile, More how many others there are.
	FD, More int
	// Path is the first of the files, as the process sees it.
	Path string
	// Mount is the number of the mount, 0 where the kernel does not tell
	// (before Linux 5.8).
	Mount uint64
	// Detached says that no mount namespace in reach has that mount any more.
	Detached bool
}

// Users finds the processes that use some mounts, or have one of the block devices open. With
// whole, mounts of the same file systems that no namespace has any more count, too.
//
// It makes eight calls a process and one for each of its descriptors; where the kernel
// knows network file systems four for each descriptor. Of
// processes in the namespaces of the mounts it reads /proc/PID/maps besides. The caller itself is left out.
func (s *Snapshot) Users(mounts []Mounted, whole bool, nodes []Device) []User {
	u := usage{snapshot: s, local: isLocal(s.Proc), whole: whole, nodes: nodes, mounts: map[uint64]bool{}, spaces: map[Inode][]*Mounted{}}
	for i := range mounts {
		m := &mounts[i]
		if m.Why == AsLayer || m.Type == "nsfs" {
			continue
		}
		u.mounts[m.ID] = true
		u.spaces[m.Namespace] = append(u.spaces[m.Namespace], m)
		if m.Why == SameFS && !slices.Contains(u.devices, m.Device) {
			u.devices = append(u.devices, m.Device)
		}
	}
	if len(u.mounts) == 0 && len(nodes) == 0 {
		return nil
	}
	return u.all()
}

// usage is a search for users.
type usage struct {
	snapshot *Snapshot
	local    bool
	whole    bool
	mounts   map[uint64]bool
	spaces   map[Inode][]*Mounted
	devices  []Device
	nodes    []Device
}

// all looks at all processes.
func (u *usage) all() []User {
	var next atomic.Int64
	var group sync.WaitGroup
	var lock sync.Mutex
	var found []User
	work := func() {
		w := userFinder{usage: u, dents: make([]byte, 8<<10)}
		for {
			end := int(next.Add(batch))
			for i := end - batch; i < min(end, len(u.snapshot.Processes)); i++ {
				w.process(&u.snapshot.Processes[i])
			}
			if end >= len(u.snapshot.Processes) {
				break
			}
		}
		lock.Lock()
		found = append(found, w.found...)
		lock.Unlock()
	}
	for range min(runtime.GOMAXPROCS(0), 1+len(u.snapshot.Processes)/batch) - 1 {
		group.Go(work)
	}
	work()
	group.Wait()
	order.Sort(found, compareUsers)
	return found
}

func compareUsers(a, b *User) int {
	return cmp.Or(cmp.Compare(a.PID, b.PID), cmp.Compare(a.Use, b.Use), cmp.Compare(a.FD, b.FD), cmp.Compare(a.Mount, b.Mount))
}

// userFinder looks at one process after the other.
type userFinder struct {
	*usage
	dents []byte
	maps  []byte
	// wanted are the devices that are looked for in mappings.
	wanted []Device
	found  []User
	// own are those of the process that is looked at.
	own []User
	pid int
}

func (w *userFinder) process(p *Process) {
	if p.PID == w.snapshot.Self {
		return
	}
	w.pid, w.own = p.PID, w.own[:0]
	dir, err := unix.Open(filepath.Join(w.snapshot.Proc, strconv.Itoa(p.PID)), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(dir)
	space := p.Namespaces[ns.Mount]
	for i, name := range [...]string{AsDirectory: "cwd", AsRoot: "root", AsProgram: "exe"} {
		w.link(dir, name, space, User{Use: Use(i)})
	}
	if fds, err := unix.Openat(dir, "fd", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err == nil {
		readDir(fds, w.dents, func(name []byte) { w.descriptor(dir, fds, string(name)) })
		unix.Close(fds)
	}
	if mounts := w.spaces[space]; mounts != nil {
		w.mapped(dir, mounts)
	}
	w.found = append(w.found, w.own...)
}

// link looks at a link of the process. Where that could make a file system wait,
// it goes by the path.
func (w *userFinder) link(dir int, name string, space Inode, user User) {
	if w.local {
		w.look(dir, name, user)
		return
	}
	path := readlinkAt(dir, name)
	if path == "" || path[0] != '/' {
		return
	}
	if id, ok := w.mountOf(space, path); ok {
		user.Path, user.Mount = path, id
		w.add(user)
	}
}

// look asks the kernel which mount a link leads to.
func (w *userFinder) look(dir int, name string, user User) {
	var st unix.Statx_t
	if unix.Statx(dir, name, unix.AT_STATX_DONT_SYNC|unix.AT_NO_AUTOMOUNT, unix.STATX_BASIC_STATS|unix.STATX_MNT_ID, &st) != nil {
		return
	}
	device := Device{st.Dev_major, st.Dev_minor}
	if st.Mode&unix.S_IFMT == unix.S_IFBLK && slices.Contains(w.nodes, Device{st.Rdev_major, st.Rdev_minor}) {
		user.Path = readlinkAt(dir, name)
		w.add(user)
		return
	}
	switch told := st.Mask&unix.STATX_MNT_ID != 0; {
	case told && w.mounts[st.Mnt_id]:
		user.Mount = st.Mnt_id
	case !w.whole || !slices.Contains(w.devices, device):
		return
	case told:
		user.Mount, user.Detached = st.Mnt_id, true
	}
	user.Path = readlinkAt(dir, name)
	w.add(user)
}

// descriptor looks at a descriptor.
func (w *userFinder) descriptor(dir, fds int, name string) {
	fd, _ := strconv.Atoi(name)
	user := User{Use: AsFile, FD: fd}
	if w.local || len(w.nodes) > 0 && strings.HasPrefix(readlinkAt(fds, name), "/dev/") {
		w.look(fds, name, user)
		return
	}
	text, ok := readTable(dir, "fdinfo/"+name, w.maps)
	if w.maps = text[:0]; !ok {
		return
	}
	_, rest, _ := bytes.Cut(text, []byte("\nmnt_id:\t"))
	digits, _, _ := bytes.Cut(rest, []byte{'\n'})
	if id, ok := parseDigits(digits); ok && w.mounts[id] {
		user.Mount, user.Path = id, readlinkAt(fds, name)
		w.add(user)
	}
}

// add adds a way of use, once for the descriptors on each mount.
func (w *userFinder) add(user User) {
	user.PID = w.pid
	for i := range w.own {
		if o := &w.own[i]; o.Use == user.Use && o.Mount == user.Mount && (o.Use == AsFile || o.Use == AsMapping) {
			if o.More++; user.FD < o.FD {
				o.FD, o.Path = user.FD, user.Path
			}
			return
		}
	}
	w.own = append(w.own, user)
}

// mapped looks at the mapped files, by the device numbers in /proc/PID/maps; the program
// itself is mapped, too, and not named again.
func (w *userFinder) mapped(dir int, mounts []*Mounted) {
	fd, err := unix.Openat(dir, "maps", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	w.wanted = w.wanted[:0]
	for _, m := range mounts {
		w.wanted = append(w.wanted, m.Device)
	}
	if has, known := mapsDevices(fd, w.wanted); known && !has {
		return
	}
	text, ok := readOpen(fd, w.maps)
	if w.maps = text[:0]; !ok {
		return
	}
	program := readlinkAt(dir, "exe")
	seen := map[string]bool{program: true}
	for _, m := range mounts {
		if !w.whole && m.Why == SameFS && m.Root != "/" {
			continue // the device alone does not tell
		}
		needle := []byte(" " + hex(m.Device.Major) + ":" + hex(m.Device.Minor) + " ")
		if !bytes.Contains(text, needle) {
			continue
		}
		for line := range bytes.Lines(text) {
			if !bytes.Contains(line, needle) {
				continue
			}
			at := bytes.IndexByte(line, '/')
			if at < 0 {
				continue
			}
			path := string(bytes.TrimSuffix(line[at:], []byte{'\n'}))
			if !seen[path] && below(path, m.Point) {
				seen[path] = true
				w.add(User{Use: AsMapping, Path: path, Mount: m.ID})
			}
		}
	}
}

// hex writes a part of a device number as /proc/PID/maps has it.
func hex(n uint32) string {
	text := strconv.FormatUint(uint64(n), 16)
	if len(text) < 2 {
		return "0" + text
	}
	return text
}

// mountOf tells which of the mounts in a namespace a path is on.
func (u *usage) mountOf(space Inode, path string) (uint64, bool) {
	var best *Mounted
	for _, m := range u.spaces[space] {
		if below(path, m.Point) && (best == nil || len(m.Point) >= len(best.Point)) {
			best = m
		}
	}
	if best == nil {
		return 0, false
	}
	return best.ID, true
}

// readlinkAt is the text of a link, "" for none.
func readlinkAt(dir int, name string) string {
	text := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(dir, name, text)
	if err != nil {
		return ""
	}
	return string(text[:n])
}
