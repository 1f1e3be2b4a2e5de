package launch

import (
	"github.com/nskit/nskit/pkg/program"
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

// newer has every system call of a Program that is younger than Linux 4.18 or
// known to be refused by filters, with the way that is taken without it; "" where
// there is none. docs/kernels.md says more.
var newer = [...]struct {
	op    program.Op
	older string
}{
	{program.SysOpenTree, "mount(2) of the path"},
	{program.SysMoveMount, "mount(2) of the path"},
	{program.SysFsopen, "mount(2)"},
	{program.SysFsconfig, "mount(2)"},
	{program.SysFsmount, "mount(2)"},
	{program.SysMountSetattr, "mount(2) with MS_REMOUNT, mount by mount"},
	{program.SysOpenat2, "openat(2), part by part, without following links"},
	{program.SysCloseRange, "close(2) or fcntl(2), one by one"},
	{program.SysExecveat, "execve(2) of the descriptor's name in /proc"},
	{program.SysPidfdOpen, "the files in /proc/PID/ns"},
	{program.SysStatx, "no hint"},
	{program.SysPidfdGetfd, ""},
	{program.SysOpenByHandleAt, ""},
}
