package census

import (
	"bytes"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/internal/order"
	"github.com/nskit/nskit/pkg/ns"
)

// Mounted finds mounts in all mount namespaces in reach: of processes, of
// threads, of descriptors, and those bound to a file in one of these. [Take]
// must have been asked for mount namespaces, [Descriptors] and [Threads].
// The bind mounts of mount namespaces that it meets are added to the snapshot.
//
// It reads one mount table a namespace, and touches no mount. It moves a
// thread of the caller into namespaces that no process or thread is in, which
// needs CAP_SYS_ADMIN and CAP_SYS_CHROOT over them; without these, and where
// nothing leads to such a namespace, its mounts are not found.
func (s *Snapshot) Mounted(w *Wanted) []Mounted {
	t := tables{snapshot: s, matcher: newMatcher(w), own: s.ownMountNamespace(), read: map[Inode]bool{}}
	defer t.visitor.close()
	for {
		pending := t.pending()
		if len(pending) == 0 {
			order.Sort(t.found, compareMounted)
			return t.found
		}
		t.readAll(pending)
	}
}

// tables is a reading of mount tables.
type tables struct {
	*matcher
	snapshot *Snapshot
	own      Inode
	read     map[Inode]bool
	found    []Mounted
	visitor  mountVisitor
}

// table is a mount namespace to be read.
type table struct {
	inode Inode
	// directory is that of a process or thread in it, "" for none.
	directory string
	pid       int
	chroot    bool
	mounted   []Mounted
	binds     []bind
}

// ownMountNamespace is the caller's.
func (s *Snapshot) ownMountNamespace() Inode {
	link := make([]byte, 64)
	n, _ := unix.Readlink(filepath.Join(s.Proc, "self/ns/mnt"), link)
	_, inode, _ := parseLink(link[:max(n, 0)])
	return inode
}

// pending lists the namespaces that were not read yet.
func (t *tables) pending() []table {
	var all []table
	for i := range t.snapshot.Namespaces {
		space := &t.snapshot.Namespaces[i]
		if space.Kind != ns.Mount || t.read[space.Inode] {
			continue
		}
		t.read[space.Inode] = true
		one := table{inode: space.Inode}
		switch at := slices.IndexFunc(space.Holders, func(h Holder) bool { return h.How == ByThread }); {
		case space.Inode == t.own:
			one.directory = "self"
		case space.PID != 0:
			one.pid = space.PID
		case at >= 0:
			one.directory = space.Holders[at].directory()
		}
		all = append(all, one)
	}
	return all
}

// readAll reads tables, and adds what they have.
func (t *tables) readAll(all []table) {
	var next atomic.Int64
	var group sync.WaitGroup
	work := func() {
		buffer := make([]byte, 64<<10)
		for {
			i := int(next.Add(1)) - 1
			if i >= len(all) {
				return
			}
			buffer = t.readOne(&all[i], buffer)
		}
	}
	for range min(runtime.GOMAXPROCS(0), 1+len(all)/batch) - 1 {
		group.Go(work)
	}
	work()
	group.Wait()
	c := t.snapshot.collect()
	for i := range all {
		one := &all[i]
		t.found = append(t.found, one.mounted...)
		for _, b := range one.binds {
			space := c.namespace(b.kind, b.inode)
			if one.inode == t.own {
				space.Mounts = append(space.Mounts, b.path)
			} else {
				space.Holders = append(space.Holders, Holder{How: ByMount, Path: b.path, Namespace: one.inode})
			}
		}
	}
	sortNamespaces(c.namespaces)
	t.snapshot.Namespaces = c.namespaces
}

// readOne reads one table into a buffer, which it returns as it has grown.
func (t *tables) readOne(one *table, buffer []byte) []byte {
	text, ok := buffer, false
	if one.directory != "" {
		text, ok = readTable(unix.AT_FDCWD, filepath.Join(t.snapshot.Proc, one.directory, "mountinfo"), text)
	}
	if !ok && one.pid != 0 {
		text, ok = t.readProcess(one, text)
	}
	grown := text
	if !ok {
		text = t.visit(t.snapshot.Find(one.inode))
	}
	whole := text
	if one.chroot { // what is outside of that root directory only the namespace itself tells
		if seen := t.visit(t.snapshot.Find(one.inode)); len(seen) > 0 {
			whole, one.chroot = seen, false
		}
	}
	one.mounted = t.match(whole)
	for i := range one.mounted {
		m := &one.mounted[i]
		m.Namespace, m.PID, m.Chroot = one.inode, one.pid, one.chroot
	}
	if bytes.Contains(text, []byte(" mnt:[")) {
		one.binds = parseBinds(text, &mountTable{wanted: func(kind ns.Kind, _ Inode) bool { return kind == ns.Mount }})
	}
	return grown[:0]
}

// readProcess reads the table of the lowest process, or where that has ended or has another
// root directory than its namespace, which hides mounts, of the next one that has not.
func (t *tables) readProcess(one *table, buffer []byte) ([]byte, bool) {
	lowest := one.pid
	directory := filepath.Join(t.snapshot.Proc, strconv.Itoa(lowest))
	root := readlinkAt(unix.AT_FDCWD, directory+"/root")
	if root != "/" {
		for _, pid := range t.snapshot.Members(t.snapshot.Find(one.inode)) {
			other := filepath.Join(t.snapshot.Proc, strconv.Itoa(pid))
			if readlinkAt(unix.AT_FDCWD, other+"/root") == "/" {
				one.pid, directory, root = pid, other, "/"
				break
			}
		}
	}
	one.chroot = root != "/"
	text, ok := readTable(unix.AT_FDCWD, directory+"/mountinfo", buffer)
	if !ok {
		one.pid, one.chroot = 0, false
	}
	return text, ok
}

// readTable reads a file of /proc below a directory into a buffer that grows where it must.
// The calls are raw as in the scan: each takes just long enough for the scheduler to start a
// thread to stand in for it.
func readTable(dir int, path string, buffer []byte) ([]byte, bool) {
	name, err := unix.BytePtrFromString(path)
	if err != nil {
		return buffer, false
	}
	fd, errno := openat(dir, name, unix.O_RDONLY|unix.O_CLOEXEC)
	if errno != 0 {
		return buffer, false
	}
	defer closeRaw(fd)
	return readOpen(fd, buffer)
}

// readOpen reads an open file of /proc.
func readOpen(fd int, buffer []byte) ([]byte, bool) {
	buffer = buffer[:0]
	for {
		if cap(buffer)-len(buffer) < 8<<10 {
			buffer = slices.Grow(buffer, 64<<10)
		}
		n, errno := read(fd, buffer[len(buffer):cap(buffer)])
		switch {
		case errno == unix.EINTR:
		case errno != 0:
			return buffer, false
		case n == 0:
			return buffer, true
		default:
			buffer = buffer[:len(buffer)+n]
		}
	}
}

// visit reads the table of a namespace that no process is in from inside it.
func (t *tables) visit(space *Namespace) []byte {
	fd, err := t.snapshot.Open(space)
	if err != nil {
		fd, err = t.snapshot.openBound(space)
	}
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	return t.visitor.table(fd)
}

// openBound opens a namespace through a bind mount in another mount namespace, by the
// root directory of a process there.
func (s *Snapshot) openBound(space *Namespace) (int, error) {
	if space == nil {
		return -1, unix.ENOENT
	}
	for _, h := range space.Holders {
		if h.How != ByMount {
			continue
		}
		if at := s.Find(h.Namespace); at != nil && at.PID != 0 {
			path := filepath.Join(s.Proc, strconv.Itoa(at.PID), "root") + h.Path
			if fd, err := nsfsDevice().openPath(path, space.Inode); err == nil {
				return fd, nil
			}
		}
	}
	return -1, unix.ENOENT
}

// mountVisitor reads mount tables from inside their namespaces. It has a thread
// of its own, which setns(2) moves, and which ends with it.
type mountVisitor struct {
	once      sync.Once
	questions chan int
	answers   chan []byte
	lock      sync.Mutex
}

// table is the mount table of an open mount namespace, nil where it cannot be read.
func (v *mountVisitor) table(fd int) []byte {
	v.lock.Lock()
	defer v.lock.Unlock()
	v.once.Do(func() {
		v.questions, v.answers = make(chan int), make(chan []byte)
		go visitMounts(v.questions, v.answers)
	})
	v.questions <- fd
	return <-v.answers
}

// close ends the thread.
func (v *mountVisitor) close() {
	if v.questions != nil {
		close(v.questions)
		<-v.answers
	}
}

func visitMounts(questions <-chan int, answers chan<- []byte) {
	runtime.LockOSThread() // for good: nothing else may run in those namespaces
	if unix.Gettid() == unix.Getpid() {
		// What /proc/self shows is this thread's: another one goes, while this one is kept busy.
		done := make(chan bool)
		go func() {
			defer close(done)
			visitMounts(questions, answers)
		}()
		<-done
		runtime.UnlockOSThread()
		return
	}
	defer close(answers)
	proc, err := unix.Open("/proc/thread-self", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err == nil {
		defer unix.Close(proc)
		err = unix.Unshare(unix.CLONE_FS) // setns(2) of a mount namespace demands it
	}
	for fd := range questions {
		var text []byte
		if err == nil && unix.Setns(fd, unix.CLONE_NEWNS) == nil {
			text, _ = readTable(proc, "mountinfo", nil) // whatever /proc is in there
		}
		answers <- text
	}
}

// OwnMounts is [Snapshot.Mounted] for the caller's own mount namespace.
func OwnMounts(w *Wanted) []Mounted {
	text, _ := readTable(unix.AT_FDCWD, "/proc/self/mountinfo", nil)
	return newMatcher(w).match(text)
}
