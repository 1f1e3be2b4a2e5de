package census

import (
	"cmp"
	"fmt"
	"strconv"
)

// Holder is something other than a process that keeps a namespace alive.
type Holder struct {
	How How
	// PID is the process of a thread, descriptor, socket, or of the children.
	PID int
	// TID is the thread of a ByThread; of the others 0, or the thread
	// that has what the rest of the process has not.
	TID int
	// FD is the open descriptor of a ByDescriptor or BySocket.
	FD int
	// Path is where the namespace is bound, as seen from the root of the mount
	// namespace that has the inode Namespace.
	Path string
	// Namespace is the mount namespace of a ByMount, the namespace below of a ByChild
	// and the one owned of a ByOwned.
	Namespace Inode
}

// How is a way of keeping a namespace alive.
type How uint8

const (
	// ByThread is a thread that is in the namespace while its process, the
	// main thread, is in another one. All of /proc/PID is there under its TID, too.
	ByThread How = iota
	// ByDescriptor is an open descriptor of the namespace itself.
	ByDescriptor
	// BySocket is an open socket, or /dev/net/tun, of a network namespace that its
	// process is not in.
	BySocket
	// ByChildren is a process that left the namespace to its future children:
	// /proc/PID/ns/pid_for_children and time_for_children.
	ByChildren
	// ByMount is a bind mount in a mount namespace other than the caller's.
	ByMount
	// ByChild is a user or PID namespace below it.
	ByChild
	// ByOwned is a namespace that a user namespace owns.
	ByOwned
)

// String is the way in a word or two, as lsns has it.
func (h How) String() string {
	names := [...]string{"thread", "fd", "socket", "children", "mount", "below", "owned"}
	if int(h) >= len(names) {
		return "unknown"
	}
	return names[h]
}

// String is the holder in the words of lsns: "fd 12/7". The path of a ByMount
// is as it is: make it printable before you print it.
func (h Holder) String() string {
	switch h.How {
	case ByThread:
		return "thread " + h.owner()
	case ByDescriptor:
		return fmt.Sprintf("fd %s/%d", h.owner(), h.FD)
	case BySocket:
		return fmt.Sprintf("socket %s/%d", h.owner(), h.FD)
	case ByChildren:
		return "children of " + h.owner()
	case ByMount:
		return fmt.Sprintf("mount %s in mnt:[%d]", h.Path, h.Namespace)
	case ByChild:
		return fmt.Sprintf("below: %d", h.Namespace)
	}
	return fmt.Sprintf("owned: %d", h.Namespace)
}

// owner is the process, or PID/TID.
func (h Holder) owner() string {
	if h.TID != 0 {
		return fmt.Sprintf("%d/%d", h.PID, h.TID)
	}
	return strconv.Itoa(h.PID)
}

// directory is that of the process or thread, below /proc.
func (h Holder) directory() string {
	if h.TID != 0 {
		return fmt.Sprintf("%d/task/%d", h.PID, h.TID)
	}
	return strconv.Itoa(h.PID)
}

func compareHolders(a, b *Holder) int {
	return cmp.Or(cmp.Compare(a.How, b.How), cmp.Compare(a.PID, b.PID), cmp.Compare(a.TID, b.TID), cmp.Compare(a.FD, b.FD),
		cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Path, b.Path))
}
