//go:build linux

package containers

import (
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// daemon is a running process whose command line tells where containers are.
type daemon struct {
	pid  int
	args []string
}

// daemonsOf are the running daemons, one of those with the same command line. Only the
// word of those counts that run as
// root or as the caller, and that see the files which the caller sees: in a
// container anybody can call himself dockerd.
func daemonsOf(root string, out outside) (running []daemon) {
	names, err := entries(path.Join(root, "proc"), maxPID)
	if err != nil {
		return nil
	}
	proc, err := unix.Open(path.Join(root, "proc"), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(proc)
	buffer := make([]byte, 32)
	for _, name := range names {
		if parsePID(name) == 0 || !slices.Contains(daemonNames, commandName(proc, name, buffer)) {
			continue
		}
		args := trusted(root, name, out)
		if isDaemon(args) && !slices.ContainsFunc(running, func(known daemon) bool { return slices.Equal(known.args, args) }) {
			running = append(running, daemon{parsePID(name), args})
		}
	}
	return running
}

// commandName reads /proc/PID/comm: it is read of every process, and so with as
// few calls as there can be.
func commandName(proc int, name string, buffer []byte) string {
	fd, err := unix.Openat(proc, name+"/comm", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return ""
	}
	n, _ := unix.Read(fd, buffer)
	unix.Close(fd)
	return strings.TrimSuffix(string(buffer[:max(n, 0)]), "\n")
}

// trusted is the command line of a process whose word counts.
func trusted(root, name string, out outside) []string {
	dir, err := openProc(root, name)
	if err != nil {
		return nil
	}
	defer unix.Close(dir)
	var st unix.Stat_t
	if unix.Fstat(dir, &st) != nil || st.Uid != 0 && st.Uid != uint32(os.Geteuid()) {
		return nil
	}
	where, err := rootOf(dir)
	if err != nil || len(out) == 0 || out[0].Root != where {
		return nil
	}
	// A user's own podman has a mount namespace of its own.
	if mount, err := mountNamespace(dir, "ns/mnt"); st.Uid == 0 && (err != nil || out[0].Mount != mount) {
		return nil
	}
	line, err := readAt(dir, "cmdline", maxProc)
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimRight(line, "\x00"), "\x00")
}
