package faults

import (
	"slices"
	"syscall"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// passing are the errors of which a manual page says that the same call may
// succeed the next time.
var passing = map[string][]syscall.Errno{
	"openat2": {unix.EAGAIN, unix.EINTR}, "openat": {unix.EINTR}, "read": {unix.EINTR}, "write": {unix.EINTR}, "pread64": {unix.EINTR},
	"dup3": {unix.EBUSY, unix.EINTR}, "setuid": {unix.EAGAIN}, "execve": {unix.ETXTBSY}, "execveat": {unix.ETXTBSY}, "statfs": {unix.EINTR},
	"socket": {unix.ENOBUFS}, "ppoll": {unix.EINTR}, "wait4": {unix.EINTR}, "rt_sigtimedwait": {unix.EINTR},
}

// TestPassing has calls of every row fail three times, as if something elsewhere on
// the machine were in the way for a moment: what the command does is the same. It
// is the first call of each name and process, with NSKIT_FAULTS=all every one.
func TestPassing(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	testkit.Require(t, testkit.NeedsUserNamespaces)
	testkit.Require(t, testkit.NeedsSubIDs)
	forEachRow(t, func(w *walk) {
		w.whole = w.run()
		for _, c := range w.passers() {
			for _, errno := range passing[c.Name] {
				var faults []testkit.Fault
				for i := range 3 {
					next := c
					next.Nth += i
					faults = append(faults, testkit.Fault{Call: next, Errno: errno})
				}
				w.unmoved(w.run(faults...), faults)
			}
		}
	})
}

// passers are the calls that are made to fail, all by a process without the Go
// runtime, which has ways of its own.
func (w *walk) passers() []testkit.Call {
	var list []testkit.Call
	runtime := withRuntime(w.whole.Calls)
	for _, c := range w.whole.Calls {
		again := slices.ContainsFunc(list, func(l testkit.Call) bool {
			return l.Name == c.Name && l.Process == c.Process && l.Image == c.Image
		})
		if eligible(c, runtime) && !runtime[processOf(c)] && passing[c.Name] != nil && (all || !again) {
			list = append(list, c)
		}
	}
	return list
}
