//go:build linux

package launch

import "golang.org/x/sys/unix"

// Self is the calling process as a Caller, for a Program that replaces it. Make PID 0
// where another process is to carry the Program out, as by trampoline.Start. What it
// says of the largest capability is right for any kernel; Path is not set, because a
// library does not read the environment.
func Self() *Caller {
	return &Caller{PID: unix.Getpid(), UID: uint32(unix.Geteuid()), GID: uint32(unix.Getegid())}
}
