package prestart

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// ForgetCode gives back the pages of the binary that are read and never written: most were needed only to
// start. What is needed again is mapped again, 64 KiB for a fault of 1 to 3 µs. It pays before
// work that needs much memory itself.
func ForgetCode() {
	if saved.stack == 0 {
		return // without the entry nothing tells where the binary lies
	}
	growStack()
	headers, count, page := programHeaders()
	for i := range count {
		h := (*programHeader)(unsafe.Add(headers, i*unsafe.Sizeof(programHeader{})))
		if h.kind == unix.PT_LOAD && h.flags&unix.PF_W == 0 {
			start, end := uintptr(h.vaddr)&^(page-1), (uintptr(h.vaddr+h.filesz)+page-1)&^(page-1)
			Syscall(unix.SYS_MADVISE, start, end-start, unix.MADV_DONTNEED, 0, 0, 0)
		}
	}
}

// growStack gives the caller room on its stack. To make a stack larger the runtime reads tables about all
// functions on it, which lie far apart in the binary; that is done before they are given back.
//
//go:noinline
func growStack() {
	var room [20 << 10]byte
	touch(&room[0])
}

//go:noinline
func touch(b *byte) { *b = 1 }
