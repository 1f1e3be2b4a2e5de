package rtnl

import (
	"os"
	"runtime"
	"sync"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/passing"
	"golang.org/x/sys/unix"
)

// Dial opens a socket of a protocol (NETLINK_*) in the namespace of the calling thread, listening to groups.
func Dial(protocol int, groups uint32) (*netlink.Conn, error) {
	fd := -1
	err := passing.Retry(func() (err error) {
		fd, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, protocol)
		return os.NewSyscallError("socket", err)
	})
	if err != nil {
		return nil, err
	}
	return dialOn(fd, groups)
}

// Dialer opens sockets in other namespaces. Where a thread that has entered one
// could not come back, there is one for this work alone, which is thrown away
// with the Dialer.
type Dialer struct {
	start    sync.Once
	requests chan request
}

type request struct {
	fd, protocol int
	groups       uint32
	reply        chan reply
}

type reply struct {
	conn *netlink.Conn
	err  error
}

// Dial opens a socket of a protocol in the namespace of fd.
func (d *Dialer) Dial(fd, protocol int, groups uint32) (conn *netlink.Conn, err error) {
	if d.requests == nil {
		var (
			sock int
			back bool
		)
		err = passing.Retry(func() error {
			away.Lock()
			defer away.Unlock()
			result, errno, returned := visit(fd, protocol)
			if sock, back = result, returned; errno != 0 {
				return errno
			}
			return nil
		})
		switch {
		case back && err != nil:
			return nil, err
		case back:
			return dialOn(sock, groups)
		}
	}
	d.start.Do(func() {
		d.requests = make(chan request)
		go Aside(func() { serve(d.requests) })
	})
	answer := make(chan reply)
	d.requests <- request{fd, protocol, groups, answer}
	got := <-answer
	return got.conn, got.err
}

// Close ends the thread.
func (d *Dialer) Close() {
	if d.requests != nil {
		close(d.requests)
	}
}

func serve(requests <-chan request) {
	for r := range requests {
		var answer reply
		answer.err = passing.Retry(func() error { return os.NewSyscallError("setns", unix.Setns(r.fd, unix.CLONE_NEWNET)) })
		if answer.err == nil {
			answer.conn, answer.err = Dial(r.protocol, r.groups)
		}
		r.reply <- answer
	}
}

// Aside runs work on a thread that ends with it and that is not the process's
// first one, whose namespace is what /proc/PID/ns/net shows to everybody else.
func Aside(work func()) {
	runtime.LockOSThread() // never unlocked where work runs
	if unix.Gettid() != unix.Getpid() {
		work()
		return
	}
	started := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		close(started)
		work()
	}()
	<-started
	runtime.UnlockOSThread()
}

// AtHome does something while no thread is in another namespace on the way to
// a socket: the first one may be, whose namespace is the process's in /proc.
func AtHome(work func()) {
	away.Lock()
	defer away.Unlock()
	work()
}
