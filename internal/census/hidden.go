package census

import (
	"bytes"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/pkg/ns"
)

// Hidden is a descriptor that keeps, or may keep, a namespace alive although its link in /proc does
// not name it.
type Hidden struct {
	PID, FD int
	// Kind is that of the namespace which an io_uring(7) has registered as a file.
	Kind ns.Kind
	// Waiting is how many descriptors are in messages that a UNIX socket has not
	// received yet; of what, the kernel does not tell. It is 0 for an io_uring.
	Waiting int
}

// Hidden finds the io_urings that have a namespace registered, and the UNIX sockets for which descriptors
// wait (Linux 5.6). It reads a link of each descriptor of each process, and the fdinfo, see
// proc_pid_fdinfo(5), of those that are sockets or io_urings.
func (s *Snapshot) Hidden(inode Inode) (found []Hidden) {
	f := hiddenFinder{inode: inode, dents: make([]byte, 8<<10), sockets: map[string]bool{}}
	proc, err := unix.Open(s.Proc, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(proc)
	for i := range s.Processes {
		if pid := s.Processes[i].PID; pid != s.Self {
			f.process(proc, pid)
		}
	}
	return f.found
}

type hiddenFinder struct {
	inode       Inode
	dents, info []byte
	// sockets are those that have been looked at: several processes may have one.
	sockets map[string]bool
	found   []Hidden
}

func (f *hiddenFinder) process(proc, pid int) {
	dir := strconv.Itoa(pid)
	fds, err := unix.Openat(proc, dir+"/fd", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(fds)
	var link [64]byte
	readDir(fds, f.dents, func(name []byte) {
		n, _ := unix.Readlinkat(fds, string(name), link[:])
		text := string(link[:max(n, 0)])
		if text != "anon_inode:[io_uring]" && (!strings.HasPrefix(text, "socket:[") || f.sockets[text]) {
			return
		}
		f.sockets[text] = true
		info, ok := readTable(proc, dir+"/fdinfo/"+string(name), f.info)
		f.info = info[:0]
		fd, _ := strconv.Atoi(string(name))
		if kind, waiting, some := hiddenIn(info, f.inode); ok && some {
			f.found = append(f.found, Hidden{PID: pid, FD: fd, Kind: kind, Waiting: waiting})
		}
	})
}

// hiddenIn reads the fdinfo of a socket or an io_uring: "scm_fds: 2" of the one, "    0: net:[4026532208]"
// of the other.
func hiddenIn(info []byte, inode Inode) (kind ns.Kind, waiting int, some bool) {
	for line := range bytes.Lines(info) {
		name, value, _ := bytes.Cut(bytes.TrimSpace(line), []byte(": "))
		if string(name) == "scm_fds" {
			waiting, _ = strconv.Atoi(string(value))
			return 0, waiting, waiting > 0
		}
		if kind, number, ok := parseLink(value); ok && number == inode {
			return kind, 0, true
		}
	}
	return 0, 0, false
}
