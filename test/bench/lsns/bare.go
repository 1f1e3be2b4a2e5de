package main

import (
	"bytes"
	"encoding/binary"
	"syscall"
	"unsafe"
)

// The bare scans make the system calls and throw the results away, on one
// thread: there a scanner of /proc cannot be cheaper.
const (
	bare      = "bare "
	bareLinks = bare + "links"
	bareFiles = bare + "files"
)

var kinds = []string{"mnt", "net", "ipc", "user", "pid", "uts", "cgroup", "time"}

// scan reads the links to the namespaces of all processes and, with files, those
// of their open files.
func scan(files bool) error {
	proc, err := syscall.Open("/proc", syscall.O_RDONLY|syscall.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(proc)
	dents, fds := make([]byte, 32<<10), make([]byte, 8<<10)
	eachNumber(proc, dents, func(pid []byte) {
		links(proc, pid)
		if files {
			openFiles(proc, pid, fds)
		}
	})
	return nil
}

func links(proc int, pid []byte) {
	var path [64]byte
	for _, kind := range kinds {
		copy(path[copy(path[:], pid):], "/ns/"+kind+"\x00")
		readlink(proc, &path[0])
	}
}

func openFiles(proc int, pid, dents []byte) {
	var path [64]byte
	copy(path[copy(path[:], pid):], "/fd\x00")
	dir, _, errno := syscall.RawSyscall6(syscall.SYS_OPENAT, uintptr(proc), uintptr(unsafe.Pointer(&path[0])), syscall.O_RDONLY|syscall.O_DIRECTORY, 0, 0, 0)
	if errno != 0 {
		return
	}
	eachNumber(int(dir), dents, func(fd []byte) { readlink(int(dir), &fd[0]) })
	syscall.RawSyscall(syscall.SYS_CLOSE, dir, 0, 0)
}

func readlink(dir int, path *byte) {
	var text [64]byte
	syscall.RawSyscall6(syscall.SYS_READLINKAT, uintptr(dir), uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(&text[0])), uintptr(len(text)), 0, 0)
}

// eachNumber calls each for the names of a directory that begin with a digit. A
// zero byte follows them.
func eachNumber(dir int, dents []byte, each func(name []byte)) {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_GETDENTS64, uintptr(dir), uintptr(unsafe.Pointer(&dents[0])), uintptr(len(dents)))
		if errno != 0 || n == 0 {
			return
		}
		for entries := dents[:n]; len(entries) > 19; {
			length := binary.NativeEndian.Uint16(entries[16:])
			name := entries[19:length]
			if name[0] >= '0' && name[0] <= '9' {
				each(name[:bytes.IndexByte(name, 0)])
			}
			entries = entries[length:]
		}
	}
}
