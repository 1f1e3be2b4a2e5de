package prestart

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// ReleaseCode gives back the pages of the binary's code and constants that are
// mapped by now, most of the file. Nothing is lost: what is needed again is
// mapped again from the page cache, some 25 page faults. It is for a command
// between two parts of its work, before the part that needs the most memory.
func ReleaseCode() {
	if Saved() == nil {
		return // without the entry nobody has noted where the headers are
	}
	headers, count, page := programHeaders()
	for i := range count {
		h := (*programHeader)(unsafe.Add(headers, i*unsafe.Sizeof(programHeader{})))
		if h.kind == unix.PT_LOAD && h.flags&unix.PF_W == 0 {
			start, end := uintptr(h.vaddr)&^(page-1), (uintptr(h.vaddr+h.memsz)+page-1)&^(page-1)
			unix.RawSyscall(unix.SYS_MADVISE, start, end-start, unix.MADV_DONTNEED)
		}
	}
}
