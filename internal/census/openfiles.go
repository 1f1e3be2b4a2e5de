package census

import (
	"bytes"
	"cmp"
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
	// TID is the thread that has it for itself, 0 for the whole process.
	TID int
	Use Use
	// FD is the lowest descriptor of an AsFile, More how many others there are.
	FD, More int
	// Path is the first of the files, as the process sees it.
	Path string
	// Mount is the number of the mount, 0 where the kernel does not tell
	// (before Linux 5.8; of a mapped file nobody but root is told).
	Mount uint64
	// Detached says that no mount namespace in reach has that mount any more.
	Detached bool
}

// Users finds the processes that use some mounts, or have one of the block devices (nodes) open. With
// devices, which stand for file systems as a whole, mounts of these that no namespace has any more count, too.
//
// It makes eight calls a process and one for each of its descriptors; where the kernel
// knows network file systems four for each descriptor. With [Uses] it makes them for those processes alone that
// had something in use. Of processes in the namespaces of the mounts it asks for the mapped files besides. The caller
// itself is left out.
func (s *Snapshot) Users(mounts []Mounted, devices, nodes []Device) []User {
	u := usage{snapshot: s, local: isLocal(s.Proc), whole: len(devices) > 0, devices: devices[:len(devices):len(devices)], nodes: nodes,
		mounts: map[uint64]bool{}, spaces: map[Inode][]*Mounted{}}
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
	if s.noted {
		u.noted = map[task]bool{}
		for _, noted := range s.workers {
			for i := range noted.used {
				by := &noted.used[i]
				u.tells = u.tells || by.mount != 0
				if u.concerns(by) {
					u.noted[by.task] = true
				}
			}
		}
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
	// noted are the tasks that use something of these, nil where [Take] has not noted them.
	noted map[task]bool
	// tells says that the kernel tells the numbers of mounts.
	tells bool
}

// concerns tells whether something that a task uses can make it one of the users.
func (u *usage) concerns(by *used) bool {
	return by.mount != 0 && u.mounts[by.mount] || u.whole && slices.Contains(u.devices, by.device) || slices.Contains(u.nodes, by.node)
}

// all looks at all processes.
func (u *usage) all() []User {
	proc, err := unix.Open(u.snapshot.Proc, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(proc)
	var next, threads atomic.Int64
	var group sync.WaitGroup
	var lock sync.Mutex
	var found []User
	work := func() {
		w := userFinder{usage: u, proc: proc, dents: make([]byte, 8<<10)}
		for {
			end := int(next.Add(batch))
			for i := end - batch; i < min(end, len(u.snapshot.Processes)); i++ {
				w.process(&u.snapshot.Processes[i])
			}
			if end >= len(u.snapshot.Processes) {
				break
			}
		}
		if threads.Add(1) == 1 { // there are few
			for _, noted := range u.snapshot.workers {
				for i := range noted.apart {
					w.visit(&noted.apart[i], allLinks[:AsProgram])
				}
			}
		}
		w.begin(task{})
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
	return cmp.Or(cmp.Compare(a.PID, b.PID), cmp.Compare(a.TID, b.TID), cmp.Compare(a.Use, b.Use), cmp.Compare(a.FD, b.FD), cmp.Compare(a.Mount, b.Mount))
}

// userFinder looks at one process after the other.
type userFinder struct {
	*usage
	proc  int
	path  path
	dents []byte
	maps  []byte
	// wanted are the devices that are looked for in mappings, as /proc/PID/maps has them.
	wanted []string
	found  []User
	// own are those of the task that is looked at.
	own []User
	task
}

func (w *userFinder) process(p *Process) {
	if p.PID == w.snapshot.Self {
		return
	}
	space := p.Namespaces[ns.Mount]
	w.visit(&apart{task{pid: p.PID}, space, true, true}, allLinks[:])
	if w.whole || w.spaces[space] != nil { // a file system is in use wherever its mount has gone
		w.mapped(space)
	}
}

// begin begins with another task.
func (w *userFinder) begin(t task) {
	w.found = append(w.found, w.own...)
	w.task, w.own = t, w.own[:0]
	w.path.startThread(t.pid, t.tid)
}

// allLinks are the links of a task besides its descriptors; its threads share the last one.
var allLinks = [...]string{AsDirectory: "cwd", AsRoot: "root", AsProgram: "exe"}

// visit looks at links of a task and at its descriptors, as far as they are its own.
func (w *userFinder) visit(a *apart, links []string) {
	w.begin(a.task)
	if w.noted != nil && !w.noted[a.task] {
		return
	}
	dir, err := openat(w.proc, w.path.with("", ""), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC)
	if err != 0 {
		return
	}
	for i, name := range links {
		if a.directories {
			w.link(dir, name, a.space, User{Use: Use(i)})
		}
	}
	defer closeRaw(dir)
	if !a.files {
		return
	}
	if fds, err := openat(dir, &fdName[0], unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC); err == 0 {
		readDir(fds, w.dents, func(name []byte) { w.descriptor(dir, fds, string(name)) })
		closeRaw(fds)
	}
}

// fdName is the directory of descriptors.
var fdName = [...]byte{'f', 'd', 0}

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

// look asks the kernel which mount a link leads to, and tells whether it has answered.
func (w *userFinder) look(dir int, name string, user User) bool {
	var st unix.Statx_t
	if unix.Statx(dir, name, unix.AT_STATX_DONT_SYNC|unix.AT_NO_AUTOMOUNT, unix.STATX_BASIC_STATS|unix.STATX_MNT_ID, &st) != nil {
		return false
	}
	switch told := st.Mask&unix.STATX_MNT_ID != 0; {
	case st.Mode&unix.S_IFMT == unix.S_IFBLK && slices.Contains(w.nodes, Device{st.Rdev_major, st.Rdev_minor}):
	case told && w.mounts[st.Mnt_id]:
		user.Mount = st.Mnt_id
	case !w.whole || !slices.Contains(w.devices, Device{st.Dev_major, st.Dev_minor}):
		return true
	case told:
		user.Mount, user.Detached = st.Mnt_id, true
	}
	user.Path = readlinkAt(dir, name)
	w.add(user)
	return true
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
	user.PID, user.TID = w.pid, w.tid
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
func (w *userFinder) mapped(space Inode) {
	w.wanted = w.wanted[:0]
	want := func(d Device) {
		if name := hex(d.Major) + ":" + hex(d.Minor); !slices.Contains(w.wanted, name) {
			w.wanted = append(w.wanted, name)
		}
	}
	if w.whole {
		for _, d := range w.devices {
			want(d)
		}
	}
	for _, m := range w.spaces[space] {
		want(m.Device)
	}
	fd, err := openat(w.proc, w.path.with("/maps", ""), unix.O_RDONLY|unix.O_CLOEXEC)
	if err != 0 {
		return
	}
	defer closeRaw(fd)
	text, ok := readOpen(fd, w.maps)
	if w.maps = text[:0]; !ok {
		return
	}
	has := false
	for _, name := range w.wanted {
		has = has || bytes.Contains(text, []byte(name))
	}
	if !has { // as most processes
		return
	}
	seen := map[string]bool{readlinkAt(w.proc, strconv.Itoa(w.pid)+"/exe"): true}
	for line := range bytes.Lines(text) {
		area, device, path := parseMapping(line)
		if path == "" || seen[path] || !slices.Contains(w.wanted, device) {
			continue
		}
		seen[path] = true
		w.mapping(space, area, path)
	}
}

// mapping looks at a mapped file of one of the devices. On which mount it is only root is told; others go by its path.
func (w *userFinder) mapping(space Inode, area, path string) {
	if w.tells && w.look(w.proc, strconv.Itoa(w.pid)+"/map_files/"+area, User{Use: AsMapping}) {
		return
	}
	if id, ok := w.mountOf(space, path); ok || w.whole {
		w.add(User{Use: AsMapping, Path: path, Mount: id})
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
