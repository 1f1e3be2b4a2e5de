package census

import (
	"errors"
	"unsafe"

	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// Relations is what the kernel tells about a namespace that is open. A field
// is zero where it was not asked for or the kernel does not tell; [Listed] is
// a way of asking for ID.
type Relations struct {
	// Parent is the inode of the user or PID namespace above a user or PID
	// namespace; 0 for the highest the caller may know.
	Parent Inode
	// Owner is the inode of the user namespace that owns it.
	Owner Inode
	// OwnerUID is the user who made the user namespace, or that which owns it,
	// in the numbers of the caller's own; nil for unknown.
	OwnerUID *int
	// ID is the 64-bit identifier, which is never reused (Linux 6.18; for mount
	// namespaces 6.11).
	ID uint64
	// NetID is the identifier of a network namespace in the caller's own, nil
	// for none; NetIDUnknown is that it could not be asked for.
	NetID        *int
	NetIDUnknown bool
	// Hostname is that of a UTS namespace.
	Hostname string
}

// Ask says what [Snapshot.Relate] is to find out.
type Ask uint8

const (
	// Parents fills in Parent.
	Parents Ask = 1 << iota
	// Owners fills in Owner.
	Owners
	// Ancestors adds the parents and owners asked for that the snapshot does
	// not have, and theirs: namespaces that live only by those below them or by
	// what they own. Of these OwnerUID and ID are filled in at once, because
	// nothing leads to them later.
	Ancestors
	// OwnerUIDs fills in OwnerUID.
	OwnerUIDs
	// IDs fills in ID.
	IDs
	// NetIDs fills in NetID.
	NetIDs
	// Hostnames fills in Hostname. It moves a thread of the caller into the
	// namespace for a moment, which needs CAP_SYS_ADMIN over it.
	Hostnames
)

// UnsupportedError says that the kernel does not know a request of
// ioctl_nsfs(2): before Linux 4.11, or something that only looks like Linux.
type UnsupportedError struct{ Request string }

func (e *UnsupportedError) Error() string { return "Unsupported ioctl " + e.Request }

// Relate asks the kernel about the namespaces that only returns true for (nil
// for all) and fills in their Relations. It opens each of them, so it costs
// five calls a namespace and more. A namespace that cannot be opened keeps what
// it has. The error is an [*UnsupportedError] or nil.
func (s *Snapshot) Relate(ask Ask, only func(*Namespace) bool) error {
	r := relater{collector: &collector{namespaces: s.Namespaces}, ask: ask, netID: s.NetIDs}
	if ask&Ancestors != 0 {
		r.collector = s.collect()
	}
	defer r.close()
	for i := range s.Namespaces {
		space := &s.Namespaces[i]
		if only != nil && !only(space) || ask&^(NetIDs|Hostnames|Parents) == 0 && !r.concerns(space.Kind) {
			continue
		}
		if fd, err := s.Open(space); err == nil {
			err = r.namespace(i, fd)
			unix.Close(fd)
			if err != nil {
				return err
			}
		}
	}
	if len(r.namespaces) > len(s.Namespaces) {
		sortNamespaces(r.namespaces)
		s.Namespaces = r.namespaces
	}
	return nil
}

// NetIDer asks for the identifiers of network namespaces, as rtnl.NetIDs does. Who needs none
// does not link netlink: 100 KB of a binary of nsenter.
type NetIDer interface {
	// Of is the identifier of the namespace that is open as fd, nil for none; it is unknown
	// where nothing could be asked.
	Of(fd int) (id *int, unknown bool)
	// Close ends a Relate.
	Close()
}

// relater asks about one namespace after the other.
type relater struct {
	*collector
	ask   Ask
	netID NetIDer
	uts   utsVisitor
}

func (r *relater) close() {
	if r.netID != nil {
		r.netID.Close()
	}
	r.uts.close()
}

// concerns tells whether one of the requests for single kinds is for this one.
func (r *relater) concerns(kind ns.Kind) bool {
	switch kind {
	case ns.Net:
		return r.ask&NetIDs != 0
	case ns.UTS:
		return r.ask&Hostnames != 0
	}
	return kind == ns.User || kind == ns.PID
}

// namespace fills in what is asked for about the namespace at index i of the
// list, which grows where ancestors are added.
func (r *relater) namespace(i, fd int) error {
	kind := r.namespaces[i].Kind
	if r.ask&IDs != 0 {
		r.namespaces[i].ID = identifier(fd, kind)
	}
	if r.ask&NetIDs != 0 && kind == ns.Net && r.netID != nil {
		r.namespaces[i].NetID, r.namespaces[i].NetIDUnknown = r.netID.Of(fd)
	}
	if r.ask&Hostnames != 0 && kind == ns.UTS {
		r.namespaces[i].Hostname = r.uts.hostname(fd)
	}
	if r.ask&Parents != 0 && (kind == ns.User || kind == ns.PID) {
		inode, err := r.relative(fd, unix.NS_GET_PARENT, kind)
		if err != nil {
			return err
		}
		r.namespaces[i].Parent = inode
	}
	if r.ask&(Owners|OwnerUIDs) == 0 {
		return nil
	}
	return r.owner(i, fd, kind)
}

// owner fills in the owning user namespace and its user.
func (r *relater) owner(i, fd int, kind ns.Kind) error {
	if r.ask&OwnerUIDs != 0 && kind == ns.User {
		r.namespaces[i].OwnerUID = ownerUID(fd)
	}
	owner, err := follow(fd, unix.NS_GET_USERNS)
	if err != nil || owner < 0 {
		return err
	}
	defer unix.Close(owner)
	if r.ask&OwnerUIDs != 0 && kind != ns.User {
		r.namespaces[i].OwnerUID = ownerUID(owner)
	}
	if r.ask&Owners == 0 {
		return nil
	}
	inode := inodeOf(owner)
	r.namespaces[i].Owner = inode
	return r.ancestor(inode, owner, ns.User)
}

// relative returns the inode of the namespace that a request leads to.
func (r *relater) relative(fd int, request uint, kind ns.Kind) (Inode, error) {
	to, err := follow(fd, request)
	if err != nil || to < 0 {
		return 0, err
	}
	defer unix.Close(to)
	inode := inodeOf(to)
	return inode, r.ancestor(inode, to, kind)
}

// ancestor adds a namespace that is not known yet, and its own ancestors.
func (r *relater) ancestor(inode Inode, fd int, kind ns.Kind) error {
	if r.ask&Ancestors == 0 || inode == 0 {
		return nil
	}
	if _, known := r.index[inode]; known {
		return nil
	}
	below := r.ask
	r.ask |= OwnerUIDs | IDs
	defer func() { r.ask = below }()
	return r.namespace(r.find(kind, inode), fd)
}

// follow opens the namespace that a request of ioctl_nsfs(2) leads to, -1 for
// none or one that the caller may not know.
func follow(fd int, request uint) (int, error) {
	to, err := unix.IoctlRetInt(fd, request)
	switch {
	case errors.Is(err, unix.ENOTTY) && request == unix.NS_GET_PARENT:
		return -1, &UnsupportedError{"NS_GET_PARENT"}
	case errors.Is(err, unix.ENOTTY):
		return -1, &UnsupportedError{"NS_GET_USERNS"}
	case err != nil:
		return -1, nil
	}
	return to, nil
}

func ownerUID(fd int) *int {
	var uid uint32
	if _, _, err := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.NS_GET_OWNER_UID, uintptr(unsafe.Pointer(&uid))); err != 0 {
		return nil
	}
	n := int(uid)
	return &n
}

// identifier is the 64-bit identifier of a namespace, 0 for none: of any kind
// since Linux 6.18, of a mount namespace since 6.11.
func identifier(fd int, kind ns.Kind) uint64 {
	id, err := ioctlUint64(fd, unix.NS_GET_ID)
	if err != 0 && kind == ns.Mount {
		id, _ = ioctlUint64(fd, unix.NS_GET_MNTNS_ID)
	}
	return id
}

func ioctlUint64(fd int, request uintptr) (uint64, unix.Errno) {
	var value uint64
	_, _, err := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(unsafe.Pointer(&value)))
	return value, err
}

// HoldByRelation adds the holders that the relations imply: a namespace is kept
// alive by those below it, and a user namespace by those it owns. Relate must
// have asked for Parents and Owners.
func (s *Snapshot) HoldByRelation() {
	for i := range s.Namespaces {
		space := &s.Namespaces[i]
		if parent := s.Find(space.Parent); parent != nil {
			parent.Holders = append(parent.Holders, Holder{How: ByChild, Namespace: space.Inode})
		}
		if owner := s.Find(space.Owner); owner != nil && space.Kind != ns.User {
			owner.Holders = append(owner.Holders, Holder{How: ByOwned, Namespace: space.Inode})
		}
	}
}
