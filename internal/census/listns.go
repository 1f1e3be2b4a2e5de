package census

import (
	"encoding/binary"
	"unsafe"

	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// nsRequest is struct ns_id_req, the request of listns(2): linux/nsfs.h of
// Linux 6.19.
type nsRequest struct {
	size  uint32
	_     uint32
	after uint64 // the last identifier of the call before, 0 to begin with
	kinds uint32 // CLONE_NEW* flags
	_     uint32
	_     uint64 // the owner; 0 for any
}

// FILEID_NSFS and the size of struct nsfs_file_handle: linux/exportfs.h and
// linux/nsfs.h of Linux 6.18.
const (
	fileIDNsfs     = 0xf1
	nsfsHandleSize = 16
)

// nsList is the kernel's own list of namespaces.
type nsList struct {
	// list fills ids with what follows after, in ascending order, and returns
	// how many there are.
	list func(kinds ns.Set, after uint64, ids []uint64) (int, unix.Errno)
	// identify tells what has an identifier; false when it is gone or not the
	// caller's to open.
	identify func(id uint64) (ns.Kind, Inode, bool)
}

// identifiers lists the identifiers of all namespaces of some kinds, none where
// the kernel has no list or does not let the caller see it.
func (l *nsList) identifiers(kinds ns.Set) []uint64 {
	var all []uint64
	page := make([]uint64, 512)
	for after := uint64(0); ; after = all[len(all)-1] {
		n, err := l.list(kinds, after, page)
		// The end is 0 or, behind the very last namespace, ENOENT. What does
		// not get further would never end.
		if err != 0 || n <= 0 || page[n-1] <= after {
			return all
		}
		all = append(all, page[:n]...)
	}
}

// addListed adds the namespaces with the given identifiers that still exist.
func (s *Snapshot) addListed(ids []uint64, kinds ns.Set, list *nsList) {
	if len(ids) == 0 {
		return
	}
	c := s.collect()
	for _, id := range ids {
		if kind, inode, ok := list.identify(id); ok && kinds.Has(kind) {
			c.namespace(kind, inode).ID = id
		}
	}
	c.sort()
	s.Namespaces = c.namespaces
}

// listns is listns(2).
func listns(kinds ns.Set, after uint64, ids []uint64) (int, unix.Errno) {
	request := nsRequest{size: uint32(unsafe.Sizeof(nsRequest{})), after: after, kinds: uint32(kinds.Flags())}
	n, _, err := unix.Syscall6(unix.SYS_LISTNS, uintptr(unsafe.Pointer(&request)), uintptr(unsafe.Pointer(&ids[0])), uintptr(len(ids)), 0, 0, 0)
	return int(n), err
}

// identify opens the namespace with an identifier to ask for kind and inode.
func identify(id uint64) (ns.Kind, Inode, bool) {
	fd, err := openIdentifier(id, 0, 0)
	if err != nil {
		return 0, 0, false
	}
	defer unix.Close(fd)
	kind, ok := kindOf(fd)
	inode := inodeOf(fd)
	return kind, inode, ok && inode != 0
}

// openIdentifier opens a namespace by its identifier, Linux 6.18. The
// CLONE_NEW* flag and the inode must both be given or both be 0, which is
// of Linux 6.19.
func openIdentifier(id uint64, flag int, inode Inode) (int, error) {
	var handle [nsfsHandleSize]byte // struct nsfs_file_handle
	binary.NativeEndian.PutUint64(handle[0:], id)
	binary.NativeEndian.PutUint32(handle[8:], uint32(flag))
	binary.NativeEndian.PutUint32(handle[12:], inode)
	return unix.OpenByHandleAt(unix.FD_NSFS_ROOT, unix.NewFileHandle(fileIDNsfs, handle[:]), unix.O_RDONLY|unix.O_CLOEXEC)
}
