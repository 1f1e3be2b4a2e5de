package census

import (
	"bytes"
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The layouts and numbers of statmount(2) and listmount(2): linux/mount.h of
// Linux 6.8; the mount namespace in the request is of Linux 6.11.
const (
	statmountSuperblock = 0x1
	statmountBasic      = 0x2
	statmountRoot       = 0x8
	statmountPoint      = 0x10
	statmountType       = 0x20

	listmountRoot = ^uint64(0)

	offsetMagic   = 24
	offsetType    = 36
	offsetMount   = 40
	offsetParent  = 48
	offsetRoot    = 104
	offsetPoint   = 108
	offsetStrings = 512
)

// mountRequest is struct mnt_id_req.
type mountRequest struct {
	size      uint32
	_         uint32
	mount     uint64
	parameter uint64
	namespace uint64
}

const mountRequestSize = uint32(unsafe.Sizeof(mountRequest{}))

// hasListmount asks the kernel for both calls. Linux 6.8 to 6.10 refuse a
// request with a mount namespace in it and count as not having them.
func hasListmount() bool {
	var ids [1]uint64
	n, err := listmount(0, listmountRoot, 0, ids[:])
	if err != 0 || n == 0 {
		return false
	}
	var buffer [offsetStrings]byte
	return statmount(ids[0], 0, statmountSuperblock, buffer[:]) == 0
}

// listmount lists what is mounted below a mount, or all that listmountRoot stands for.
func listmount(namespace, below, after uint64, ids []uint64) (int, unix.Errno) {
	request := mountRequest{size: mountRequestSize, mount: below, parameter: after, namespace: namespace}
	n, _, err := unix.Syscall6(unix.SYS_LISTMOUNT, uintptr(unsafe.Pointer(&request)), uintptr(unsafe.Pointer(&ids[0])), uintptr(len(ids)), 0, 0, 0)
	return int(n), err
}

func statmount(mount, namespace, mask uint64, buffer []byte) unix.Errno {
	request := mountRequest{size: mountRequestSize, mount: mount, parameter: mask, namespace: namespace}
	_, _, err := unix.Syscall6(unix.SYS_STATMOUNT, uintptr(unsafe.Pointer(&request)), uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)), 0, 0, 0)
	return err
}

// listBinds lists the namespaces bound in the mount namespace with the given
// identifier, 0 for the caller's own.
func listBinds(namespace uint64, t *mountTable) []bind {
	ids := make([]uint64, 512)
	buffer := make([]byte, offsetStrings+2*unix.PathMax)
	for after := uint64(0); ; {
		n, err := listmount(namespace, listmountRoot, after, ids)
		if err != 0 || n <= 0 {
			return t.binds()
		}
		for _, id := range ids[:n] {
			t.stat(id, namespace, buffer)
		}
		after = ids[n-1]
	}
}

// stat asks about one mount, and for its paths only if it is a namespace.
func (t *mountTable) stat(mount, namespace uint64, buffer []byte) {
	if statmount(mount, namespace, statmountSuperblock|statmountBasic, buffer) != 0 {
		return
	}
	parent := binary.NativeEndian.Uint64(buffer[offsetParent:])
	if t.parent(parent); binary.NativeEndian.Uint64(buffer[offsetMagic:]) != unix.NSFS_MAGIC ||
		statmount(mount, namespace, statmountRoot|statmountPoint, buffer) != 0 {
		return
	}
	kind, inode, ok := parseLink(stringAt(buffer, offsetRoot))
	if point := stringAt(buffer, offsetPoint); ok && len(point) > 0 && t.wants(kind, inode) {
		t.add(mount, bind{kind: kind, inode: inode, path: string(point)})
	}
}

// stringAt returns the string whose offset stands at the given place.
func stringAt(buffer []byte, field int) []byte {
	start := offsetStrings + uint64(binary.NativeEndian.Uint32(buffer[field:]))
	if start >= uint64(len(buffer)) {
		return nil
	}
	text, _, _ := bytes.Cut(buffer[start:], []byte{0})
	return text
}

// mountNamespaceID is the 64-bit identifier of a mount namespace, 0 for none.
func mountNamespaceID(fd int) uint64 {
	id, _ := ioctlUint64(fd, unix.NS_GET_MNTNS_ID)
	return id
}

// countMounts counts the mounts of a mount namespace; false when the kernel
// does not list them.
func countMounts(namespace uint64) (int, bool) {
	ids := make([]uint64, 512)
	n, err := listmount(namespace, listmountRoot, 0, ids[:early])
	if err != 0 || n <= 0 {
		return 0, false
	}
	if root := rootOver(firstMounts(namespace, ids[:n])); root != 0 {
		below, ok := countBelow(namespace, root, ids)
		return 1 + below, ok
	}
	return countBelow(namespace, listmountRoot, ids)
}

func countBelow(namespace, top uint64, ids []uint64) (int, bool) {
	count := 0
	for after := uint64(0); ; after = ids[len(ids)-1] {
		n, err := listmount(namespace, top, after, ids)
		if err != 0 || n < 0 || n > len(ids) {
			return 0, false
		}
		if count += n; n < len(ids) {
			return count, true
		}
	}
}

// early is how many of the first mounts are looked at for the root file system, which
// only what an initramfs mounts comes before.
const early = 32

// firstMount is what tells a root.
type firstMount struct {
	id, parent uint64
	root       bool   // mounted at /
	fs         string // its type
}

func firstMounts(namespace uint64, ids []uint64) []firstMount {
	found := make([]firstMount, 0, len(ids))
	buffer := make([]byte, offsetStrings+2*unix.PathMax)
	for _, id := range ids {
		if statmount(id, namespace, statmountBasic|statmountPoint|statmountType, buffer) == 0 {
			found = append(found, firstMount{id: id, parent: binary.NativeEndian.Uint64(buffer[offsetParent:]),
				root: string(stringAt(buffer, offsetPoint)) == "/", fs: string(stringAt(buffer, offsetType))})
		}
	}
	return found
}

// rootOver is the root file system that was moved over an initramfs, where the list begins with that: since
// Linux 7.0 it is a mount like others (fs/namespace.c: init_mount_tree), which no process sees. Else 0.
func rootOver(mounts []firstMount) uint64 {
	for _, below := range mounts {
		if !below.root || below.fs != "rootfs" {
			continue
		}
		for _, over := range mounts {
			if over.root && over.parent == below.id {
				return over.id
			}
		}
	}
	return 0
}
