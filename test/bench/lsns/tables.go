package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"github.com/nskit/nskit/internal/bench"
)

const (
	// bareTables finds all mount namespaces and reads the mount table of each, on one thread.
	bareTables = bare + "tables"
	// breeder makes the processes of mounted, in a mount namespace of its own.
	breeder = "breed mounts"
	// everywhere is a mount point in all their namespaces that the host does not have, and
	// once one in a single one of them.
	everywhere = "/mnt/nskit-bench/everywhere"
	once       = "/mnt/nskit-bench/once"
)

// mounted is so many processes in so many mount namespaces, each with so many mounts.
func mounted(processes, namespaces, mounts int) *bench.Surroundings {
	return &bench.Surroundings{Enter: func(run func()) error {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		template := exec.Command(self)
		template.Args = []string{breeder, strconv.Itoa(processes), strconv.Itoa(namespaces), strconv.Itoa(mounts)}
		template.Stderr = os.Stderr
		template.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL}
		out, err := template.StdoutPipe()
		if err != nil {
			return err
		}
		if err := template.Start(); err != nil {
			return err
		}
		defer func() { _ = template.Process.Kill(); _ = template.Wait() }() // all others end with it
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
			return errors.New("the processes cannot be made: " + line)
		}
		run()
		return nil
	}}
}

// breedMounted is the first process of them.
func breedMounted(words []string) error {
	var n [3]int
	for i := range n {
		n[i], _ = strconv.Atoi(words[i+1])
	}
	if err := mountMany(n[2]); err != nil {
		return err
	}
	for i := range n[1] {
		size := n[0]*(i+1)/n[1] - n[0]*i/n[1]
		if _, err := group(size, syscall.CLONE_NEWNS); err != nil {
			return err
		}
	}
	if err := mountAt(once); err != nil {
		return err
	}
	fmt.Println("ready")
	time.Sleep(1 << 62) // until it is killed
	return nil
}

// mountMany makes mounts until there are so many.
func mountMany(count int) error {
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := syscall.Mount("bench", "/mnt", "tmpfs", 0, ""); err != nil {
		return err
	}
	if err := mountAt(everywhere); err != nil {
		return err
	}
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	for i := bytes.Count(table, []byte{'\n'}); i < count; i++ {
		point := "/mnt/layers/merged-" + strconv.Itoa(i)
		if err := os.MkdirAll(point, 0o755); err != nil {
			return err
		}
		if err := syscall.Mount("/mnt", point, "", syscall.MS_BIND, ""); err != nil {
			return err
		}
	}
	return nil
}

func mountAt(point string) error {
	if err := os.MkdirAll(point, 0o755); err != nil {
		return err
	}
	return syscall.Mount("held", point, "tmpfs", 0, "")
}

// scanTables reads one mount table a namespace.
func scanTables() error {
	proc, err := syscall.Open("/proc", syscall.O_RDONLY|syscall.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(proc)
	buffer, seen := make([]byte, 64<<10), map[string]bool{}
	eachNumber(proc, make([]byte, 32<<10), func(pid []byte) {
		var path, text [64]byte
		copy(path[copy(path[:], pid):], "/ns/mnt\x00")
		n, _, errno := syscall.RawSyscall6(syscall.SYS_READLINKAT, uintptr(proc), uintptr(unsafe.Pointer(&path[0])),
			uintptr(unsafe.Pointer(&text[0])), uintptr(len(text)), 0, 0)
		if errno != 0 || seen[string(text[:n])] {
			return
		}
		seen[string(text[:n])] = true
		readAll("/proc/"+strings.TrimRight(string(pid), "\x00")+"/mountinfo", buffer)
	})
	return nil
}

func readAll(path string, buffer []byte) {
	fd, err := syscall.Open(path, syscall.O_RDONLY, 0)
	if err != nil {
		return
	}
	defer syscall.Close(fd)
	for {
		if n, err := syscall.Read(fd, buffer); err != nil || n == 0 {
			return
		}
	}
}
