package userdb

import (
	"os"
	"path"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/internal/prestart"
)

// Ask runs a program of the system and returns what it prints, nothing if it
// cannot be run. The standard library's os/exec would be ten times this code, which every choice of applets has.
func Ask(name string, args ...string) string {
	file := search(name)
	if file == "" {
		return ""
	}
	return Run(file, append([]string{name}, args...))
}

// Run is Ask of a file with an argument vector.
func Run(file string, argv []string) string {
	null, err := unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return ""
	}
	defer unix.Close(null)
	var pipe [2]int
	if unix.Pipe2(pipe[:], unix.O_CLOEXEC) != nil {
		return ""
	}
	defer unix.Close(pipe[0])
	prestart.PrepareChild()
	files := []uintptr{uintptr(null), uintptr(pipe[1]), uintptr(null)}
	pid, err := syscall.ForkExec(file, argv, &syscall.ProcAttr{Env: os.Environ(), Files: files})
	unix.Close(pipe[1])
	if err != nil {
		return ""
	}
	text := readAll(pipe[0])
	for err = unix.EINTR; err == unix.EINTR; {
		_, err = unix.Wait4(pid, nil, 0, nil)
	}
	return text
}

// search finds a program in the absolute directories of PATH, "" for none.
func search(name string) string {
	for dir := range strings.SplitSeq(os.Getenv("PATH"), ":") {
		file := path.Join(dir, name)
		if info, err := os.Stat(file); path.IsAbs(dir) && err == nil && !info.IsDir() && unix.Faccessat(unix.AT_FDCWD, file, unix.X_OK, unix.AT_EACCESS) == nil {
			return file
		}
	}
	return ""
}

// readAll reads to the end, or as far as it gets.
func readAll(fd int) string {
	var text []byte
	part := make([]byte, 4096)
	for {
		switch n, err := unix.Read(fd, part); {
		case err == unix.EINTR:
		case err != nil || n == 0:
			return string(text)
		default:
			text = append(text, part[:n]...)
		}
	}
}
