package census

import (
	"strconv"
	"time"

	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// Fields says what [Reader.Details] reads of a process, besides the three calls
// to open and close its directory and to see that it is still the same.
type Fields uint16

const (
	// Command is the command line: four calls, eight for a process without one.
	Command Fields = 1 << iota
	// UID is the owner of /proc/PID: one call.
	UID
	// PPID is the parent: four calls, which Age shares.
	PPID
	// Age is the time since the start.
	Age
	// ControlGroup is the path in the control group hierarchy: four calls.
	ControlGroup
	// Root is the process's root directory: one call.
	Root
	// Status is the state and what belongs to it: eight calls, and four more
	// for a process that is ending.
	Status
	// PidfsInode is the number in pidfs: five calls, Linux 6.9.
	PidfsInode
)

// Details is what is known of one process beyond its namespaces. What was not
// asked for, or is not ours to know, is the zero value, or -1 for UID and PPID.
type Details struct {
	// Command is the command line with blanks between the arguments, at most
	// 8,191 bytes of it; the name of a process without one. It is whatever the
	// process wants it to be: make it printable before you print it.
	Command string
	UID     int
	PPID    int
	// Age is the time since the process was started, and Started that start in
	// clock ticks since boot: Age asks for both.
	Age     time.Duration
	Started uint64
	// Cgroup is the raw text of /proc/PID/cgroup, CgroupPath the path in the
	// hierarchy that the service manager uses.
	Cgroup, CgroupPath string
	// Root is the root directory as the caller sees it.
	Root string
	// State is the letter of the state in /proc/PID/stat, Flags are the kernel's
	// flags, Threads is the number of threads, Innermost the PID in the process's
	// own PID namespace, Tracer the process that traces it, 0 for none, and Wait where
	// in the kernel a process waits that is ending: Status asks for them.
	State     byte
	Flags     uint64
	Threads   int
	Innermost int
	Tracer    int
	Wait      string
	// Pidfs is the inode of a pidfd of the process: unlike the PID it is never
	// given to another one until the next boot.
	Pidfs uint64
}

// maxCommand is how much of a command line is read: more is no use in a table.
const maxCommand = 8192

// clockTicks is USER_HZ, the same on all architectures that Go knows.
const clockTicks = 100

// Reader reads details of processes. It is for one goroutine at a time.
type Reader struct {
	snapshot *Snapshot
	// dir is the directory of the process that is read.
	dir          int
	path, buffer []byte
	// failed says that something of the process could not be read.
	failed bool
	lack   lack
}

// Reader returns a reader of details; it has nothing to be closed.
func (s *Snapshot) Reader() *Reader {
	return &Reader{snapshot: s, buffer: make([]byte, maxCommand)}
}

// Err is EMFILE or ENFILE if details are missing for a lack of descriptors.
func (r *Reader) Err() error {
	if r.snapshot == nil {
		return nil
	}
	return r.lack.error(r.snapshot.Proc)
}

// Details reads details of a process. It returns false when the process has
// ended, also when it does so meanwhile, or another one has its PID by now.
func (r *Reader) Details(pid int, fields Fields) (Details, bool) {
	if r.snapshot == nil { // a zero Reader
		return Details{UID: -1, PPID: -1}, false
	}
	r.path = append(append(r.path[:0], r.snapshot.Proc...), '/')
	r.path = append(strconv.AppendInt(r.path, int64(pid), 10), 0)
	dir, err := openat(unix.AT_FDCWD, &r.path[0], unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC)
	if err != 0 {
		r.lack.note(err)
		return Details{UID: -1, PPID: -1}, false
	}
	defer closeRaw(dir)
	if !r.isStill(pid, dir) {
		return Details{UID: -1, PPID: -1}, false
	}
	// All that follows is of the one process that dir was opened for.
	r.dir, r.failed = dir, false
	d := r.details(pid, fields)
	if r.failed && unix.Faccessat(dir, "ns", unix.F_OK, 0) != nil {
		return Details{UID: -1, PPID: -1}, false
	}
	return d, true
}

// isStill tells whether dir shows a process with the namespaces that the
// snapshot has for the PID. One namespace is looked at: the one that the fewest
// processes share.
func (r *Reader) isStill(pid, dir int) bool {
	p := r.snapshot.Process(pid)
	if p == nil {
		return true
	}
	rarest, count := ns.Kind(0), 0
	for k, inode := range p.Namespaces {
		if space := r.snapshot.Find(inode); space != nil && (count == 0 || space.Processes < count) {
			rarest, count = ns.Kind(k), space.Processes
		}
	}
	if count == 0 {
		return true
	}
	r.path = append(append(append(r.path[:0], "ns/"...), rarest.String()...), 0)
	n, err := readlink(dir, &r.path[0], r.buffer)
	_, inode, ok := parseLink(r.buffer[:n])
	return err == 0 && ok && inode == p.Namespaces[rarest]
}

func (r *Reader) details(pid int, fields Fields) Details {
	d := Details{UID: -1, PPID: -1}
	if fields&UID != 0 {
		var st unix.Stat_t
		if unix.Fstat(r.dir, &st) == nil {
			d.UID = int(st.Uid)
		}
	}
	if fields&(PPID|Age) != 0 {
		if st, err := parseStat(r.file("stat")); err == nil {
			d.PPID = st.ppid
			if fields&Age != 0 {
				d.Age, d.Started = age(st.start), st.start
			}
		}
	}
	if fields&ControlGroup != 0 {
		text := r.file("cgroup")
		d.Cgroup, d.CgroupPath = string(text), parseCgroup(text)
	}
	if fields&Root != 0 {
		n, err := unix.Readlinkat(r.dir, "root", r.buffer)
		d.Root = string(r.buffer[:max(n, 0)])
		r.failed = r.failed || err != nil
	}
	if fields&Command != 0 {
		d.Command = r.command()
	}
	if fields&Status != 0 {
		r.status(&d)
	}
	if fields&PidfsInode != 0 {
		d.Pidfs = r.pidfsInode(pid)
	}
	return d
}

// command is the command line, or the name of a process without one.
func (r *Reader) command() string {
	if line := parseCommand(r.file("cmdline")); line != "" {
		return line
	}
	name := r.file("comm")
	for len(name) > 0 && name[len(name)-1] == '\n' {
		name = name[:len(name)-1]
	}
	return string(name)
}

// file reads the beginning of a file of the process, nothing when it cannot.
// The bytes are valid until the next call.
func (r *Reader) file(name string) []byte {
	r.path = append(append(r.path[:0], name...), 0)
	fd, err := openat(r.dir, &r.path[0], unix.O_RDONLY|unix.O_CLOEXEC)
	if err != 0 {
		r.lack.note(err)
		r.failed = true
		return nil
	}
	defer unix.Close(fd)
	size := 0
	for size < len(r.buffer) {
		n, err := unix.Read(fd, r.buffer[size:])
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			r.failed = r.failed || err != nil
			break
		}
		size += n
	}
	return r.buffer[:size]
}

// age is the time since a start given in clock ticks after boot.
func age(start uint64) time.Duration {
	var now unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &now) != nil {
		return 0
	}
	return max(0, time.Duration(now.Nano())-time.Duration(start)*(time.Second/clockTicks))
}
