package veth

import (
	"net/netip"
	"strconv"
)

// NS is a reference to a network namespace. The zero value is the calling thread's own.
type NS struct {
	way    way
	text   string
	number int
}

// way is how a namespace is named.
type way uint8

const (
	own way = iota
	byPath
	byName
	byPID
	byFD
)

// Path is the namespace that a file stands for: a bind mount, or /proc/PID/ns/net.
func Path(path string) NS { return NS{way: byPath, text: path} }

// Named is the namespace of that name below /run/netns, as ip-netns(8) makes them.
func Named(name string) NS { return NS{way: byName, text: name} }

// PID is the namespace of a process.
func PID(pid int) NS { return NS{way: byPID, number: pid} }

// FD is the namespace of an open descriptor of this process, such as [ns.Handle.FD] is.
// The caller keeps it open until the call has returned.
func FD(fd int) NS { return NS{way: byFD, number: fd} }

// String writes the reference as vethctl(8) reads it.
func (n NS) String() string {
	switch n.way {
	case byPath:
		return "path:" + n.text
	case byName:
		return "name:" + n.text
	case byPID:
		return "pid:" + strconv.Itoa(n.number)
	case byFD:
		return "fd:" + strconv.Itoa(n.number)
	}
	return "."
}

// Endpoint is one endpoint of a pair that is to be made.
type Endpoint struct {
	// NS is where it is made, and Name its name there: at most 15 bytes; one %d in it
	// stands for the first free number.
	NS   NS
	Name string
	// MTU is in bytes, from 68 to 65535, 0 for the kernel's choice.
	MTU uint32
	// MAC is the Ethernet address; zero has a random one made.
	MAC [6]byte
	// Addrs are its addresses, usable at once: no other host is asked for duplicates.
	Addrs []netip.Prefix
	// Gateways are default routes, at most one for each family.
	Gateways []netip.Addr
	// Routes are further routes.
	Routes []Route
	// Master is the bridge that it becomes a port of, by its name in NS, "" for none.
	Master string
	// Down leaves it down.
	Down bool
}

// Route is a route out of an endpoint.
type Route struct {
	Dst netip.Prefix
	// Gateway is the zero Addr for a route straight out of the endpoint.
	Gateway netip.Addr
}

// Mode says what [Add] does with endpoints that are there already.
type Mode uint8

const (
	// MustBeNew fails with [fs.ErrExist].
	MustBeNew Mode = iota
	// IfMissing leaves a pair of these two names as it is.
	IfMissing
	// Replace deletes links of these names first; only veths are deleted.
	Replace
)

// String is the mode in a word or two.
func (m Mode) String() string {
	switch m {
	case MustBeNew:
		return "must be new"
	case IfMissing:
		return "if missing"
	case Replace:
		return "replace"
	}
	return "unknown"
}

// Spec is a pair that is to be made.
type Spec struct {
	A, B Endpoint
	// Loopback brings lo up in each namespace but the caller's own.
	Loopback bool
	Mode     Mode
}

// Link is an endpoint as it was found.
type Link struct {
	// Inode identifies its network namespace while that exists, 0 where nothing leads there.
	Inode uint64
	// PID is the lowest process in that namespace but the caller, Path a file that it
	// is mounted on; 0 and "" for none. [Add] gives the PID alone, of an NS that is one.
	PID  int
	Path string
	// Name and Index are "" and 0 where the namespace may not be entered.
	Name  string
	Index int
	MTU   uint32
	MAC   [6]byte
	// Up is the administrative state, Carrier that the peer is up, too.
	Up, Carrier bool
	Addrs       []netip.Prefix
}

// Pair is a veth pair. B.Inode is 0 when nothing is known of the second endpoint.
type Pair struct{ A, B Link }
