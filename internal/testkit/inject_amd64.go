package testkit

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Call is one system call of a traced command: the nth of that name since one of
// its processes executed a program. "0" is the process that is started, "0.1"
// its second child; the threads of a process count together. Calls that do many
// things have what they do in their name: "fcntl F_SETFD".
type Call struct {
	Process, Name string
	Nth           int
	// Image is the program that makes the call: "nskit", "memfd:nskit",
	// "newuidmap".
	Image string
}

func (c Call) String() string {
	return fmt.Sprintf("%s(#%d) of %s in %s", c.Name, c.Nth, c.Process, c.Image)
}

// Fault makes a call fail with an error number, without its being made. A
// close(2) is made all the same, as the kernel does it.
type Fault struct {
	Call
	Errno syscall.Errno
}

// Every in place of Nth stands for each call of a name, in whatever process and
// program of nskit's: as if the kernel did not have it.
const Every = -1

// hits says whether a fault is meant for a call.
func (f Fault) hits(c Call) bool {
	return f.Call == c || f.Nth == Every && f.Name == c.Name && slices.ContainsFunc(ours, func(image string) bool { return strings.HasPrefix(c.Image, image) })
}

// ours are the programs whose calls are nskit's.
var ours = []string{"nskit", "memfd:nskit", ".nskit-"}

func (f Fault) String() string { return f.Call.String() + " " + unix.ErrnoName(f.Errno) }

// Trace is what was seen of a command that ran to its end.
type Trace struct {
	Calls []Call
	// Code is the exit code, 128+N for death by signal N.
	Code           int
	Stdout, Stderr string
	// States has, for each process that executed [Probe], what it found.
	States []string
	// Missed are the faults whose call was not made.
	Missed []Fault
	// Stuck names the processes that had not ended after the time of patience,
	// and were killed.
	Stuck []string
}

// Started says whether the user's program was.
func (t *Trace) Started() bool { return len(t.States) > 0 }

// Inject runs a command, and every process that comes of it, under ptrace(2)
// with some calls failing. It returns when all of them have ended. Several may
// run at a time.
func Inject(cmd *exec.Cmd, faults ...Fault) (*Trace, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	out, err := captured()
	if err != nil {
		return nil, err
	}
	defer out.Close()
	errs, err := captured()
	if err != nil {
		return nil, err
	}
	defer errs.Close()
	cmd.Stdout, cmd.Stderr = out, errs
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Ptrace = true
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer cmd.Process.Release()
	t := &tracer{top: cmd.Process.Pid, faults: faults, hit: make([]bool, len(faults)), tasks: map[int]*task{}, held: map[int]bool{}}
	if err := t.run(); err != nil {
		t.killAll()
		return nil, err
	}
	for i, f := range faults {
		if !t.hit[i] {
			t.trace.Missed = append(t.trace.Missed, f)
		}
	}
	t.trace.Stdout, t.trace.Stderr = content(out), content(errs)
	return &t.trace, nil
}

// captured is a file in memory for what a command prints. A pipe would hang on
// a process that is left behind.
func captured() (*os.File, error) {
	fd, err := unix.MemfdCreate("output", unix.MFD_CLOEXEC)
	return os.NewFile(uintptr(fd), "output"), err
}

func content(file *os.File) string {
	info, err := file.Stat()
	if err != nil {
		return err.Error()
	}
	text := make([]byte, info.Size())
	if _, err := file.ReadAt(text, 0); err != nil {
		return err.Error()
	}
	return string(text)
}

// tracer is one thread that watches all processes of a command.
type tracer struct {
	top    int
	faults []Fault
	hit    []bool
	trace  Trace
	tasks  map[int]*task
	// held are tasks that stopped before their parent told of them.
	held map[int]bool

	mu    sync.Mutex // guards alive and late, for the killer
	alive []int
	late  bool
}

// task is a thread; those of a process share what is known of it.
type task struct {
	*group
	errno syscall.Errno // with which the present call is to fail
	skip  bool          // the present call is not made
}

// group is a process.
type group struct {
	name, image string
	children    int
	counts      map[string]int
	free        bool // executes the user's program: not looked at any more
}

const (
	traceOptions = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK |
		unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_EXITKILL
	waitOptions = unix.WALL | unix.WNOTHREAD
)

// run waits for stops until no task is left.
func (t *tracer) run() error {
	var status unix.WaitStatus
	if _, err := waitFor(t.top, &status); err != nil {
		return err
	}
	if err := unix.PtraceSetOptions(t.top, traceOptions); err != nil {
		return fmt.Errorf("ptrace options: %w", err)
	}
	t.add(t.top, &group{name: "0", image: imageOf(t.top), counts: map[string]int{}})
	killer := time.AfterFunc(patience(), t.killAll)
	defer killer.Stop()
	if err := t.resume(t.top, 0); err != nil {
		return err
	}
	for len(t.tasks) > 0 {
		pid, err := t.next(&status)
		if errors.Is(err, unix.ECHILD) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := t.stopped(pid, status); err != nil && !errors.Is(err, unix.ESRCH) { // killed meanwhile
			return err
		}
	}
	return nil
}

func waitFor(pid int, status *unix.WaitStatus) (int, error) {
	for {
		got, err := unix.Wait4(pid, status, waitOptions, nil)
		if !errors.Is(err, unix.EINTR) {
			return got, err
		}
	}
}

// next waits for any task. The thread may have other children, from before it became
// the tracer: those are left to whoever waits for them.
func (t *tracer) next(status *unix.WaitStatus) (int, error) {
	for {
		var info struct { // siginfo_t of SIGCHLD
			_        [4]int32
			pid, uid int32
			_        [104]byte
		}
		err := unix.Waitid(unix.P_ALL, 0, (*unix.Siginfo)(unsafe.Pointer(&info)), unix.WEXITED|unix.WSTOPPED|unix.WNOWAIT|waitOptions, nil)
		switch pid := int(info.pid); {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return 0, err
		case t.tasks[pid] != nil || t.held[pid] || isTraced(pid):
			return waitFor(pid, status)
		default:
			for pid := range t.tasks {
				if got, err := unix.Wait4(pid, status, waitOptions|unix.WNOHANG, nil); got > 0 {
					return got, err
				}
			}
			time.Sleep(time.Millisecond)
		}
	}
}

func isTraced(task int) bool {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", task))
	return !strings.Contains(string(text), "\nTracerPid:\t0\n")
}

// stopped deals with one report of wait4.
func (t *tracer) stopped(pid int, status unix.WaitStatus) error {
	one, known := t.tasks[pid]
	switch {
	case status.Exited() || status.Signaled():
		t.ended(pid, status)
		return nil
	case !known:
		t.held[pid] = true
		return nil
	case status.StopSignal() == unix.SIGTRAP|0x80:
		return t.call(pid, one)
	case status.StopSignal() == unix.SIGTRAP && status.TrapCause() > 0:
		return t.event(pid, one, status.TrapCause())
	}
	return t.resume(pid, int(status.StopSignal()))
}

func (t *tracer) ended(pid int, status unix.WaitStatus) {
	if pid == t.top {
		t.trace.Code = status.ExitStatus()
		if status.Signaled() {
			t.trace.Code = 128 + int(status.Signal())
		}
	}
	if one := t.tasks[pid]; one != nil && t.isLate() {
		t.trace.Stuck = append(t.trace.Stuck, one.name)
	}
	delete(t.tasks, pid)
	delete(t.held, pid)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.alive = slices.DeleteFunc(t.alive, func(p int) bool { return p == pid })
}

// event is a fork, a new thread or an execution.
func (t *tracer) event(pid int, one *task, cause int) error {
	message, err := unix.PtraceGetEventMsg(pid)
	if err != nil {
		return err
	}
	if cause == unix.PTRACE_EVENT_EXEC {
		if former := int(message); former != pid {
			t.ended(former, 0)
		}
		one.image, one.counts = imageOf(pid), map[string]int{}
		if one.image == probeName {
			one.free = true
			t.trace.States = append(t.trace.States, stateOf(pid))
		}
		return t.resume(pid, 0)
	}
	child := int(message)
	of := one.group
	if !sameProcess(child, pid) {
		of = &group{name: fmt.Sprintf("%s.%d", one.name, one.children), image: one.image, counts: map[string]int{}}
		one.children++
	}
	t.add(child, of)
	if t.held[child] {
		delete(t.held, child)
		if err := t.resume(child, 0); err != nil {
			return err
		}
	}
	return t.resume(pid, 0)
}

func (t *tracer) add(pid int, of *group) {
	t.tasks[pid] = &task{group: of}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.alive = append(t.alive, pid)
}

// call is the beginning or the end of a system call.
func (t *tracer) call(pid int, one *task) error {
	var regs unix.PtraceRegs
	if err := unix.PtraceGetRegs(pid, &regs); err != nil {
		return err
	}
	if entering(pid) {
		t.enter(one, &regs)
		if one.skip {
			regs.Orig_rax = ^uint64(0)
			if err := unix.PtraceSetRegs(pid, &regs); err != nil {
				return err
			}
		}
	} else if one.errno != 0 {
		regs.Rax = uint64(-int64(one.errno))
		one.errno, one.skip = 0, false
		if err := unix.PtraceSetRegs(pid, &regs); err != nil {
			return err
		}
	}
	return t.resume(pid, 0)
}

// enter notes a call and whether it is to fail.
func (t *tracer) enter(one *task, regs *unix.PtraceRegs) {
	name := callName(regs.Orig_rax, regs.Rsi, regs.Rdx)
	c := Call{Process: one.name, Name: name, Nth: one.counts[name], Image: one.image}
	one.counts[name]++
	t.trace.Calls = append(t.trace.Calls, c)
	for i, f := range t.faults {
		if f.hits(c) {
			t.hit[i] = true
			one.errno, one.skip = f.Errno, name != "close"
		}
	}
}

// resume lets a task go on to its next stop; one that executes the user's
// program stops no more.
func (t *tracer) resume(pid, signal int) error {
	one := t.tasks[pid]
	if one.free {
		return unix.PtraceCont(pid, signal)
	}
	// The stop by which a new task begins is ptrace's own.
	if signal == int(unix.SIGSTOP) {
		signal = 0
	}
	return unix.PtraceSyscall(pid, signal)
}

// killAll ends what takes longer than patience.
func (t *tracer) killAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.late = true
	for _, pid := range t.alive {
		_ = unix.Kill(pid, unix.SIGKILL) // it may have ended just now
	}
}

func (t *tracer) isLate() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.late
}

// entering asks whether a stop is at the beginning of a call: counting would
// go wrong at forks.
func entering(pid int) bool {
	var info [88]byte // struct ptrace_syscall_info
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_GET_SYSCALL_INFO, uintptr(pid), uintptr(len(info)),
		uintptr(unsafe.Pointer(&info)), 0, 0)
	return errno == 0 && info[0] == unix.PTRACE_SYSCALL_INFO_ENTRY
}

// sameProcess says whether a new task is a thread.
func sameProcess(task, pid int) bool {
	_, err := os.Stat(fmt.Sprintf("/proc/%d/task/%d", pid, task))
	return err == nil
}

// imageOf is the name of the program that a process executes.
func imageOf(pid int) string {
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return "?"
	}
	return strings.TrimSuffix(filepath.Base(path), " (deleted)")
}
