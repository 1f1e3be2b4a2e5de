//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// notToBeHad are the errors by which a system call says that it cannot be had at
// all: the kernel does not know it, or a filter (seccomp(2)) refuses what it does
// not know. The last two can also be a real refusal. That is told by the older
// way, which then fails as well, and whose failure is reported.
var notToBeHad = [...]unix.Errno{unix.ENOSYS, unix.EPERM, unix.EACCES}

// orOlder leads these errors to the older way, nil for the next step.
func orOlder(s *program.Step, older *program.Label) *program.Step {
	for _, errno := range notToBeHad {
		s.On(errno, older)
	}
	return s
}
