package veth

import (
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// conn is a route netlink socket inside one namespace.
type conn interface {
	Send(netlink.Message) (netlink.Message, error)
	Receive() ([]netlink.Message, error)
	SetReadDeadline(time.Time) error
	Close() error
}

// errForeign is what a reply is refused with that answers something else.
var errForeign = errors.New("reply does not belong to the request")

// errInterrupted ends the retries of a dump that others keep changing.
var errInterrupted = errors.New("links keep changing while they are listed")

// dumpTries is how often an interrupted dump is begun again.
const dumpTries = 20

// receiveBuffer makes the kernel fill whole pages of a dump: it never sends
// more than 32 KiB at a time.
const receiveBuffer = 32 << 10

// exchange sends one request and returns what came before its acknowledgement.
// It does not use Execute, which stops at the first message: with NLM_F_ECHO
// the acknowledgement is the second.
func exchange(c conn, m netlink.Message) ([]netlink.Message, error) {
	m.Header.Flags |= netlink.Request | netlink.Acknowledge
	request, err := c.Send(m)
	if err != nil {
		return nil, err
	}
	var replies []netlink.Message
	for {
		batch, err := c.Receive()
		if err != nil {
			return nil, ownRefusal(err, &request)
		}
		for _, reply := range batch {
			switch {
			case !answers(&reply, &request):
				return nil, errForeign
			case reply.Header.Type == netlink.Error:
				return replies, nil
			}
			replies = append(replies, reply)
		}
	}
}

// dump sends a request for a list and returns it whole. A change that only the
// final message would tell of came after the last entry and needs no retry.
func dump(c conn, m netlink.Message) ([]netlink.Message, error) {
	m.Header.Flags |= netlink.Request | netlink.Dump
	for range dumpTries {
		request, err := c.Send(m)
		if err != nil {
			return nil, err
		}
		replies, err := c.Receive()
		if err != nil {
			return nil, ownRefusal(err, &request)
		}
		interrupted := false
		for i := range replies {
			if !answers(&replies[i], &request) {
				return nil, errForeign
			}
			interrupted = interrupted || replies[i].Header.Flags&netlink.DumpInterrupted != 0
		}
		if !interrupted {
			return replies, nil
		}
	}
	return nil, errInterrupted
}

// ownRefusal is err unless the kernel refuses some other request with it.
func ownRefusal(err error, request *netlink.Message) error {
	var op *netlink.OpError
	if errors.As(err, &op) && op.Sequence != 0 && op.Sequence != request.Header.Sequence {
		return errForeign
	}
	return err
}

// answers says whether reply belongs to request.
func answers(reply, request *netlink.Message) bool {
	return reply.Header.Sequence == request.Header.Sequence && reply.Header.PID == request.Header.PID
}

// dialer opens sockets in other namespaces. Where a thread that has entered one
// could not come back, there is one for this work alone, which is thrown away
// with the dialer.
type dialer struct {
	start    sync.Once
	requests chan dialRequest
}

type dialRequest struct {
	fd     int
	groups uint32
	reply  chan dialReply
}

type dialReply struct {
	conn conn
	err  error
}

// dial opens a socket in the namespace of fd.
func (d *dialer) dial(fd int, groups uint32) (conn, error) {
	if d.requests == nil {
		away.Lock()
		sock, errno, back := visit(fd)
		away.Unlock()
		switch {
		case back && errno != 0:
			return nil, errno
		case back:
			return dialOn(sock, groups)
		}
	}
	d.start.Do(func() {
		d.requests = make(chan dialRequest)
		go aside(func() { serve(d.requests) })
	})
	reply := make(chan dialReply)
	d.requests <- dialRequest{fd, groups, reply}
	answer := <-reply
	return answer.conn, answer.err
}

// close ends the thread.
func (d *dialer) close() {
	if d.requests != nil {
		close(d.requests)
	}
}

// aside runs work on a thread that ends with it and that is not the process's
// first one, whose namespace is what /proc/PID/ns/net shows to everybody else.
func aside(work func()) {
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

func serve(requests <-chan dialRequest) {
	for request := range requests {
		var answer dialReply
		if answer.err = unix.Setns(request.fd, unix.CLONE_NEWNET); answer.err == nil {
			answer.conn, answer.err = dialHere(request.groups)
		}
		request.reply <- answer
	}
}
