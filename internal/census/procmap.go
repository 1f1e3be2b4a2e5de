package census

import (
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mapQuery is struct procmap_query of linux/fs.h, Linux 6.11.
type mapQuery struct {
	size, flags, address                          uint64
	start, end, vmaFlags, pageSize, offset, inode uint64
	major, minor                                  uint32
	nameSize, buildIDSize                         uint32
	name, buildID                                 uint64
}

// PROCMAP_QUERY as most architectures have it, and its flags: the next mapping of a file.
const (
	procmapQuery  = 3<<30 | uint(unsafe.Sizeof(mapQuery{}))<<16 | 'f'<<8 | 17
	nextFileBased = 0x10 | 0x20
)

// mapsDevices tells whether a process has files of some file systems mapped, by its open
// /proc/PID/maps; known is false where the kernel has no such question. It takes a
// fifth of the time that the text does.
func mapsDevices(maps int, devices []Device) (has, known bool) {
	if strings.HasPrefix(runtime.GOARCH, "mips") || strings.HasPrefix(runtime.GOARCH, "ppc") {
		return false, false // the number is another one
	}
	for address := uint64(0); ; {
		q := mapQuery{size: uint64(unsafe.Sizeof(mapQuery{})), flags: nextFileBased, address: address}
		_, _, err := unix.RawSyscall(unix.SYS_IOCTL, uintptr(maps), uintptr(procmapQuery), uintptr(unsafe.Pointer(&q)))
		if err != 0 {
			return false, err == unix.ENOENT || err == unix.ESRCH
		}
		for _, d := range devices {
			if d.Major == q.major && d.Minor == q.minor {
				return true, true
			}
		}
		if q.end <= address {
			return false, false
		}
		address = q.end
	}
}
