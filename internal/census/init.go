package census

import (
	"bytes"
	"strconv"

	"golang.org/x/sys/unix"
)

// Life says how far the life of a process has come.
type Life uint8

const (
	// Unknown is that of a process that is not there or not the caller's to see.
	Unknown Life = iota
	// Running is a process that has not ended, whatever it waits for.
	Running
	// Exiting is one that has ended and is being taken apart, which takes a moment.
	Exiting
	// Stuck is the init of a PID namespace that cannot go: it has ended, but
	// processes of the namespace are still there, such as one whose tracer does
	// not let it go (zap_pid_ns_processes in the kernel). For a moment every
	// init is that does not go last.
	Stuck
	// Zombie is one that has ended and that its parent has not waited for.
	Zombie
)

// String is the word of lsns for it.
func (l Life) String() string {
	return [...]string{"", "running", "exiting", "stuck", "zombie"}[min(l, Zombie)]
}

// Init is the first process of a PID namespace, which all others end with.
type Init struct {
	// PID is its number in the snapshot.
	PID  int
	Life Life
}

// pfExiting is PF_EXITING of linux/sched.h, among the flags of /proc/PID/stat.
const pfExiting = 0x4

// Init finds the init of a PID namespace. It costs eleven calls for each process of the
// namespace up to the init, which as a rule is the lowest; the zero value is for
// a namespace that has none, or none that the caller may see. Before Linux 4.1
// there is no telling.
func (r *Reader) Init(space *Namespace) Init {
	if r.snapshot == nil || space == nil {
		return Init{}
	}
	members := r.snapshot.Members(space)
	for _, pid := range members {
		d, ok := r.Details(pid, Status)
		if ok && d.Innermost == 1 {
			return Init{pid, lifeOf(&d, len(members) > 1)}
		}
	}
	return Init{}
}

// lifeOf decides about the init of a PID namespace; others says that it is not
// the only process there.
func lifeOf(d *Details, others bool) Life {
	waits := d.Wait == "do_wait" || d.Wait == "kernel_wait4" || d.Wait == "zap_pid_ns_processes"
	switch {
	case d.State == 0:
		return Unknown
	case d.State == 'Z' || d.State == 'X':
		if d.Threads > 1 {
			return Running // only its first thread has ended
		}
		return Zombie
	case !d.Exiting():
		return Running
	case d.Threads > 1 && !waits:
		return Running
	case others || waits: // nothing else that ends waits for processes
		return Stuck
	}
	return Exiting
}

// Zombie says that the process has ended and waits for its parent, or its tracer. A Z with more
// threads than one has lost only the first.
func (d *Details) Zombie() bool { return d.State == 'Z' && d.Threads <= 1 }

// Exiting says that the process has begun to end.
func (d *Details) Exiting() bool { return d.Flags&pfExiting != 0 }

// status reads the state of a process.
func (r *Reader) status(d *Details) {
	if st, err := parseStat(r.file("stat")); err == nil {
		d.State, d.Flags, d.Threads = st.state, st.flags, st.threads
	}
	d.Innermost, d.Tracer = parseStatus(r.file("status"))
	if d.Exiting() {
		d.Wait = string(bytes.TrimSpace(r.file("wchan")))
	}
}

// parseStatus is the last number of the line NSpid of /proc/PID/status and that of TracerPid, 0 for none.
func parseStatus(text []byte) (innermost, tracer int) {
	for line := range bytes.Lines(text) {
		name, numbers, _ := bytes.Cut(line, []byte{':'})
		fields := bytes.Fields(numbers)
		if len(fields) == 0 {
			continue
		}
		switch string(name) {
		case "NSpid":
			innermost, _ = strconv.Atoi(string(fields[len(fields)-1]))
		case "TracerPid":
			tracer, _ = strconv.Atoi(string(fields[0]))
		}
	}
	return innermost, tracer
}

// pidfsMagic is PID_FS_MAGIC of linux/magic.h, Linux 6.9.
const pidfsMagic = 0x50494446

// pidfsInode is the number of the process in dir in pidfs, 0 for none: before
// Linux 6.9, or where the /proc that is read counts PIDs otherwise than the caller.
func (r *Reader) pidfsInode(pid int) uint64 {
	if r.snapshot.Self != unix.Getpid() {
		return 0
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(fd)
	var fs unix.Statfs_t
	var st unix.Stat_t
	if unix.Fstatfs(fd, &fs) != nil || uint32(fs.Type) != pidfsMagic || unix.Fstat(fd, &st) != nil {
		return 0
	}
	// While the directory shows a process, the PID is that one's.
	if unix.Faccessat(r.dir, "ns", unix.F_OK, 0) != nil {
		r.failed = true
		return 0
	}
	return st.Ino
}
