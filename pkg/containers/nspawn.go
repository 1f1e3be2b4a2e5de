//go:build linux

package containers

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// nspawnProgram is systemd-nspawn(1). With --register=no machined does not know its container, but
// the process that waits for it has the name on its command line, and it as its child.
const nspawnProgram = "systemd-nspawn"

// unregistered are the containers of running systemd-nspawns that no state file has.
func unregistered(at Places, running []daemon, known []entry, out outside) (found []entry) {
	for _, d := range running {
		if path.Base(d.args[0]) != nspawnProgram {
			continue
		}
		name := nspawnName(d.args, workingDirectory(at.root(), d.pid))
		for _, pid := range children(at.root(), d.pid) {
			e, ok := nspawned(at.root(), name, pid, out)
			if ok && !slices.ContainsFunc(known, func(k entry) bool { return k.PID == pid }) {
				found = append(found, e)
			}
		}
	}
	return found
}

// nspawned is the container whose init is a child of a systemd-nspawn: it runs a program of the
// container's or, as the stub that --as-pid2 asks for, has a child that does.
func nspawned(root, name string, pid int, out outside) (entry, bool) {
	v, err := look(root, strconv.Itoa(pid))
	if err != nil || v.dead || !out.apart(v) || !validName(name) {
		return entry{}, false
	}
	programs := append([]int{pid}, children(root, pid)...)
	if !slices.ContainsFunc(programs, func(pid int) bool { return executesOwn(root, pid) }) {
		return entry{}, false
	}
	e := entry{knows: state}
	e.Container = Container{Name: name, ID: name, Runtime: Machined, Apart: true, Source: procDir(root, pid)}
	e.set(v.Process)
	return e, true
}

// children are those of a process's first thread, see proc_pid_task(5).
func children(root string, pid int) []int {
	text, err := readFile(path.Join(procDir(root, pid), "task", strconv.Itoa(pid), "children"), maxProc)
	if err != nil {
		return nil
	}
	var pids []int
	for _, word := range strings.Fields(text) {
		if child := parsePID(word); child != 0 {
			pids = append(pids, child)
		}
	}
	return pids
}

// workingDirectory is where a process is, "" where that is not to be known.
func workingDirectory(root string, pid int) string {
	var text [4096]byte
	n, err := unix.Readlink(procDir(root, pid)+"/cwd", text[:])
	if err != nil {
		return ""
	}
	return string(text[:n])
}

// nspawnName is the name of the machine that a systemd-nspawn has started in a working directory:
// what it was told, else that of the image or directory.
func nspawnName(args []string, cwd string) string {
	var machine, image, directory string
	nspawnOptions(args, func(name, value string) {
		switch name {
		case "M", "machine":
			machine = value
		case "i", "image":
			image = strings.TrimSuffix(path.Base(value), ".raw")
		case "D", "directory", "template", "oci-bundle":
			if directory == "" || name == "D" || name == "directory" {
				directory = value
			}
		}
	})
	switch {
	case machine != "":
		return machine
	case image != "":
		return hostName(image)
	case path.IsAbs(directory):
		return hostName(path.Base(directory))
	}
	return hostName(path.Base(path.Join(cwd, directory)))
}

// nspawnFlags are the long options of systemd-nspawn that take no value, or only one after =.
var nspawnFlags = []string{"as-pid2", "boot", "ephemeral", "help", "keep-unit", "network-veth", "no-pager", "pipe", "private-network",
	"private-users", "private-users-chown", "quiet", "read-only", "share-system", "version", "volatile"}

// nspawnOptions calls f with each option of a command line of systemd-nspawn, whose options end where the
// program begins.
func nspawnOptions(args []string, f func(name, value string)) {
	for args = args[1:]; len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && args[0] != "--"; {
		word := args[0]
		args = args[1:]
		if long, ok := strings.CutPrefix(word, "--"); ok {
			name, value, given := strings.Cut(long, "=")
			if !given && !slices.Contains(nspawnFlags, name) && len(args) > 0 {
				value, args = args[0], args[1:]
			}
			f(name, value)
			continue
		}
		for i := 1; i < len(word); i++ {
			if !strings.Contains("DuLMSZipE", word[i:i+1]) {
				continue
			}
			value := word[i+1:]
			if value == "" && len(args) > 0 {
				value, args = args[0], args[1:]
			}
			f(word[i:i+1], value)
			break
		}
	}
}

// hostName is what systemd-nspawn makes of a file's name: letters, digits, hyphens and single dots.
func hostName(name string) string {
	var b strings.Builder
	last := byte('.')
	for _, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if letter || c == '-' && last != '.' || c == '.' && last != '.' && last != '-' {
			b.WriteByte(c)
			last = c
		}
	}
	return strings.TrimRight(b.String(), ".-")
}
