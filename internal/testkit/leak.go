package testkit

import (
	"bytes"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// system is what tests could leave behind, as they found it.
type system struct {
	mounts map[string]string // mountinfo line without its number, to its mount point
	links  map[string]bool   // names of network interfaces
}

// look takes the state of the system now.
func look() system {
	s := system{mounts: map[string]string{}, links: interfaces()}
	for _, line := range mountLines() {
		s.mounts[mountKey(line)] = mountPoint(line)
	}
	return s
}

// interfaces lists the network interfaces. The kernel may leave one out of a
// list while others come and go, so it is asked until it says the same twice.
func interfaces() map[string]bool {
	var names, before map[string]bool
	Poll(func() bool {
		before, names = names, map[string]bool{}
		links, _ := net.Interfaces() // none seen is none leaked
		for _, link := range links {
			names[link.Name] = true
		}
		return maps.Equal(before, names)
	})
	return names
}

// leaks lists what is in now and was not in before. On a system that is not
// the tests' own, mounts outside of their directory are others', and so are
// interfaces: a test that can make one there can make namespaces, too.
func leaks(before, now system, root string) []string {
	var found []string
	for key, point := range now.mounts {
		if _, old := before.mounts[key]; !old && (isApart || below(point, root)) {
			found = append(found, "mount "+key)
		}
	}
	for name := range now.links {
		if !before.links[name] && isApart {
			found = append(found, "network interface "+name)
		}
	}
	slices.Sort(found)
	return found
}

// waitForLeaks returns what is left behind for good: everything has the time of
// patience to go by itself. The processes among it are killed.
func waitForLeaks(before system, root string) []string {
	var found []string
	Poll(func() bool {
		found = leaks(before, look(), root)
		for _, pid := range orphans() {
			found = append(found, "process "+describe(pid))
		}
		return len(found) == 0
	})
	killOrphans()
	return found
}

// killOrphans ends all processes below this one.
func killOrphans() {
	for pids := orphans(); len(pids) > 0; pids = orphans() {
		killAll(pids)
		time.Sleep(time.Millisecond)
	}
}

// Poll asks until the answer is yes; false if it never is.
// It waits for the time of patience.
func Poll(done func() bool) bool {
	for end := time.Now().Add(patience()); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if done() {
			return true
		}
	}
	return done()
}

// orphans reaps the dead children of this process and returns the live ones.
func orphans() []int {
	for {
		if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); pid <= 0 || err != nil {
			break
		}
	}
	self := os.Getpid()
	return processes(func(pid int) bool { return parent(pid) == self })
}

// Children describes the processes that a test has not waited for, or that have
// lost their own parent.
func Children() []string {
	var left []string
	self := os.Getpid()
	for _, pid := range processes(func(pid int) bool { return parent(pid) == self }) {
		left = append(left, describe(pid))
	}
	return left
}

// processes lists those of this PID namespace that fit.
func processes(fits func(pid int) bool) []int {
	var pids []int
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil && fits(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// stat returns the fields of /proc/PID/stat behind the name: state, parent, ...
func stat(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
}

// parent is the parent's PID, 0 for a process that is gone.
func parent(pid int) int {
	if fields := stat(pid); len(fields) > 1 {
		ppid, _ := strconv.Atoi(fields[1])
		return ppid
	}
	return 0
}

// ended says that a process does not run any more: gone, or a zombie. A zombie
// with a second thread is none yet: that thread keeps its files and namespaces.
func ended(pid int) bool {
	fields := stat(pid)
	if len(fields) > 0 && fields[0] != "Z" && fields[0] != "X" {
		return false
	}
	threads, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	return len(threads) <= 1
}

// describe names a process for a message.
func describe(pid int) string {
	line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return fmt.Sprintf("%d: %s", pid, bytes.ReplaceAll(line, []byte{0}, []byte{' '}))
}

func killAll(pids []int) {
	for _, pid := range pids {
		_ = unix.Kill(pid, unix.SIGKILL) // gone is what we want
	}
}

func mountLines() []string {
	text, _ := os.ReadFile("/proc/self/mountinfo")
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// mountKey is what identifies a mount across two looks: everything but the
// number and the parent's, the peer group and the order.
func mountKey(line string) string {
	fields := strings.Fields(line)
	if len(fields) < 7 {
		return line
	}
	source := slices.Index(fields, "-") + 1
	return strings.Join(append([]string{fields[4], fields[3]}, fields[source:source+2]...), " ")
}

// mountPoint is a line's mount point; of the escapes only that of the blank matters.
func mountPoint(line string) string {
	fields := strings.Fields(line)
	if len(fields) < 5 {
		return ""
	}
	return strings.ReplaceAll(fields[4], `\040`, " ")
}

// mountsBelow lists the mount points in a directory, the innermost first.
func mountsBelow(dir string) []string {
	var points []string
	for _, line := range mountLines() {
		if point := mountPoint(line); below(point, dir) {
			points = append(points, point)
		}
	}
	slices.Reverse(points)
	return points
}

func below(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, filepath.Clean(dir)+"/")
}

func detach(points []string) {
	for _, point := range points {
		_ = unix.Unmount(point, unix.MNT_DETACH) // what stays is found by the next look
	}
}
