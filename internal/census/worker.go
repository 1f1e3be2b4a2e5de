package census

import (
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// worker reads processes, one after the other, into buffers of its own.
type worker struct {
	*scan
	path path
	name [32]byte
	link [64]byte // longer texts are cut: they name no namespace
	info [256]byte
	// dents and tasks are for the directories of descriptors and threads.
	dents, tasks []byte
	found        []found
	unreadable   int
	// used is what the tasks use, that of the one that is read from ownUsed on.
	used    []used
	apart   []apart
	of      task
	ownUsed int
	// last are the namespaces of the process before, which often are those of
	// the next one, too.
	last *[ns.KindCount]Inode
	// sockets are the namespaces of the sockets that were asked, by inode.
	sockets map[uint64]Inode
}

// found is a namespace that something other than a process in it holds.
type found struct {
	kind  ns.Kind
	inode Inode
	Holder
}

func (s *scan) newWorker() *worker {
	w := &worker{scan: s}
	if s.Want&Descriptors != 0 {
		w.dents = make([]byte, 8<<10)
		w.sockets = map[uint64]Inode{}
	}
	s.workers = append(s.workers, w)
	return w
}

// own reads the caller's descriptors before any worker opens some of its own.
func (w *worker) own() {
	if w.self > 0 && w.Want&Descriptors != 0 {
		w.path.start(w.self)
		if inodes, ok := w.links(noDir); ok {
			w.descriptors(noDir, w.self, 0, inodes[ns.Net])
		}
	}
}

// work takes processes until there are none left.
func (w *worker) work() {
	for {
		end := int(w.next.Add(batch))
		begin := end - batch
		if begin >= len(w.processes) || w.ended() != nil {
			return
		}
		for i := begin; i < min(end, len(w.processes)); i++ {
			if w.Known == nil || w.processes[i].PID == w.self {
				w.process(&w.processes[i])
			} else {
				w.Known.again(w, i)
			}
		}
	}
}

// process reads one process. One that ends meanwhile is known by as much as was read.
func (w *worker) process(p *Process) {
	pid := p.PID
	w.path.start(pid)
	dir := w.openLinks()
	inodes, more := w.links(dir)
	if more && w.Want&ForChildren != 0 {
		w.forChildren(dir, pid, 0, &inodes)
	}
	if inodes == [ns.KindCount]Inode{} {
		p.PID = 0
	} else {
		p.Namespaces = w.shared(inodes)
	}
	if more && w.Want&Uses != 0 {
		w.begin(task{pid: pid})
		w.uses(dir, allLinks[:])
	}
	if more && w.Want&Descriptors != 0 && pid != w.self {
		w.descriptors(dir, pid, 0, inodes[ns.Net])
	}
	if more && w.Want&Threads != 0 {
		p.Threads = w.threads(dir, pid, &inodes)
	}
	closeRaw(dir)
}

// shared keeps the namespaces of a process, once for those that follow each other.
func (w *worker) shared(inodes [ns.KindCount]Inode) *[ns.KindCount]Inode {
	if w.last == nil || *w.last != inodes {
		kept := inodes
		w.last = &kept
	}
	return w.last
}

// noDir stands for a directory that is not open.
const noDir = -1

// openLinks opens the directory of the links to namespaces: with it each link costs a fifth
// less, for one name is looked up in place of three. It may fail with noDir.
func (w *worker) openLinks() int {
	dir, err := openat(w.proc, w.path.with("/ns", ""), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC)
	if err != 0 {
		return noDir
	}
	return dir
}

// beside is the directory beside the one of the links, as openat(2) takes it: from there
// the kernel looks up one name in place of two, and does not ask again whether the process is there. Copies of it in its callers would be a kilobyte.
//
//go:noinline
func (w *worker) beside(dir int, name string) (int, *byte) {
	if dir == noDir {
		return w.proc, w.path.with("/", name)
	}
	w.name[copy(w.name[copy(w.name[:], "../"):], name)+len("../")] = 0
	return dir, &w.name[0]
}

// read reads a link of the process or thread that the path begins with, in its directory if
// that is open.
func (w *worker) read(dir int, link string) (int, unix.Errno) {
	if dir == noDir {
		return readlink(w.proc, w.path.with("/ns/", link), w.link[:])
	}
	w.name[copy(w.name[:], link)] = 0
	return readlink(dir, &w.name[0], w.link[:])
}

// links reads the process's namespaces; more is false when nothing else of the
// process can be read.
func (w *worker) links(dir int) (inodes [ns.KindCount]Inode, more bool) {
	for k := range ns.KindCount {
		if !w.Kinds.Has(k) {
			continue
		}
		n, err := w.read(dir, k.String())
		if err == unix.EACCES || err == unix.EPERM || err == unix.ESRCH {
			if err != unix.ESRCH && inodes == [ns.KindCount]Inode{} {
				w.unreadable++
			}
			return inodes, false // the answer is the same for all links of a process
		}
		if kind, inode, ok := parseLink(w.link[:n]); ok && kind == k {
			inodes[k] = inode
		}
	}
	return inodes, true
}

// forChildren notes the namespaces that only the children of a process, or of
// one of its threads, will be in.
func (w *worker) forChildren(dir, pid, tid int, own *[ns.KindCount]Inode) {
	for _, kind := range [...]ns.Kind{ns.PID, ns.Time} {
		if !w.Kinds.Has(kind) {
			continue
		}
		n, _ := w.read(dir, kind.ForChildren())
		if of, inode, ok := parseLink(w.link[:n]); ok && of == kind && inode != own[kind] {
			w.found = append(w.found, found{kind, inode, Holder{How: ByChildren, PID: pid, TID: tid}})
		}
	}
}
