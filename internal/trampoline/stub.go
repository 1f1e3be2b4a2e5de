//go:build amd64 || arm64 || loong64 || ppc64le || riscv64 || s390x

package trampoline

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"unsafe"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/strerror"
	"golang.org/x/sys/unix"
)

// stub is the path of the file that is executed in the place of an image, "" for
// none. The build sets it (scripts/build, STUB=).
//
// A stub is the interpreter alone, in an ELF file that never changes. What it
// carries out is in a sealed memfd, which it maps where an image would lie and does
// not execute. The number of that descriptor follows that of the stub's own, which
// the kernel tells in AT_EXECFN: "/dev/fd/N" or "/proc/self/fd/N".
var stub string

// stubAddress is where a stub lies, below the images.
const stubAddress = 0x200000

// stubHeader is what stubStart hands to attach.
type stubHeader struct {
	gate, attach uint64
	// text and length are those of what attach says if there is nothing to carry out.
	text, length uint64
}

const (
	atExecFn      = 31 // in the auxiliary vector, getauxval(3)
	stubHeaderLen = int(unsafe.Sizeof(stubHeader{}))
	alone         = "nskit's stub: only nskit can start this\n"
)

// stubStart is where the process of a stub begins: it calls attach, and interpret
// with the header that attach finds.
//
//lint:ignore U1000 a stub is made of its code
func stubStart()

// stubStartAddress is where stubStart lies in memory.
func stubStartAddress() uintptr

// attach maps the instructions that follow the stub's own descriptor. Like interpret
// it is Go only to look at.
//
//go:nosplit
//go:norace
//go:nocheckptr
func attach(base unsafe.Pointer, s *stubHeader) *header {
	var null unsafe.Pointer
	gate := unsafe.Pointer(&s.gate)
	enter := *(*gateFunc)(unsafe.Pointer(&gate))
	at := unsafe.Add(base, 8*(*(*uintptr)(base)+2)) // behind argv
	for *(*uintptr)(at) != 0 {
		at = unsafe.Add(at, 8)
	}
	at = unsafe.Add(at, 8)
	for *(*uintptr)(at) != 0 && *(*uintptr)(at) != atExecFn {
		at = unsafe.Add(at, 16)
	}
	number := uintptr(0)
	if *(*uintptr)(at) != 0 {
		for name := *(*unsafe.Pointer)(unsafe.Add(at, 8)); *(*byte)(name) != 0; name = unsafe.Add(name, 1) {
			digit := uintptr(*(*byte)(name)) - '0'
			number = 10*number + digit
			if digit > 9 {
				number = 0
			}
		}
	}
	const sealed = unix.F_SEAL_WRITE | unix.F_SEAL_GROW | unix.F_SEAL_SHRINK
	fd := number + 1
	size := enter(unix.SYS_LSEEK, fd, 0, 2, 0, 0, 0)
	seals := enter(unix.SYS_FCNTL, fd, unix.F_GET_SEALS, 0, 0, 0, 0)
	words, first := (*[6]uintptr)(unsafe.Add(base, -72)), uintptr(loadAddress) // between what stubStart keeps and its stack's end
	if runtime.GOARCH == "s390x" {                                             // mmap(2) wants its words in memory there
		words[0], words[1], words[2], words[3], words[4], words[5] = first, size, unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_FIXED_NOREPLACE, fd, 0
		first = uintptr(unsafe.Pointer(words))
	}
	if number > 2 && int(size) > codeOffset && int(seals) > 0 && seals&sealed == sealed &&
		enter(unix.SYS_MMAP, first, size, unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_FIXED_NOREPLACE, fd, 0) == loadAddress {
		h := (*header)(unsafe.Add(null, loadAddress+headerOffset))
		if h.keep == 0 {
			enter(unix.SYS_CLOSE, fd, 0, 0, 0, 0, 0)
		}
		return h
	}
	enter(unix.SYS_WRITE, 2, uintptr(s.text), uintptr(s.length), 0, 0, 0)
	for {
		enter(unix.SYS_EXIT_GROUP, 126, 0, 0, 0, 0, 0)
	}
}

// attachEnd lies behind attach.
func attachEnd() {}

// Stub is the file for which nskit is built with STUB=. Its bytes are those of the
// interpreter in this binary: another one's stub is refused.
func Stub() ([]byte, error) {
	if !toCopy().copyable() {
		return nil, errUnusual
	}
	var w Workspace
	file, _ := w.stub()
	return file, nil
}

// stub makes the file in the workspace; its code lies at the addresses of parts.
func (w *Workspace) stub() ([]byte, parts) {
	w.assembler = assembler{base: stubAddress, out: w.room(0)[:headerOffset]}
	a := &w.assembler
	a.out = append(a.out, make([]byte, stubHeaderLen)...)
	code := toCopy()
	at := a.code(code)
	first, end := attach, attachEnd
	attached := a.copy(entry(unsafe.Pointer(&first)), entry(unsafe.Pointer(&end)))
	*(*stubHeader)(unsafe.Pointer(&a.out[headerOffset])) = stubHeader{gate: uint64(at.gate), attach: uint64(attached),
		text: uint64(stubAddress + len(a.out)), length: uint64(len(alone))}
	a.out = append(a.out, alone...)
	putELF(a.out, uint64(at.start+stubStartAddress()-code.start), stubAddress)
	return a.out, at
}

// stubImage puts the instructions of p next to the descriptor of the stub. number is
// that of the stub's in the process that will execute it.
func stubImage(w *Workspace, p *program.Program, prologue []*program.Step, number int) (image, error) {
	img, problem, errno := w.openStub()
	if problem != "" {
		return image{}, errors.New("cannot use " + stub + ": " + problem + because(errno))
	}
	known := img.data
	if number != own {
		known = number + 1
	}
	data := w.assemble(p, prologue, loadAddress, known, true)
	if !mayWrite(len(data)) {
		img.Close()
		return image{}, fmt.Errorf("cannot write the image: %w (RLIMIT_FSIZE)", unix.EFBIG)
	}
	if errno := fill(img.data, data); errno != 0 {
		img.Close()
		return image{}, fmt.Errorf("cannot write the image: %w", errno)
	}
	return img, nil
}

// because is the text of an error number. It stands in the error's own text because what
// is said of an error number alone would not name the file.
func because(errno syscall.Errno) string {
	if errno == 0 {
		return ""
	}
	return ": " + strerror.Text(errno)
}

// openStub opens the stub, looks whether it is the right one, and makes an empty file
// for instructions next to it. It works before the Go runtime starts.
func (w *Workspace) openStub() (img image, problem string, errno syscall.Errno) {
	fd, errno := openPath(stub)
	if errno != 0 {
		return image{}, "cannot open it", errno
	}
	if problem = w.checkStub(fd); problem != "" {
		closeFD(fd)
		return image{}, problem, 0
	}
	data, errno := memfd(unix.MFD_NOEXEC_SEAL)
	if errno != 0 {
		closeFD(fd)
		return image{}, "memfd_create", errno
	}
	if img, errno = adjacent(guarded(fd), data); errno != 0 {
		problem = "no two descriptors side by side"
	}
	return img, problem, errno
}

// checkStub says what is wrong with the file, "" for nothing. Nobody but root may
// have written it. In a user namespace that lacks root's ID the owner shows as
// overflowuid.
func (w *Workspace) checkStub(fd int) string {
	const overflow = 65534
	var st unix.Stat_t
	if _, _, errno := unix.RawSyscall(unix.SYS_FSTAT, uintptr(fd), uintptr(unsafe.Pointer(&st)), 0); errno != 0 {
		return "cannot look at it"
	}
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG || st.Mode&0o111 == 0:
		return "it is not an executable file"
	case st.Uid != 0 && st.Uid != overflow:
		return "it is not root's"
	case st.Mode&0o022 != 0:
		return "others than root may write it"
	}
	want, _ := w.stub()
	there := w.out[len(want):]
	n, _, errno := unix.RawSyscall6(unix.SYS_PREAD64, uintptr(fd), uintptr(unsafe.Pointer(&there[0])), uintptr(len(there)), 0, 0, 0)
	if errno != 0 || string(there[:n]) != string(want) {
		return "it is another binary's (nskit --stub writes this one's)"
	}
	return ""
}

// guarded replaces the descriptor of the stub by one of a mount of its own that is
// read-only, where the caller may mount. Through /proc/PID/exe not even the host's root
// in a container can write to the file then. Others that enter a container cannot
// be reached by a root that may write root's files.
func guarded(fd int) int {
	var empty [1]byte
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	path := uintptr(unsafe.Pointer(&empty))
	tree, _, errno := unix.RawSyscall(unix.SYS_OPEN_TREE, uintptr(fd), path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_EMPTY_PATH)
	if errno != 0 {
		return fd
	}
	if _, _, errno = unix.RawSyscall6(unix.SYS_MOUNT_SETATTR, tree, path, unix.AT_EMPTY_PATH, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0); errno != 0 {
		closeFD(int(tree))
		return fd
	}
	closeFD(fd)
	return int(tree)
}

// adjacent moves two descriptors to where the second follows the first, both above
// the standard ones.
func adjacent(exe, data int) (image, syscall.Errno) {
	for first, tries := 3, 0; ; tries++ {
		e, errno := duplicate(exe, first)
		if errno != 0 || tries == 1000 {
			break
		}
		d, errno := duplicate(data, e+1)
		if errno == 0 && d == e+1 {
			closeFD(exe)
			closeFD(data)
			return image{e, d}, 0
		}
		closeFD(e)
		if errno != 0 {
			break
		}
		closeFD(d)
		first = d // what lies between is taken
	}
	closeFD(exe)
	closeFD(data)
	return image{}, unix.EMFILE
}

func duplicate(fd, from int) (int, syscall.Errno) {
	n, _, errno := unix.RawSyscall(unix.SYS_FCNTL, uintptr(fd), unix.F_DUPFD_CLOEXEC, uintptr(from))
	return int(n), errno
}

func closeFD(fd int) { unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) }

// openPath is open(2) for reading.
func openPath(path string) (int, syscall.Errno) {
	var name [256]byte
	if len(path) >= len(name) {
		return -1, unix.ENAMETOOLONG
	}
	copy(name[:], path)
	at := unix.AT_FDCWD
	fd, _, errno := unix.RawSyscall6(unix.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(&name)), unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0, 0, 0)
	return int(fd), errno
}
