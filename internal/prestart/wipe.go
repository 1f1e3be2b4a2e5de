package prestart

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The entries of the auxiliary vector that are needed here, from getauxval(3).
const (
	atNull   = 0
	atPhdr   = 3
	atPhnum  = 5
	atPagesz = 6
	atSecure = 23
	atExecfn = 31
)

// programHeader is Elf64_Phdr.
type programHeader struct {
	kind, flags                                  uint32
	offset, vaddr, paddr, filesz, memsz, aligned uint64
}

// wipe makes the memory of all variables what it was when the process started,
// so that nothing the early attempt did, locks it took included, is seen by the
// Go runtime. It is called by the entry, before Go is there; afterwards
// not even this package's variables hold anything. The binary must lie at fixed
// addresses, which is how Go links one that is static and not PIE.
//
//lint:ignore U1000 the entry calls it
func wipe() {
	headers, count, page := programHeaders()
	for i := range count {
		h := (*programHeader)(unsafe.Add(headers, i*unsafe.Sizeof(programHeader{})))
		if h.kind != unix.PT_LOAD || h.flags&unix.PF_W == 0 {
			continue
		}
		start, end := uintptr(h.vaddr)&^(page-1), (uintptr(h.vaddr+h.memsz)+page-1)&^(page-1)
		fileEnd := uintptr(h.vaddr + h.filesz)
		Syscall(unix.SYS_MADVISE, start, end-start, unix.MADV_DONTNEED, 0, 0, 0)
		for at := fileEnd; at&(page-1) != 0; at++ { // the rest of the page is the file's, not zero
			*(*byte)(Pointer(at)) = 0
		}
	}
}

// programHeaders finds the binary's own headers and the page size.
func programHeaders() (headers unsafe.Pointer, count, page uintptr) {
	return Pointer(auxiliary(atPhdr)), auxiliary(atPhnum), auxiliary(atPagesz)
}
