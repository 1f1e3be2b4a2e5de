package rtnl

import "golang.org/x/sys/unix"

// Here reports whether the calling thread is in the network namespace of fd. Where
// that cannot be found out, for want of a /proc, it is taken to be.
func Here(fd int) bool {
	var own, other unix.Stat_t
	if unix.Stat("/proc/thread-self/ns/net", &own) != nil || unix.Fstat(fd, &other) != nil {
		return true
	}
	return own.Dev == other.Dev && own.Ino == other.Ino
}
