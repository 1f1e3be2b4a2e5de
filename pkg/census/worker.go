package census

import (
	"strconv"

	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// worker reads processes, one after the other, into buffers of its own.
type worker struct {
	*scan
	path  path
	link  [64]byte // longer texts are cut: they name no namespace
	dents []byte
	found []found
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
		var p Process
		if w.links(w.self, &p) {
			w.descriptors(w.self, p.Namespaces[ns.Net])
		}
	}
}

// work takes processes until there are none left.
func (w *worker) work() {
	for {
		end := int(w.next.Add(batch))
		begin := end - batch
		if begin >= len(w.pids) {
			return
		}
		for i := begin; i < min(end, len(w.pids)); i++ {
			w.process(w.pids[i], &w.processes[i])
		}
	}
}

// process reads one process. One that ends meanwhile is known by as much as was read.
func (w *worker) process(pid int, p *Process) {
	if !w.links(pid, p) {
		return
	}
	if w.Want&ForChildren != 0 {
		w.forChildren(pid, p)
	}
	if w.Want&Descriptors != 0 && pid != w.self {
		w.descriptors(pid, p.Namespaces[ns.Net])
	}
}

// links reads the process's namespaces into p; false means that nothing more
// of the process can be read.
func (w *worker) links(pid int, p *Process) bool {
	w.path.start(pid)
	for k := range ns.Kind(KindCount) {
		if !w.Kinds.Has(k) {
			continue
		}
		n, err := readlink(w.proc, w.path.with("/ns/", k.String()), w.link[:])
		if err == unix.EACCES || err == unix.EPERM || err == unix.ESRCH {
			return false // the answer is the same for all links of a process
		}
		if kind, inode, ok := parseLink(w.link[:n]); ok && kind == k {
			p.PID = pid
			p.Namespaces[k] = inode
		}
	}
	return true
}

// forChildren notes the namespaces that only the process's children will be in.
func (w *worker) forChildren(pid int, p *Process) {
	for _, name := range [...]string{"pid_for_children", "time_for_children"} {
		n, _ := readlink(w.proc, w.path.with("/ns/", name), w.link[:])
		kind, inode, ok := parseLink(w.link[:n])
		if ok && w.Kinds.Has(kind) && inode != p.Namespaces[kind] {
			w.found = append(w.found, found{kind, inode, Holder{How: ByChildren, PID: pid}})
		}
	}
}

// path is a zero-terminated path below the directory of a process.
type path struct {
	text   [64]byte
	digits int
}

func (p *path) start(pid int) {
	p.digits = len(strconv.AppendInt(p.text[:0], int64(pid), 10))
}

// with returns the path of dir and name below the process's directory.
func (p *path) with(dir, name string) *byte {
	end := p.digits + copy(p.text[p.digits:], dir)
	end += copy(p.text[end:], name)
	p.text[end] = 0
	return &p.text[0]
}
