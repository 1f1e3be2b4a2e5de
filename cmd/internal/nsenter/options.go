package nsenter

import (
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
)

// options is what a command line asks for, beside what launchopt keeps. It has
// no pointers that a common command line fills in, so that this allocates nothing.
type options struct {
	target target
	all    bool
	// kinds are the namespaces named one by one.
	kinds          [ns.KindCount]kindOption
	netSocket      descriptor
	userParent     bool
	pidForChildren bool
	uid, gid       identity
	preserve       bool
	root, wd, wdns directory
	env            bool
	noFork         bool
	joinCgroup     bool
	followContext  bool
	// brings is what is brought along, nil for nothing.
	brings *bringing
	// netns is the name of a network namespace as ip-netns(8) has it, "" for none.
	netns string
	each  each
	// wait is --wait and its limit in nanoseconds, 0 for none.
	wait launch.Maybe[int64]
	// named are all files and directories of the caller's, in the order of the
	// command line.
	named []string
	// places counts what the command line names to be opened.
	places int
	room   [ns.KindCount + 2]string
}

// place is the next place in the order of the command line.
func (o *options) place() int {
	o.places++
	return o.places
}

// name notes a path, without allocating memory unless there are many.
func (o *options) name(path string) {
	if o.named == nil {
		o.named = o.room[:0]
	}
	o.named = append(o.named, path)
}

// replaces says whether something has taken the place of a path that was named.
func (o *options) replaces() bool {
	used := 0
	for _, named := range [...]bool{o.root.named, o.wd.named} {
		if named {
			used++
		}
	}
	for i := range o.kinds {
		if o.kinds[i].named {
			used++
		}
	}
	return used < len(o.named)
}

// kindOption says whether and how a namespace was asked for: of the target, of
// a file, or by its 64-bit identifier.
type kindOption struct {
	chosen, named, byID bool
	file                string
	id                  uint64
	// at is the place among all that the command line names to be opened, from 1 on.
	at int
}

// ofTarget says that nothing but the target tells which namespace is meant.
func (k kindOption) ofTarget() bool { return k.chosen && !k.named && !k.byID }

// descriptor is the value of --net-socket.
type descriptor struct {
	given bool
	fd    int
}

// identity is the value of --setuid and --setgid: a number, or that of the
// target.
type identity struct {
	given bool
	launch.Identity
}

// directory is the value of --root, --wd and --wdns: a path, or where there is
// none, the target's own; for --wdns, nothing.
type directory struct {
	given, named bool
	path         string
	// at is the place among all that the command line names to be opened, from 1 on.
	at int
	// after is how many namespaces are opened before.
	after int
}

// ofTarget says that the target's own directory is meant.
func (d directory) ofTarget() bool { return d.given && !d.named }

// targetKind says what the value of --target names.
type targetKind uint8

const (
	// none is for a command line without --target.
	none targetKind = iota
	byPID
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
