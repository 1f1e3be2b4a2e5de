package trampoline

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"

	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/pkg/program"
	"golang.org/x/sys/unix"
)

// ErrUnsupported says that there is no interpreter for this architecture.
var ErrUnsupported = errors.New("no interpreter for " + runtime.GOARCH + "; there is one for amd64 and arm64")

// Exec replaces the calling process by one that carries out p. It comes back
// only with an error, before anything was done: p was found wrong, there is no
// way to execute an image here, or the kernel refused.
func Exec(p *program.Program) error {
	img, err := newImage(p, restore(prestart.Saved()))
	if err != nil {
		return err
	}
	defer img.Close()
	if usesImage(p) {
		img.inherit()
	}
	argv, err := syscall.SlicePtrFromStrings(p.Cmdline)
	if err != nil {
		return err
	}
	env := p.Env
	if prestart.Saved() == nil {
		if env == nil {
			env = fallbackEnviron()
		}
		// syscall.Exec alone knows the limit on open files the runtime raised.
		syscall.Exec(img.path(), p.Cmdline, env)
	}
	envp := prestart.Envp()
	if env != nil {
		pointers, err := syscall.SlicePtrFromStrings(env)
		if err != nil {
			return err
		}
		envp = unsafe.Pointer(unsafe.SliceData(pointers))
	}
	errno := img.execveat(unsafe.Pointer(unsafe.SliceData(argv)), envp)
	if errno == unix.ENOSYS {
		errno = img.execve(unsafe.Pointer(unsafe.SliceData(argv)), envp)
	}
	return fmt.Errorf("cannot execute the image: %w", errno)
}

// Start begins to carry out p in a child process. attr is as for
// os.StartProcess; the environment is p's, or attr's where p has none. A
// Program that uses [program.Image] is refused: a child has no descriptor of
// its image.
func Start(p *program.Program, attr *os.ProcAttr) (*os.Process, error) {
	if usesImage(p) {
		return nil, errors.New("a child process has no descriptor of its image")
	}
	img, err := newImage(p, nil)
	if err != nil {
		return nil, err
	}
	defer img.Close()
	with := *attr
	if p.Env != nil {
		with.Env = p.Env
	}
	prestart.PrepareChild()
	return os.StartProcess(img.path(), p.Cmdline, &with)
}

// fallbackEnviron is the caller's environment in a binary without the entry.
func fallbackEnviron() []string {
	if env := prestart.Environ(); env != nil {
		return env
	}
	return syscall.Environ()
}

// image is a file that can be executed and no longer changed.
type image struct{ fd int }

// Close gives up the descriptor.
func (i image) Close() error { return unix.Close(i.fd) }

// inherit lets the descriptor survive the execution of the image.
func (i image) inherit() { unix.RawSyscall(unix.SYS_FCNTL, uintptr(i.fd), unix.F_SETFD, 0) }

// closeRaw is Close before the Go runtime has started.
func (i image) closeRaw() { unix.RawSyscall(unix.SYS_CLOSE, uintptr(i.fd), 0, 0) }

// path leads to the image where there is a /proc.
func (i image) path() string { return "/proc/self/fd/" + strconv.Itoa(i.fd) }

// execveat is execveat(2) of the descriptor itself, which needs no /proc.
func (i image) execveat(argv, envp unsafe.Pointer) syscall.Errno {
	var empty [1]byte
	_, _, errno := unix.RawSyscall6(unix.SYS_EXECVEAT, uintptr(i.fd), uintptr(unsafe.Pointer(&empty)),
		uintptr(argv), uintptr(envp), unix.AT_EMPTY_PATH, 0)
	return errno
}

// execve is execve(2) of the path, for kernels and emulators without execveat.
func (i image) execve(argv, envp unsafe.Pointer) syscall.Errno {
	path, err := unix.BytePtrFromString(i.path())
	if err != nil {
		return unix.EINVAL
	}
	_, _, errno := unix.RawSyscall(unix.SYS_EXECVE, uintptr(unsafe.Pointer(path)), uintptr(argv), uintptr(envp))
	return errno
}

// newImage builds the image of p in a file.
func newImage(p *program.Program, prologue []*program.Step) (image, error) {
	if !Supported {
		return image{}, ErrUnsupported
	}
	if err := p.Validate(); err != nil {
		return image{}, fmt.Errorf("invalid program: %w", err)
	}
	var w Workspace
	if !mayWrite(len(w.out)) {
		return image{}, fmt.Errorf("cannot write the image: %w (RLIMIT_FSIZE)", unix.EFBIG)
	}
	fd, errno := memfd()
	if errno != 0 {
		return imageFile(p, prologue, errno)
	}
	img := image{fd}
	if errno := img.fill(w.assemble(p, prologue, loadAddress, fd, interpreterCode())); errno != 0 {
		img.Close()
		return image{}, fmt.Errorf("cannot write the image: %w", errno)
	}
	return img, nil
}

// usesImage reports whether p refers to the descriptor of its image, which must
// then survive the image's execution.
func usesImage(p *program.Program) bool {
	for _, s := range p.Steps {
		for _, a := range s.Args {
			if a.Kind == program.KindImage {
				return true
			}
		}
	}
	return false
}

// memfd makes an empty file in memory. MFD_EXEC is since Linux 6.3, and
// without it vm.memfd_noexec=1 would make a file that cannot be executed. Raw
// calls, here and in fill, also work before the Go runtime starts.
func memfd() (int, syscall.Errno) {
	const flags = uintptr(unix.MFD_ALLOW_SEALING | unix.MFD_CLOEXEC)
	name := [...]byte{'n', 's', 'k', 'i', 't', 0}
	fd, _, errno := unix.RawSyscall(unix.SYS_MEMFD_CREATE, uintptr(unsafe.Pointer(&name)), flags|unix.MFD_EXEC, 0)
	if errno == unix.EINVAL {
		fd, _, errno = unix.RawSyscall(unix.SYS_MEMFD_CREATE, uintptr(unsafe.Pointer(&name)), flags, 0)
	}
	return int(fd), errno
}

// mayWrite reports whether RLIMIT_FSIZE lets a file of size bytes be written: to
// try and fail would mean to die of SIGXFSZ.
func mayWrite(size int) bool {
	var limit unix.Rlimit
	_, _, errno := unix.RawSyscall6(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_FSIZE, 0, uintptr(unsafe.Pointer(&limit)), 0, 0)
	return errno != 0 || limit.Cur >= uint64(size)
}

// fill writes the image and seals it: nobody can change it through
// /proc/PID/exe while it runs, whatever their privilege.
func (i image) fill(data []byte) syscall.Errno {
	for len(data) > 0 {
		n, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(i.fd), uintptr(unsafe.Pointer(unsafe.SliceData(data))), uintptr(len(data)))
		if errno != 0 {
			return errno
		}
		data = data[n:]
	}
	const seals = unix.F_SEAL_WRITE | unix.F_SEAL_GROW | unix.F_SEAL_SHRINK | unix.F_SEAL_SEAL
	_, _, errno := unix.RawSyscall(unix.SYS_FCNTL, uintptr(i.fd), unix.F_ADD_SEALS, seals)
	return errno
}
