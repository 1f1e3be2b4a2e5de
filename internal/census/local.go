package census

import (
	"bytes"
	"path/filepath"
	"slices"

	"github.com/nskit/nskit/internal/rawfile"
)

// local are file systems that answer statx(2) with AT_STATX_DONT_SYNC from memory,
// even if whoever serves them is gone. Of others (NFS, 9p, and those not known here) the kernel
// may ask the server before it follows a link in /proc/PID/fd.
var local = [...]string{
	"autofs", "bcachefs", "bdev", "binder", "binfmt_misc", "bpf", "btrfs", "cgroup", "cgroup2", "configfs", "cpuset",
	"cramfs", "dax", "debugfs", "devpts", "devtmpfs", "ecryptfs", "efivarfs", "erofs", "exfat", "ext2", "ext3", "ext4", "f2fs",
	"fuse", "fuseblk", "fusectl", "guest_memfd", "hfs", "hfsplus", "hugetlbfs", "iso9660", "jffs2", "jfs", "minix", "mqueue", "msdos",
	"nfsd", "nilfs2", "ntfs", "ntfs3", "overlay", "pipefs", "proc", "pstore", "qnx4", "qnx6", "ramfs", "reiserfs", "resctrl", "romfs",
	"rpc_pipefs", "securityfs", "selinuxfs", "smackfs", "sockfs", "squashfs", "sysfs", "tmpfs", "tracefs", "ubifs", "udf", "ufs", "vfat",
	"virtiofs", "xenfs", "xfs", "zfs", "zonefs",
}

// isLocal tells whether this kernel knows none but local file systems, by
// /proc/filesystems.
func isLocal(proc string) bool {
	text, err := rawfile.Read(filepath.Join(proc, "filesystems"))
	return err == nil && onlyLocal(text)
}

func onlyLocal(filesystems []byte) bool {
	for line := range bytes.Lines(filesystems) {
		fields := bytes.Fields(line)
		if len(fields) > 0 && !slices.Contains(local[:], string(fields[len(fields)-1])) {
			return false
		}
	}
	return len(filesystems) > 0
}
