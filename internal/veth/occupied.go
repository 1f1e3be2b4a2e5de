package veth

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// surroundings are the processes that the caller can see.
type surroundings struct {
	// occupied are the network namespaces that processes or threads are in, by their inodes.
	occupied map[uint64]bool
	// veiled are those of the processes that the caller may not look into, by [netFile].
	veiled map[uint64]bool
	// everything says that there are no others than those.
	everything bool
}

// onlyFirstNS is a file that only the first network namespace has, net/core/sysctl_net_core.c.
const onlyFirstNS = "/proc/sys/net/core/netdev_budget"

// lookAround looks where processes are. It fails where one may be that it did
// not see: where some cannot be looked into, or the caller shares the network of
// the machine but not its PID namespace, as containers do that set up the network.
func (s *Session) lookAround() (*surroundings, error) {
	snapshot, err := census.Take(census.Options{Kinds: ns.SetOf(ns.Net), Want: census.Threads, Workers: 1})
	if err != nil {
		return nil, cannotTell("there is no /proc", err)
	}
	seen := &surroundings{occupied: map[uint64]bool{s.own.Inode: true}}
	for i := range snapshot.Namespaces {
		if occupants(snapshot, &snapshot.Namespaces[i]) > 0 {
			seen.occupied[uint64(snapshot.Namespaces[i].Inode)] = true
		}
	}
	if seen.veiled, err = veiled(); err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if err := unix.Stat("/proc/self/ns/pid", &st); err != nil {
		return nil, cannotTell("there is no /proc of this PID namespace", err)
	}
	first := st.Ino == ns.FirstPID
	if _, err := os.Stat(onlyFirstNS); err == nil && !first {
		return nil, cannotTell("this is the network of the machine, and there are processes outside of this PID namespace", nil)
	}
	own, err := s.netFile(s.own)
	seen.everything = first && err == nil && (len(seen.veiled) == 0 || len(seen.veiled) == 1 && seen.veiled[own])
	return seen, nil
}

// isOccupied says whether somebody is in a namespace.
func (seen *surroundings) isOccupied(s *Session, space *Namespace) (bool, error) {
	if seen.occupied[space.Inode] || len(seen.veiled) == 0 {
		return seen.occupied[space.Inode], nil
	}
	inode, err := s.netFile(space)
	return seen.veiled[inode], err
}

func cannotTell(why string, err error) error {
	return &Error{Kind: Denied, What: "cannot tell whether a process is in the network namespace of a peer: " + why, Err: err, cause: ErrHidden}
}

// ErrHidden is the cause of an [Error] about processes that the caller cannot see.
var ErrHidden = errors.New("processes that cannot be seen")

// occupants is the number of processes in a namespace, and of the threads that
// are there without their process; the caller's own are on their way back.
func occupants(snapshot *census.Snapshot, space *census.Namespace) int {
	n := space.Processes
	for _, h := range space.Holders {
		if h.How == census.ByThread && h.PID != snapshot.Self {
			n++
		}
	}
	return n
}

// netFile is the inode of a file in the directory "net" of every process that is in a
// namespace. Each namespace has a file of its own; and unlike the namespace's
// own file, it is shown of any process.
func (s *Session) netFile(space *Namespace) (inode uint64, err error) {
	missing := inside(space, func() { inode, err = fileInode("/proc/thread-self/net/dev") })
	if err == nil {
		err = missing
	}
	if err != nil {
		err = cannotTell("the network namespace "+space.String()+" cannot be looked into", err)
	}
	return inode, err
}

func fileInode(path string) (uint64, error) {
	var st unix.Stat_t
	err := unix.Stat(path, &st)
	return st.Ino, err
}

// veiled are the network namespaces, by [Session.netFile], of the living processes that the
// caller may not look into. Where /proc does not show the first process, it hides others.
func veiled() (map[uint64]bool, error) {
	names, err := list("/proc")
	if err != nil {
		return nil, cannotTell("/proc cannot be read", err)
	}
	files, blind, first := map[uint64]bool{}, 0, false
	for _, name := range names {
		if name[0] < '0' || name[0] > '9' {
			continue
		}
		first = first || name == "1"
		process := "/proc/" + name
		if _, err := os.Readlink(process + "/ns/net"); !errors.Is(err, fs.ErrPermission) || !lives(name) {
			continue
		}
		threads, err := list(process + "/task")
		for _, thread := range threads {
			inode, missing := fileInode(process + "/task/" + thread + "/net/dev")
			if files[inode] = true; !gone(missing) {
				err = cmp.Or(err, missing)
			}
		}
		if err != nil && !gone(err) {
			blind++
		}
	}
	delete(files, 0)
	switch {
	case !first:
		return nil, cannotTell("/proc does not show all processes", nil)
	case blind > 0:
		return nil, cannotTell(strconv.Itoa(blind)+" processes cannot be looked into", nil)
	}
	return files, nil
}

// list names what is in a directory.
func list(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.Readdirnames(-1)
}

// lives says that a process is not one that has ended already and waits for its parent
// to take notice, by proc_pid_stat(5): the state is behind the name's last parenthesis.
func lives(pid string) bool {
	text, err := rawfile.ReadUpTo("/proc/"+pid+"/stat", 4096)
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(text[strings.LastIndexByte(string(text), ')')+1:]), " ")
	fields := strings.Fields(rest)
	const threads = 17 // of those behind the name
	return len(fields) <= threads || fields[0] != "Z" && fields[0] != "X" || fields[threads] != "1" && fields[threads] != "0"
}
