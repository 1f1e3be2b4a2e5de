package census

import (
	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/pkg/ns"
)

// threadKinds are the kinds of namespaces that a thread can have for itself: into the
// others the kernel lets only a process with one thread, or its children.
var threadKinds = [...]ns.Kind{ns.Mount, ns.Net, ns.IPC, ns.UTS, ns.Cgroup}

// linksOfOne is how many links the directory of a process's threads has
// when there is one thread.
const linksOfOne = 3

// threads notes what the threads of a process hold that the process, which is
// its main thread, does not. It returns how many there are. links is the process's directory of links, or noDir.
func (w *worker) threads(links, pid int, own *[ns.KindCount]Inode) int {
	var st unix.Statx_t
	w.path.start(pid)
	at, name := w.beside(links, "task")
	count := 0
	if statx(at, name, 0, &st) == 0 {
		count = max(0, int(st.Nlink)-linksOfOne+1)
	}
	if count == 1 {
		return 1
	}
	dir, err := openat(at, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC)
	if err != 0 {
		w.lack.note(err)
		return count
	}
	defer closeRaw(dir)
	if w.tasks == nil {
		w.tasks = make([]byte, 4<<10)
	}
	readDir(dir, w.tasks, func(name []byte) {
		if tid, ok := parsePID(name); ok && tid != pid {
			w.thread(pid, tid, own)
		}
	})
	return count
}

// ThreadCounts is how many threads are in each namespace; [Threads] must have
// been asked for.
func (s *Snapshot) ThreadCounts() map[Inode]int {
	counts := make(map[Inode]int, len(s.Namespaces))
	for i := range s.Processes {
		p := &s.Processes[i]
		for _, inode := range p.Namespaces {
			if inode != 0 {
				counts[inode] += p.Threads
			}
		}
	}
	for i := range s.Namespaces {
		space := &s.Namespaces[i]
		for _, h := range space.Holders {
			if h.How != ByThread {
				continue
			}
			counts[space.Inode]++
			if p := s.Process(h.PID); p != nil && p.Namespaces[space.Kind] != 0 {
				counts[p.Namespaces[space.Kind]]--
			}
		}
	}
	return counts
}

func (w *worker) thread(pid, tid int, own *[ns.KindCount]Inode) {
	w.path.startThread(pid, tid)
	net, space := own[ns.Net], own[ns.Mount]
	for _, k := range threadKinds {
		if !w.Kinds.Has(k) {
			continue
		}
		n, err := w.read(noDir, k.String())
		if err == unix.ESRCH {
			return
		}
		kind, inode, ok := parseLink(w.link[:n])
		if !ok || kind != k {
			continue
		}
		switch k {
		case ns.Net:
			net = inode
		case ns.Mount:
			space = inode
		}
		if inode != own[k] {
			w.found = append(w.found, found{k, inode, Holder{How: ByThread, PID: pid, TID: tid}})
		}
	}
	if w.Want&ForChildren != 0 {
		w.forChildren(noDir, pid, tid, own)
	}
	if pid == w.self {
		return
	}
	files := w.Want&Descriptors != 0 && w.hasOwn(kcmpFiles, pid, tid)
	if directories := w.Want&Uses != 0 && w.hasOwn(kcmpDirectories, pid, tid); directories || files {
		w.begin(task{pid, tid})
		if w.apart = append(w.apart, apart{w.of, space, directories, files}); directories {
			w.uses(noDir, allLinks[:AsProgram])
		}
	}
	if files {
		w.descriptors(noDir, pid, tid, net)
	}
}

// KCMP_FILES and KCMP_FS of linux/kcmp.h.
const (
	kcmpFiles       = 2
	kcmpDirectories = 3
)

// hasOwn tells whether a thread has other descriptors or directories than the
// process, CLONE_FILES and CLONE_FS of unshare(2). It needs kcmp(2), and the right to trace the process.
func (w *worker) hasOwn(what, pid, tid int) bool {
	if w.self != unix.Getpid() {
		return false // the numbers of this /proc are not those that kcmp(2) takes
	}
	order, _, err := unix.RawSyscall6(unix.SYS_KCMP, uintptr(pid), uintptr(tid), uintptr(what), 0, 0, 0)
	return err == 0 && order != 0
}
