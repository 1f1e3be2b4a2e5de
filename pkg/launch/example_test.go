package launch_test

import (
	"fmt"
	"os"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/trampoline"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
)

// A new host name, as an unprivileged user.
func ExampleUnshare() {
	p := launch.Unshare(&launch.Spec{
		Name:     "box",
		Unshare:  ns.SetOf(ns.User, ns.UTS),
		Users:    launch.IDs{Single: launch.Some(uint32(0))},
		Hostname: launch.Some("box"),
		Command:  launch.Command{File: "/bin/hostname", Args: []string{"hostname"}},
	}, &launch.Caller{PID: 4711, UID: 1000, GID: 1000})
	p.Print(os.Stdout)
	// trampoline.Exec(p) carries it out.

	// Output:
	// rt_sigaction(SIGCHLD, {SIG_DFL}, NULL, 8)                 # children must be waitable, whatever the caller ignores
	// unshare(CLONE_NEWUSER|CLONE_NEWUTS)                       # the new namespaces, all in one call; in a user namespace one is nobody (65534) until its map is written; after EPERM, ENOSPC, EINVAL the cause is looked for
	// openat(AT_FDCWD, "/proc/self/uid_map", O_WRONLY|O_CLOEXEC, 0) = fd  # which ID inside is which outside
	// write(fd, "0 1000 1", 8)                                  # inside, outside, count; it is written once, for good; after EPERM the cause is looked for
	// close(fd)                                                 # no longer needed
	// sethostname("box", 3)                                     # the host name, in the new UTS namespace only
	// execve("/bin/hostname", ["hostname"], envp)               # become the program
	// execve("/bin/sh", ["/bin/sh", file, ...], envp)           # if that is no binary (ENOEXEC): the shell runs it
}

// A process that goes on, of any number of threads, starts a child that is root
// in a user namespace of its own.
func ExampleUnshare_child() {
	p := launch.Unshare(&launch.Spec{
		Name:    "box",
		Unshare: ns.SetOf(ns.User),
		Users:   launch.IDs{Single: launch.Some(uint32(0))},
		Command: launch.Command{File: "/bin/sh", Args: []string{"sh", "-c", "echo I am $(id -u)"}},
	}, &launch.Caller{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())})

	child, err := trampoline.Start(p, &os.ProcAttr{Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}, Env: os.Environ()})
	if err != nil {
		fmt.Println(err)
		return
	}
	state, err := child.Wait()
	fmt.Println(state, err)
	// Output:
	// I am 0
	// exit status 0 <nil>
}

// What enters the user and network namespaces of process 4242.
func ExampleEnter() {
	p := launch.Enter(&launch.Entry{
		Name:     "box",
		Target:   &launch.Target{PID: 4242},
		Join:     []launch.Join{{Kind: ns.User}, {Kind: ns.Net}},
		Preserve: true,
		Command:  launch.Command{File: "/bin/ip", Args: []string{"ip", "addr"}},
	}, &launch.Caller{PID: os.Getpid(), UID: 1000, GID: 1000})
	for _, s := range p.Steps {
		if s.Op == program.SysPidfdOpen || s.Op == program.SysSetns && s.Why != "" {
			fmt.Println(s.Op.Name+":", s.Why)
		}
	}
	// trampoline.Exec(p) carries it out, trampoline.Start in a child.

	// Output:
	// pidfd_open: without it (before Linux 5.3) the files in /proc have to do
	// setns: first all but the user namespace, with the caller's own privilege
	// setns: what is left, the user namespace and with the privilege it gives
	// setns: is it the user namespace?
}

// What makes no sense is refused before anything is done.
func ExampleEnter_refused() {
	p := launch.Enter(&launch.Entry{
		Join:    []launch.Join{{Kind: ns.Net}},
		Command: launch.Command{File: "/bin/true", Args: []string{"true"}},
	}, &launch.Caller{})
	fmt.Println(p.Validate())
	// Output: no Target to take something from
}
