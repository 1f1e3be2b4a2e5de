package trampoline

import (
	"unsafe"

	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/strerror"
	"golang.org/x/sys/unix"
)

// RunEarly carries out p before the Go runtime has started, in a process that
// is still as the kernel made it. stack is the initial stack pointer; p must
// show the command line that lies there and keep its environment. It comes
// back only if it could not begin, with nothing done.
//
// A Program that ends by executing another one is carried out in place: the
// process has one thread and needs no image. One that forks, and so leaves a
// process waiting, gets an image of a few pages nevertheless, unless the caller
// may write no file of that size.
//
// Not for any other use: it runs without memory allocation, see package
// prestart.
func (w *Workspace) RunEarly(p *program.Program, stack uintptr) {
	w.assembler.base = 0 // written to before it is read, the first page costs one fault and not two
	if p.Env != nil || !Supported || p.Validate() != nil || p.Frame > alwaysStack {
		return
	}
	if waits(p) && mayWrite(imageRoom) && toCopy().copyable() {
		w.execEarly(p, stack)
		return
	}
	if usesImage(p) {
		return
	}
	out := w.room(len(p.Steps))
	base := uintptr(unsafe.Pointer(unsafe.SliceData(out)))
	texts := uintptr(unsafe.Pointer(unsafe.StringData(strerror.Table)))
	if uint64(max(base, texts))+imageRoom > 1<<32 { // an image's addresses have 32 bits
		return
	}
	w.assemble(p, nil, uint32(base), -1, false)
	prestart.EndEarly()
	runInPlace((*header)(unsafe.Pointer(&out[headerOffset])), stack)
}

// Prepare does of RunEarly what leaves the process alone, for tests of what it
// allocates.
func (w *Workspace) Prepare(p *program.Program) {
	if p.Validate() == nil {
		w.assemble(p, nil, loadAddress, -1, true)
	}
}

// execEarly executes the image of p.
func (w *Workspace) execEarly(p *program.Program, stack uintptr) {
	img, ok := w.empty()
	if !ok {
		return
	}
	known := img.fd
	if img.data != 0 {
		known = img.data
	}
	// Should the image not fit, a fault ends this here; then the descriptor is
	// still one that is closed on exec.
	if fill(known, w.assemble(p, nil, loadAddress, known, true)) == 0 {
		img.inherit(p)
		prestart.EndEarly()
		argv := stack + 8
		img.execveat(prestart.Pointer(argv), prestart.Pointer(argv+8*uintptr(len(p.Cmdline)+1)))
	}
	img.closeRaw()
}

// empty makes the file of an image, or opens the stub and makes one next to it.
func (w *Workspace) empty() (img image, ok bool) {
	if stub != "" {
		img, problem, _ := w.openStub()
		return img, problem == ""
	}
	fd, errno := memfd(unix.MFD_EXEC)
	return image{fd: fd}, errno == 0
}

// waits reports whether a process of p outlives the execution of another
// program, or is worth an image for other reasons.
func waits(p *program.Program) bool {
	for _, s := range p.Steps {
		if s.Op == program.SysClone {
			return true
		}
	}
	return usesImage(p)
}
