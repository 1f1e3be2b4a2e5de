package veth

import (
	"cmp"
	"errors"
	"os"
	"syscall"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/strerror"
)

// Kind sorts failures by what a caller can do about them.
type Kind uint8

const (
	// Failed is any refusal by the kernel that no other kind names.
	Failed Kind = iota
	// Invalid is a value that cannot be right; nothing was asked of the kernel.
	Invalid
	// NotFound is a namespace or a link that does not exist.
	NotFound
	// Exists is a name or an address that is taken.
	Exists
	// Denied is a missing capability, CAP_NET_ADMIN or CAP_SYS_ADMIN, over one
	// of the namespaces.
	Denied
	// TimedOut is a wait whose time is over.
	TimedOut
	// Interrupted is the end of a session that was told to stop.
	Interrupted
	// Stuck is a failure whose rollback failed too: something was left behind,
	// and the message names it.
	Stuck
)

// String is the kind in a word or two.
func (k Kind) String() string {
	return word(int(k), "failed", "invalid", "not found", "exists", "denied", "timed out", "interrupted", "stuck")
}

// word is the n-th of words.
func word(n int, words ...string) string {
	if n >= len(words) {
		return "unknown"
	}
	return words[n]
}

// Error is a failure with its kind.
type Error struct {
	Kind Kind
	// Subject is the endpoint, link or namespace that the error is about.
	Subject string
	// What was tried, in words.
	What string
	// Ack is the kernel's extended acknowledgement, "" for none (Linux 4.12).
	Ack string
	// Err is the cause; a [syscall.Errno] is inside it when the kernel refused.
	Err error

	// cause is for errors.Is alone, where the message says it in other words.
	cause error
}

// Error gives one line: subject, what, extended acknowledgement, error number.
func (e *Error) Error() string {
	text := e.What
	if e.Subject != "" {
		text = e.Subject + ": " + text
	}
	switch {
	case e.Err == nil:
		return text
	case e.Ack == "":
		return text + ": " + strerror.Of(e.Err)
	}
	return text + ": " + e.Ack + " (" + strerror.Of(e.Err) + ")"
}

// Unwrap returns the cause: Err, or what the message has other words for. Of a
// link that is not there it is ENODEV, of a name that is taken EEXIST, of a wait
// whose time is over [os.ErrDeadlineExceeded], of a closed session [os.ErrClosed].
func (e *Error) Unwrap() error { return cmp.Or(e.Err, e.cause) }

// KindOf returns the kind of the first [Error] inside err, Failed for none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Failed
}

// kindOfErrno is the kind of a refused request about something that was there
// to begin with.
func kindOfErrno(err error) Kind {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return Failed
	}
	switch errno {
	case syscall.EPERM, syscall.EACCES:
		return Denied
	case syscall.EEXIST:
		return Exists
	case syscall.ENODEV, syscall.ENOENT, syscall.ESRCH:
		return NotFound
	}
	return Failed
}

// refused makes an Error of what the kernel answered to a request.
func refused(subject, what string, err error) *Error {
	e := &Error{Kind: kindOfErrno(err), Subject: subject, What: what, Err: err}
	var op *netlink.OpError
	if errors.As(err, &op) {
		e.Ack, e.Err = op.Message, op.Err
	}
	return e
}

// ErrOwn is the cause of an [Error] about a namespace that is the caller's own and was
// named in another way than ".", see [Options].
var ErrOwn = errors.New("the caller's own network namespace")

// errFault is what a request ends with during which the process got a SIGSEGV.
var errFault = errors.New("a fault (SIGSEGV)")

// errClosed is the error of a session that is not open.
func errClosed() *Error {
	return &Error{Kind: Invalid, What: "the session is closed, or was never open", cause: os.ErrClosed}
}

func invalid(subject, what string) *Error {
	return &Error{Kind: Invalid, Subject: subject, What: what}
}
