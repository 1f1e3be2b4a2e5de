package trampoline

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// ErrUnsupported says that there is no interpreter for this architecture.
var ErrUnsupported = errors.New("no interpreter for " + runtime.GOARCH + "; there is one for amd64, arm64, loong64, ppc64le, riscv64 and s390x")

// errUnusual says that the interpreter is not what an image can be made of.
var errUnusual = errors.New("cannot copy the interpreter of a binary that was built in an unusual way (go build -cover?)")

// Exec replaces the calling process by one that carries out p. It comes back
// only with an error, before anything was done: p was found wrong, there is no
// way to execute an image here, or the kernel refused. The error is
// [ErrUnsupported], what [program.Program.Validate] says, or has the error
// number of memfd_create(2), write(2) or execve(2) inside ([errors.Is]).
//
// Any number of goroutines and threads may be running: all of them end. What p
// itself meets with is not returned: it is printed on descriptor 2, and the
// process ends with the exit code that the failed step has.
func Exec(p *program.Program) error {
	img, err := newImage(new(Workspace), p, restore(prestart.Saved()), own)
	if err != nil {
		return err
	}
	defer img.Close()
	img.inherit(p)
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
	// A kernel or emulator without the call, or a filter that refuses it; a real
	// refusal is the same for both.
	if errno == unix.ENOSYS || errno == unix.EPERM || errno == unix.EACCES {
		errno = img.execve(unsafe.Pointer(unsafe.SliceData(argv)), envp)
	}
	return &imageError{"cannot execute the image", errno, nil}
}

// Start begins to carry out p in a child process, with which the caller goes
// on. attr is as for [os.StartProcess], and nil stands for a zero one: no
// descriptors, the caller's directory and environment. The environment is p's,
// or attr's where p has none. The descriptors of the child are attr.Files, each
// under its index, nil for a closed one, which programs dislike for 0 to 2; what p
// refers to by number is among them. One more, the image, follows them until p
// begins, or with [program.Image] as long as p wants.
//
// Start needs a /proc, also in the root of attr.Sys.Chroot. It may be called by
// many goroutines at once. The errors are those of [Exec] and an [*os.PathError]
// with the error number of execve(2) or clone(2) inside. Whoever calls it has to
// wait for the child.
func Start(p *program.Program, attr *os.ProcAttr) (*os.Process, error) {
	var with os.ProcAttr
	if attr != nil {
		with = *attr
	}
	path, files, err := imageFiles(new(Workspace), p, len(with.Files))
	if err != nil {
		return nil, err
	}
	defer closeAll(files)
	with.Files = append(slices.Clip(with.Files), files...)
	if p.Env != nil {
		with.Env = p.Env
	}
	prestart.PrepareChild()
	return os.StartProcess(path, p.Cmdline, &with)
}

// imageFiles makes the image of p and returns the path that it is executed by and the
// files that a child has to be handed on as well, behind number others. What is not among
// those can be overwritten in the child while they are put in their places.
func imageFiles(w *Workspace, p *program.Program, number int) (string, []*os.File, error) {
	img, err := newImage(w, p, nil, number)
	if err != nil {
		return "", nil, err
	}
	files := []*os.File{os.NewFile(uintptr(img.fd), "image")}
	if img.data != 0 {
		files = append(files, os.NewFile(uintptr(img.data), "instructions"))
	}
	return image{fd: number}.path(), files, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// closeImage closes the descriptor by which a child was handed its image.
func closeImage(number int) []*program.Step {
	b := program.New("")
	b.Close(program.Int(int64(number))).Tolerate()
	return b.Program().Steps
}

// fallbackEnviron is the environment in a binary without the entry: as the process
// was given it, byte for byte, unless it has changed it since.
func fallbackEnviron() []string {
	now := syscall.Environ()
	if env := prestart.Environ(); env != nil && unchanged(env, now) {
		return env
	}
	return now
}

// unchanged reports whether the variables that Go knows now are those of an
// environment, of which the first entry of each name counts.
func unchanged(env, now []string) bool {
	first := map[string]string{}
	for _, entry := range env {
		name, value, found := strings.Cut(entry, "=")
		if _, again := first[name]; found && !again {
			first[name] = value
		}
	}
	count := 0
	for _, entry := range now {
		name, value, found := strings.Cut(entry, "=")
		if !found {
			continue
		}
		if was, known := first[name]; !known || was != value {
			return false
		}
		count++
	}
	return count == len(first)
}

// image is a file that can be executed and no longer changed. With a stub that is the
// stub, and data is the file of instructions, otherwise 0.
type image struct{ fd, data int }

// Close gives up the descriptors.
func (i image) Close() error {
	i.closeRaw()
	return nil
}

// inherit lets the descriptor that p refers to survive the execution of the image.
func (i image) inherit(p *program.Program) {
	fd := i.fd
	if i.data != 0 {
		fd = i.data
	}
	if i.data != 0 || usesImage(p) {
		prestart.Syscall(unix.SYS_FCNTL, uintptr(fd), unix.F_SETFD, 0, 0, 0, 0)
	}
}

// closeRaw is Close before the Go runtime has started.
func (i image) closeRaw() {
	prestart.Syscall(unix.SYS_CLOSE, uintptr(i.fd), 0, 0, 0, 0, 0)
	if i.data != 0 {
		prestart.Syscall(unix.SYS_CLOSE, uintptr(i.data), 0, 0, 0, 0, 0)
	}
}

// known is the number by which a Program knows the descriptor.
func (i image) known(number int) int {
	if number == own {
		return i.fd
	}
	return number
}

// path leads to the image where there is a /proc.
func (i image) path() string { return "/proc/self/fd/" + strconv.Itoa(i.fd) }

// execveat is execveat(2) of the descriptor itself, which needs no /proc.
func (i image) execveat(argv, envp unsafe.Pointer) syscall.Errno {
	var empty [1]byte
	for tries := 0; ; tries++ {
		errno := prestart.Errno(prestart.Syscall(unix.SYS_EXECVEAT, uintptr(i.fd), uintptr(unsafe.Pointer(&empty)),
			uintptr(argv), uintptr(envp), unix.AT_EMPTY_PATH, 0))
		if errno != unix.ETXTBSY || tries >= program.Retries { // a fork of ours may hold it open for a moment
			return errno
		}
	}
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

// own is the number of an image's descriptor that stays what it is.
const own = -1

// newImage builds the image of p in a file. number is that of its descriptor in
// the process that will execute it.
func newImage(w *Workspace, p *program.Program, prologue []*program.Step, number int) (image, error) {
	switch {
	case !Supported:
		return image{}, ErrUnsupported
	case !toCopy().copyable():
		return image{}, errUnusual
	}
	if err := p.Validate(); err != nil {
		return image{}, fmt.Errorf("invalid program: %w", err)
	}
	if number != own && !usesImage(p) && stub == "" {
		prologue = append(closeImage(number), prologue...)
	}
	if !hasStack(p.Frame) {
		return image{}, &imageError{fmt.Sprintf("no room on the stack for variables of %d bytes", p.Frame), unix.ENOMEM, ErrStack}
	}
	if stub != "" {
		return stubImage(w, p, prologue, number)
	}
	fd, errno := memfd(unix.MFD_EXEC)
	if errno != 0 {
		return imageFile(w, p, prologue, number, errno)
	}
	img := image{fd: fd}
	data := w.assemble(p, prologue, loadAddress, img.known(number), true)
	if !mayWrite(len(data)) {
		img.Close()
		return image{}, &imageError{"cannot write the image", unix.EFBIG, ErrFileSize}
	}
	if errno := fill(img.fd, data); errno != 0 {
		img.Close()
		return image{}, &imageError{"cannot write the image", errno, nil}
	}
	return img, nil
}

// alwaysStack is what every process has of a stack for variables, whatever the
// limit.
const alwaysStack = 128 << 10

// hasStack reports whether RLIMIT_STACK leaves room for variables: execve(2) gives
// a quarter at most to arguments and environment.
func hasStack(size int) bool {
	var limit unix.Rlimit
	if size <= alwaysStack || unix.Getrlimit(unix.RLIMIT_STACK, &limit) != nil {
		return true
	}
	return limit.Cur/4*3 >= uint64(size+alwaysStack)
}

// usesImage reports whether p refers to the descriptor of its image, which must
// then survive the image's execution.
func usesImage(p *program.Program) bool {
	for _, s := range p.Steps {
		for _, a := range s.Args {
			if a.Kind() == program.KindImage {
				return true
			}
		}
	}
	return false
}

// memfd makes an empty file in memory, executable or not. MFD_EXEC and MFD_NOEXEC_SEAL are since Linux 6.3, and
// without it vm.memfd_noexec=1 would make a file that cannot be executed. Raw
// calls, here and in fill, also work before the Go runtime starts.
func memfd(executable uintptr) (int, syscall.Errno) {
	const flags = uintptr(unix.MFD_ALLOW_SEALING | unix.MFD_CLOEXEC)
	name := [...]byte{'n', 's', 'k', 'i', 't', 0}
	fd := prestart.Syscall(unix.SYS_MEMFD_CREATE, uintptr(unsafe.Pointer(&name)), flags|executable, 0, 0, 0, 0)
	if prestart.Errno(fd) == unix.EINVAL {
		fd = prestart.Syscall(unix.SYS_MEMFD_CREATE, uintptr(unsafe.Pointer(&name)), flags, 0, 0, 0, 0)
	}
	return int(fd), prestart.Errno(fd)
}

// mayWrite reports whether RLIMIT_FSIZE lets a file of size bytes be written: to
// try and fail would mean to die of SIGXFSZ.
func mayWrite(size int) bool {
	var limit unix.Rlimit
	result := prestart.Syscall(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_FSIZE, 0, uintptr(unsafe.Pointer(&limit)), 0, 0)
	return prestart.Errno(result) != 0 || limit.Cur >= uint64(size)
}

// fill writes the image and seals it: nobody can change it through
// /proc/PID/exe while it runs, whatever their privilege.
func fill(fd int, data []byte) syscall.Errno {
	for tries := 0; len(data) > 0; tries++ {
		n := prestart.Syscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(data))), uintptr(len(data)), 0, 0, 0)
		switch errno := prestart.Errno(n); {
		case errno == 0:
			data = data[n:]
		case errno != unix.EINTR || tries >= program.Retries:
			return errno
		}
	}
	const seals = unix.F_SEAL_WRITE | unix.F_SEAL_GROW | unix.F_SEAL_SHRINK | unix.F_SEAL_SEAL
	return prestart.Errno(prestart.Syscall(unix.SYS_FCNTL, uintptr(fd), unix.F_ADD_SEALS, seals, 0, 0, 0))
}
