//go:build linux

package ns

import (
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Do calls work in the namespace h and returns its error; the other kinds of namespaces
// stay the caller's. work is given the namespace that the caller of Do is in, open until
// Do returns. The semantics are those of NetNS.Do of the Container Network Interface's
// package ns: work runs in a goroutine of its own that is locked to its thread, and Do
// waits for it. That thread is never the process's first one, whose namespaces
// /proc/PID/ns shows. It goes back to where it was before Do returns; where the kernel
// refuses that, it is thrown away with the goroutine, and so is the thread that has been in
// a mount namespace. A panic in work, and [runtime.Goexit] (t.FailNow), go on in the
// caller. Do may be called by any number of goroutines at once, and in work again.
//
// # The trap
//
// A goroutine that work starts runs on any thread, and so outside the namespace, mostly.
// So does what the library does that starts one: net.Dialer with Happy Eyeballs,
// net/http's transport, exec.Cmd's copying. Open in work what belongs into the namespace
// (a socket, a listener, a file) and go on with it outside, or wait in work. Built with
// the tag nskit_debug, Do panics when a goroutine that work has started is seen.
//
// It takes CAP_SYS_ADMIN in the user namespace that owns h, and in the caller's own. The
// errors are EINVAL for a user and a PID namespace, which no thread can enter by itself,
// EUSERS for a time namespace, which the kernel opens to processes of one thread alone,
// EPERM, or what open(2) says of /proc/thread-self/ns: an [*os.PathError] or an
// [*os.SyscallError]. work was not called then. Linux 3.17 has /proc/thread-self.
func Do(h *Handle, work func(host *Handle) error) error {
	kind, err := h.threadKind()
	if err != nil {
		return err
	}
	visits.Add(1)
	v := &visit{to: h, kind: kind, work: work}
	v.home = host{kind: kind, caller: callers.Get().(chan word)}
	v.handle = Handle{kind: kind, host: &v.home}
	go v.run()
	v.home.serve()
	runtime.KeepAlive(h)
	switch {
	case v.panicked:
		panic(v.value)
	case v.exited:
		runtime.Goexit()
	}
	return v.err
}

// host is the namespace of Do's caller. Only the caller's thread can open it, and most
// work does not ask for it: the caller does while it waits.
type host struct {
	kind Kind
	// caller is where the caller listens: to one word that it is wanted, if any, and one that
	// the visit has ended.
	caller chan word
	mutex  sync.Mutex
	// opened is closed when fd has its value; nil as long as nobody wants it.
	opened chan struct{}
	ended  bool
	// fd is -1 where the namespace cannot be opened, and once Do has returned.
	fd atomic.Int64
}

// word is what the caller is told.
type word uint8

const (
	wanted word = iota
	ended
)

// callers are channels that nobody listens to at present.
var callers = sync.Pool{New: func() any { return make(chan word, 1) }}

// serve opens the namespace when it is wanted, until the visit has ended.
func (o *host) serve() {
	defer callers.Put(o.caller)
	if <-o.caller == ended {
		o.fd.Store(-1)
		if o.end() { // too late
			<-o.caller
			close(o.opened)
		}
		return
	}
	fd, err := openHere(o.kind)
	if err != nil {
		fd = -1
	}
	o.fd.Store(int64(fd))
	close(o.opened)
	<-o.caller
	if fd >= 0 {
		o.fd.Store(-1)
		unix.Close(fd)
	}
}

// end lets nobody ask any more, and reports whether somebody has.
func (o *host) end() bool {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.ended = true
	return o.opened != nil
}

// want is what to wait for, nil for nothing, and whether the caller is still to be told.
func (o *host) want() (opened chan struct{}, tell bool) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if o.opened == nil && !o.ended {
		o.opened, tell = make(chan struct{}), true
	}
	return o.opened, tell
}

// descriptor is that of the namespace.
func (o *host) descriptor() int {
	opened, tell := o.want()
	if tell {
		o.caller <- wanted
	}
	if opened != nil {
		<-opened
	}
	return int(o.fd.Load())
}

// threadKind is the kind of h, if a thread can enter it.
func (h *Handle) threadKind() (Kind, error) {
	if h == nil || h.file == nil && h.host == nil {
		return 0, os.ErrInvalid
	}
	kind := h.kind
	if kind >= KindCount {
		var err error
		if kind, err = h.Kind(); err != nil {
			return 0, err
		}
	}
	switch kind {
	case User, PID:
		return 0, os.NewSyscallError("setns", unix.EINVAL)
	case Time:
		return 0, os.NewSyscallError("setns", unix.EUSERS)
	}
	return kind, nil
}

// path is where the host was.
func (o *host) path() string { return herePath(o.kind) }

const threadSelf = "/proc/thread-self/ns/"

// herePath leads a thread to a namespace that it is in.
func herePath(k Kind) string { return threadSelf + k.String() }

// openHere opens a namespace of the calling thread. Raw calls: the scheduler need not look
// for another thread for so short a time.
func openHere(k Kind) (int, error) {
	var path [len(threadSelf) + 16]byte // longer than all of them, by one zero byte at least
	copy(path[copy(path[:], threadSelf):len(path)-1], k.String())
	at := unix.AT_FDCWD
	for {
		fd, _, errno := unix.RawSyscall6(unix.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(&path)), unix.O_RDONLY|unix.O_CLOEXEC, 0, 0, 0)
		switch errno {
		case 0:
			return int(fd), nil
		case unix.EINTR:
		default:
			return -1, errno
		}
	}
}

// visit is one call of Do.
type visit struct {
	to     *Handle
	kind   Kind
	home   host
	handle Handle // of home, for work
	work   func(*Handle) error

	// err is the result; value is what work has panicked with, exited says that it has
	// ended its goroutine.
	err              error
	value            any
	panicked, exited bool
}

// sitting is how long the first thread is kept from other goroutines after the last call.
const sitting = 20 * time.Millisecond

// visits counts the calls.
var visits atomic.Int64

// run is the goroutine of a visit.
func (v *visit) run() {
	unlabelled()
	runtime.LockOSThread()
	if isFirst() {
		// As long as this goroutine has the first thread, another gets another. It keeps it until
		// there are no calls for a while: the next ones would begin there again, and to go on on
		// another thread takes two switches, each of which may have to wait for a CPU.
		s := sitter{over: make(chan struct{}), seen: visits.Load()}
		go func() {
			unlabelled()
			runtime.LockOSThread()
			s.settled.Store(true)
			defer v.over()
			v.there()
		}()
		s.wait()
		taken.Store(true)
		<-s.over
		taken.Store(false)
		runtime.UnlockOSThread()
		return
	}
	defer v.over()
	v.there()
}

// over tells the caller.
func (v *visit) over() { v.home.caller <- ended }

var (
	// taken says that a sitter has the first thread.
	taken atomic.Bool
	// process is the ID of this one, once it has been asked for.
	process atomic.Int64
)

// isFirst reports whether the calling goroutine, which is locked to its thread, has the
// process's first one. It asks the kernel as little as it can: each call of Do does so.
func isFirst() bool {
	if taken.Load() {
		return false
	}
	if process.Load() == 0 {
		process.Store(int64(unix.Getpid()))
	}
	return int64(unix.Gettid()) == process.Load()
}

// sitter is who keeps the first thread: nothing runs there before over is closed.
type sitter struct {
	over chan struct{}
	// seen are the calls at the last look; settled says that the other goroutine has a thread.
	seen    int64
	settled atomic.Bool
}

func (s *sitter) wait() { time.AfterFunc(sitting, s.look) }

func (s *sitter) look() {
	if now := visits.Load(); now != s.seen || !s.settled.Load() {
		s.seen = now
		s.wait()
		return
	}
	close(s.over)
}

// there goes to the namespace, does the work, and comes back. Where it does not, the
// goroutine ends with its thread locked, and that ends, too.
func (v *visit) there() {
	home, err := openHere(v.kind)
	if err != nil {
		v.err = &os.PathError{Op: "open", Path: herePath(v.kind), Err: err}
		runtime.UnlockOSThread()
		return
	}
	defer unix.RawSyscall(unix.SYS_CLOSE, uintptr(home), 0, 0)
	if v.kind == Mount { // root and working directory are shared by the threads
		if err := unix.Unshare(unix.CLONE_FS); err != nil {
			v.err = os.NewSyscallError("unshare", err)
			runtime.UnlockOSThread()
			return
		}
	}
	if err := setns(v.to.FD(), v.kind); err != nil {
		v.err = os.NewSyscallError("setns", err)
		if v.kind != Mount {
			runtime.UnlockOSThread()
		}
		return
	}
	defer func() {
		if v.kind != Mount && setns(home, v.kind) == nil {
			runtime.UnlockOSThread()
		}
	}()
	v.call()
}

// setns is setns(2), which may lack memory for a moment.
func setns(fd int, kind Kind) (err error) {
	for range 100 {
		_, _, errno := unix.RawSyscall(unix.SYS_SETNS, uintptr(fd), uintptr(kind.Flag()), 0)
		if errno == 0 {
			return nil
		}
		if err = errno; errno != unix.ENOMEM {
			break
		}
	}
	return err
}

// call calls work and notes how it ends.
func (v *visit) call() {
	v.exited = true
	defer func() {
		if value := recover(); value != nil {
			v.value, v.panicked = value, true
		}
	}()
	v.err = watched(&v.handle, v.work)
	v.exited = false
}
