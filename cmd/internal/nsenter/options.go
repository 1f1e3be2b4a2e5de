package nsenter

import (
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// options is what a command line asks for: plain data, nothing looked up.
type options struct {
	target *target
	all    bool
	// kinds are the namespaces named one by one.
	kinds          [ns.Time + 1]kindOption
	netSocket      *int
	userParent     bool
	pidForChildren bool
	uid, gid       *identity
	preserve       bool
	keepCaps       bool
	root, wd, wdns *directory
	env            bool
	noFork         bool
	joinCgroup     bool
	followContext  bool
	killChild      unix.Signal
	forward        []unix.Signal
	explain        bool
	command        []string
}

// kindOption says whether and how a namespace was asked for: of the target, of
// a file, or by its 64-bit identifier.
type kindOption struct {
	chosen bool
	file   *string
	id     uint64
}

// identity is the value of --setuid and --setgid: a number, or that of the
// target.
type identity struct {
	follow bool
	id     uint32
}

// directory is the value of --root, --wd and --wdns: a path, or where there is
// none, the target's own; for --wdns, nothing.
type directory struct{ path *string }

// targetKind says what the value of --target names.
type targetKind uint8

const (
	byPID targetKind = iota
	// byFD is a descriptor of the caller that is a pidfd, "fd:N".
	byFD
	// byFile is a file that holds a PID, "@PATH".
	byFile
	// byContainer is a container, "ctr:NAME".
	byContainer
)

// target is the value of --target.
type target struct {
	kind targetKind
	// pid is the process, or the descriptor for byFD.
	pid int
	// inode is the process's number in pidfs, 0 for any.
	inode uint64
	// name is the path or the container's name.
	name string
}
