package launch_test

import (
	"os"

	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
)

// A host name of one's own, as an ordinary user.
func ExampleUnshare() {
	root, hostname := uint32(0), "box"
	p := launch.Unshare(&launch.Spec{
		Name:     "box",
		Unshare:  ns.SetOf(ns.User, ns.UTS),
		Users:    launch.IDs{Single: &root},
		Hostname: &hostname,
		Command:  launch.Command{File: "/bin/hostname", Args: []string{"hostname"}},
	}, &launch.Caller{PID: 4711, UID: 1000, GID: 1000})
	p.Print(os.Stdout)
	// trampoline.Exec(p) carries it out.

	// Output:
	// rt_sigaction(SIGCHLD, {SIG_DFL}, NULL, 8)                 # children must be waitable, whatever the caller ignores
	// unshare(CLONE_NEWUSER|CLONE_NEWUTS)                       # the new namespaces, all in one call
	// openat(AT_FDCWD, "/proc/self/uid_map", O_WRONLY|O_CLOEXEC, 0) = fd
	// write(fd, "0 1000 1", 8) = written                        # inside, outside, count
	// close(fd)
	// sethostname("box", 3)                                     # the host name, in the new UTS namespace only
	// execve("/bin/hostname", ["hostname"], envp) = result
	// execve("/bin/sh", ["/bin/sh", file, ...], envp) = result  # no binary: the shell may know it
}
