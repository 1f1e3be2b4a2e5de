package trampoline

import (
	"cmp"
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/internal/strerror"
	"golang.org/x/sys/unix"
)

// imageDirs are where an image goes if the kernel has no executable memfd
// (vm.memfd_noexec=2, or Linux before 3.17).
var imageDirs = [...]string{"/dev/shm", "/run", "/tmp", "/var/tmp", "."}

// imageFile puts the image of p into an unnamed file, in the first
// directory that allows it. memfdError is why that is needed.
func imageFile(w *Workspace, p *program.Program, prologue []*program.Step, number int, memfdError syscall.Errno) (image, error) {
	var tried []string
	for _, dir := range imageDirs {
		img, err := imageFileIn(w, dir, p, prologue, number)
		if err == nil {
			return img, nil
		}
		tried = append(tried, tellDir(dir, err))
	}
	return image{}, &imageError{"no place for an executable image (" + strings.Join(tried, ", ") + "), and none in memory", memfdError, ErrNoPlace}
}

// tellDir says in a few words what is wrong with a directory.
func tellDir(dir string, err error) string {
	if errors.Is(err, errNoexec) {
		return dir + ": mounted noexec"
	}
	return dir + ": " + strerror.Of(err)
}

// errNoexec says that nothing in a file system can be executed.
var errNoexec = errors.New("the file system is mounted noexec")

// imageFileIn makes the file in dir.
func imageFileIn(w *Workspace, dir string, p *program.Program, prologue []*program.Step, number int) (image, error) {
	if err := mayExecute(dir); err != nil {
		return image{}, err
	}
	if err := rawfile.StartPoller(); err != nil {
		return image{}, err
	}
	// A child that another goroutine starts meanwhile would inherit the
	// descriptor for writing, and as long as it has it the kernel executes no such
	// file.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	file, fd, err := unnamed(dir)
	if err != nil {
		file, fd, err = named(dir)
	}
	if err != nil {
		return image{}, err
	}
	defer file.Close()
	_, err = file.Write(w.assemble(p, prologue, loadAddress, image{fd: fd}.known(number), true))
	if err == nil {
		err = file.Chmod(0o555) // who executes it may have become another user
	}
	if err != nil {
		unix.Close(fd)
		return image{}, err
	}
	return image{fd: fd}, nil
}

// unnamed makes an empty file in dir that never has a name (Linux 3.11; not in
// every file system). It is opened a second time for reading only, which takes a
// /proc, because the kernel executes no file that is open for writing.
func unnamed(dir string) (file *os.File, fd int, err error) {
	made, err := unix.Open(dir, unix.O_TMPFILE|unix.O_EXCL|unix.O_RDWR|unix.O_CLOEXEC, 0o700)
	if err != nil {
		return nil, -1, err
	}
	file = os.NewFile(uintptr(made), dir)
	if fd, err = unix.Open("/proc/self/fd/"+strconv.Itoa(made), unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		file.Close()
	}
	return file, fd, err
}

// named makes a file in dir that loses its name as soon as it is opened again.
func named(dir string) (file *os.File, fd int, err error) {
	if file, err = os.CreateTemp(dir, ".nskit-"); err != nil {
		return nil, -1, err
	}
	defer os.Remove(file.Name())
	if fd, err = reopen(file); err != nil {
		file.Close()
	}
	return file, fd, err
}

// errReplaced says that somebody who may write to the directory was faster.
var errReplaced = errors.New("it was replaced while it was made")

// reopen opens a file that was just made for reading only. Who owns the
// directory can put another in its place, which must not be what is executed.
func reopen(file *os.File) (int, error) {
	fd, err := unix.Open(file.Name(), unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: file.Name(), Err: err}
	}
	var made, opened unix.Stat_t
	err = cmp.Or(unix.Fstat(int(file.Fd()), &made), unix.Fstat(fd, &opened))
	if err == nil && (made.Dev != opened.Dev || made.Ino != opened.Ino) {
		err = errReplaced
	}
	if err != nil {
		unix.Close(fd)
		return -1, &os.PathError{Op: "open", Path: file.Name(), Err: err}
	}
	return fd, nil
}

// mayExecute fails for a file system that is mounted noexec.
func mayExecute(dir string) error {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return &os.PathError{Op: "statfs", Path: dir, Err: err}
	}
	if st.Flags&unix.ST_NOEXEC != 0 {
		return errNoexec
	}
	return nil
}
