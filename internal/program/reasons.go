//go:build linux

package program

import "golang.org/x/sys/unix"

// why is the reason for a step: its own, or else the one that its call has
// wherever it is made. Only a listing asks for it.
func (s *Step) why() string {
	if s.Why != "" {
		return s.Why
	}
	switch s.Op {
	case SysSetns:
		return s.entering()
	case SysWait4:
		return s.waiting()
	case SysOpenat:
		return s.opening()
	case SysMkdirat, SysMknodat:
		if s.passes(unix.EEXIST) {
			return "made if it is missing"
		}
		return "to mount on"
	case SysExitGroup:
		if s.flags(0) != 0 {
			return "end in failure"
		}
		return "all is done"
	case SysRead:
		if s.flags(2) == 1 {
			return "one character at a time"
		}
	case SysWrite:
		if s.flags(0) == 2 {
			return "what is wrong"
		}
	case SysFsconfig:
		if s.flags(1) == unix.FSCONFIG_CMD_CREATE {
			return "the file system, with these options"
		}
	}
	return s.always()
}

// always is the reason of a call that is made for the same wherever it stands.
func (s *Step) always() string {
	switch s.Op {
	case SysChdir:
		return "the working directory"
	case SysChroot:
		return "the root directory"
	case SysClose:
		return "no longer needed"
	case SysExecve:
		return "become the program"
	case SysExecveat:
		return "become the program"
	case SysFchdir:
		return "relative paths start there"
	case SysFcntl:
		return "the program does not get it"
	case SysFsconfig:
		return "an option of the file system"
	case SysFsmount:
		return "a mount that has no place yet"
	case SysMemfdCreate:
		return "a file in memory"
	case SysMountSetattr:
		return "the options asked for"
	case SysOpenByHandleAt:
		return "the namespace with that ID"
	case SysOpenat2:
		return "links cannot lead out of the new root"
	case SysPidfdGetfd:
		return "a copy of the target's own descriptor"
	case SysPidfdOpen:
		return "stays that process, whatever the number comes to mean"
	case SysPipe2:
		return "tells another process when to go on"
	case SysRead:
		return "as much as there is"
	case SysReadlinkat:
		return "the path behind it"
	case SysSendfile:
		return "the next part"
	case SysSigtimedwait:
		return "until a signal comes"
	case SysSetgid:
		return "the group ID from here on"
	case SysSetuid:
		return "the user ID from here on"
	case SysSymlinkat:
		return "a name that programs expect"
	case SysWrite:
		return "what was read"
	}
	return ""
}

// entering is what a namespace of each kind gives the process that enters it.
func (s *Step) entering() string {
	switch s.flags(1) {
	case unix.CLONE_NEWNS:
		return "its mounts"
	case unix.CLONE_NEWUTS:
		return "its host name"
	case unix.CLONE_NEWIPC:
		return "its message queues and shared memory"
	case unix.CLONE_NEWUSER:
		return "its IDs, and privilege in it"
	case unix.CLONE_NEWNET:
		return "its network"
	case unix.CLONE_NEWPID:
		return "children become processes of it"
	case unix.CLONE_NEWCGROUP:
		return "its view of control groups"
	case unix.CLONE_NEWTIME:
		return "children have its clocks"
	}
	return "several at once"
}

// waiting is what a wait4(2) waits for.
func (s *Step) waiting() string {
	switch flags := s.flags(2); {
	case flags&unix.WNOHANG != 0 && flags&unix.WUNTRACED != 0:
		return "has it ended or stopped?"
	case flags&unix.WNOHANG != 0:
		return "has it ended?"
	case flags&unix.WUNTRACED != 0:
		return "until it ends or stops"
	}
	return "until it ends"
}

// opening is what a file is opened for.
func (s *Step) opening() string {
	switch flags := s.flags(2); {
	case flags&unix.O_PATH != 0 && flags&unix.O_NOFOLLOW != 0:
		return "without openat2 no link is followed"
	case flags&unix.O_PATH != 0:
		return "stays the same whatever its path comes to mean"
	case flags&unix.O_ACCMODE == unix.O_WRONLY:
		return "written next"
	}
	return "read next"
}

// flags is the number that an argument is, 0 if it is none.
func (s *Step) flags(i int) int64 {
	if i < len(s.Args) && (s.Args[i].Kind() == KindInt || s.Args[i].Kind() == KindFlags) {
		return s.Args[i].value
	}
	return 0
}

// passes says that an error number is no failure.
func (s *Step) passes(errno unix.Errno) bool {
	for _, r := range s.Errors {
		if r.Errno == errno {
			return true
		}
	}
	return false
}
